import type { Client } from './client.ts'
import { scriptText } from './script-text.ts'
import { asked, RefusedError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { terminalLine } from './terminal.ts'

/** What the options of `approve` and `deny` come down to. */
export interface Options {
  readonly digest?: string | undefined
  readonly code?: string | undefined
  readonly json?: boolean | undefined
}

export const isScript = (id: string): boolean => id.startsWith('x_')

/** `approve x_…`: shows the whole script with the effect of each statement, then asks for the code. */
export async function approveScript(
  client: Client,
  id: string,
  { io, values }: { io: Io; values: Options },
): Promise<ExitCode> {
  const detail = await client.scripts.find(id)
  if (values.json !== true) io.out(scriptText(detail, io.isTty))
  if (detail.state !== 'open') throw new RefusedError(`it is ${detail.state}`, { code: 'decided', state: detail.state })
  if (detail.shown === null)
    throw new RefusedError('it cannot be shown whole, so it cannot be approved', { code: 'not-shown' })
  if (values.digest !== undefined && values.digest !== detail.digest)
    throw new RefusedError('the digest is not that of the script', { code: 'wrong-digest' })
  const question = 'One-time code to approve exactly this script (empty leaves it): '
  const factor = values.code ?? (await asked(io, { text: question, hidden: false, instead: '--code' }))
  if (factor === '') throw new RefusedError('left as it was')
  const after = await client.scripts.approve(id, { digest: detail.digest, factor })
  const state = after.state === 'open' ? 'countersigned by you; it needs more' : after.state
  io.out(values.json === true ? `${JSON.stringify(after)}\n` : `${terminalLine(`${id} is ${state}`)}\n`)
  return 0
}

/** `deny x_… --reason`: the submitter reads the reason. */
export async function denyScript(
  client: Client,
  id: string,
  { io, values, reason }: { io: Io; values: Options; reason: string },
): Promise<ExitCode> {
  const detail = await client.scripts.find(id)
  if (values.json !== true) io.out(scriptText(detail, io.isTty))
  const question = 'One-time code to deny it (empty leaves it): '
  const factor = values.code ?? (await asked(io, { text: question, hidden: false, instead: '--code' }))
  if (factor === '') throw new RefusedError('left as it was')
  const after = await client.scripts.deny(id, { digest: detail.digest, factor, reason })
  io.out(values.json === true ? `${JSON.stringify(after)}\n` : `${terminalLine(`${id} is ${after.state}`)}\n`)
  return 0
}
