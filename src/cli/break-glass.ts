import type { Client } from './client.ts'
import { asked, RefusedError, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { approvalText } from './approval-text.ts'
import { terminalLine } from './terminal.ts'

export interface BreakGlassOptions {
  readonly incident?: string | undefined
  readonly reason?: string | undefined
  readonly digest?: string | undefined
  readonly code?: string | undefined
  readonly json?: boolean | undefined
}

/** `approve ID --break-glass`: clears your own statement in an emergency. Everybody is told, and somebody else has to sign afterwards. */
export async function breakGlass(
  client: Client,
  id: string,
  { io, values }: { io: Io; values: BreakGlassOptions },
): Promise<ExitCode> {
  const { incident, reason } = values
  if (incident === undefined || reason === undefined || reason.trim() === '')
    throw new UsageError('--break-glass needs --incident and --reason')
  const detail = await client.approval(id)
  if (values.json !== true) io.out(approvalText(detail, io.isTty))
  if (detail.state !== 'open') throw new RefusedError(`it is ${detail.state}`, { code: 'decided', state: detail.state })
  if (values.digest !== undefined && values.digest !== detail.digest)
    throw new RefusedError('the digest is not that of the held statement', { code: 'wrong-digest' })
  const question = 'Everybody will be told. One-time code to clear your own statement (empty leaves it): '
  const factor = values.code ?? (await asked(io, { text: question, hidden: false, instead: '--code' }))
  if (factor === '') throw new RefusedError('left as it was')
  const after = await client.breakGlass(id, { digest: detail.digest, incident, reason, factor })
  const told = `${id} is ${after.state}; a review of ${incident} stays open until somebody else signs it`
  io.out(values.json === true ? `${JSON.stringify(after)}\n` : `${terminalLine(told)}\n`)
  return 0
}
