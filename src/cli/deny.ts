import { approvalText } from './approval-text.ts'
import { denyScript, isScript } from './approve-script.ts'
import { NET, profileClient } from './client.ts'
import type { Net } from './client.ts'
import { asked, COMMON, parsed, PROFILE, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { terminalLine } from './terminal.ts'

const USAGE = 'deny ID --reason TEXT [--code CODE] [--profile NAME] [--json]'

/** `deny ID --reason …`: the requester reads the reason. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const options = { ...COMMON, ...PROFILE, reason: { type: 'string' }, code: { type: 'string' } } as const
    const { values, positionals } = parsed(argv, { options, words: { least: 1, most: 1 } })
    const [id = ''] = positionals
    const { reason } = values
    if (reason === undefined || reason.trim() === '') throw new UsageError('--reason is needed; the requester reads it')
    const client = await profileClient(values.profile, io, net)
    if (isScript(id)) return denyScript(client, id, { io, values, reason })
    const detail = await client.approval(id)
    if (values.json !== true) io.out(approvalText(detail, io.isTty))
    const totp =
      values.code ?? (await asked(io, { text: 'One-time code to deny this: ', hidden: false, instead: '--code' }))
    const after = await client.deny(id, { digest: detail.digest, reason, factor: totp })
    io.out(values.json === true ? `${JSON.stringify(after)}\n` : `${terminalLine(`${id} is ${after.state}`)}\n`)
    return 0
  })
}
