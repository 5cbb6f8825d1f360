import { approvalText } from './approval-text.ts'
import { approveScript, isScript } from './approve-script.ts'
import { breakGlass } from './break-glass.ts'
import { NET, profileClient } from './client.ts'
import type { Net } from './client.ts'
import { asked, COMMON, parsed, PROFILE, RefusedError, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { terminalLine } from './terminal.ts'

const USAGE =
  'approve ID [--digest DIGEST --code CODE] [--break-glass --incident INC --reason TEXT] [--profile NAME] [--json]'
const OPTIONS = {
  ...COMMON,
  ...PROFILE,
  digest: { type: 'string' },
  code: { type: 'string' },
  'break-glass': { type: 'boolean' },
  incident: { type: 'string' },
  reason: { type: 'string' },
} as const

/** `approve ID`: shows the whole statement and its effect, then asks for the code. A script must say what it saw by its digest. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 1 } })
    const [id = ''] = positionals
    if (!io.isTty && (values.digest === undefined || values.code === undefined))
      throw new UsageError('without a terminal, approve needs --digest and --code')
    const client = await profileClient(values.profile, io, net)
    if (values['break-glass'] === true) return breakGlass(client, id, { io, values })
    if (isScript(id)) return approveScript(client, id, { io, values })
    const detail = await client.approval(id)
    if (values.json !== true) io.out(approvalText(detail, io.isTty))
    if (detail.state !== 'open')
      throw new RefusedError(`it is ${detail.state}`, { code: 'decided', state: detail.state })
    if (detail.shown === null)
      throw new RefusedError('it cannot be shown whole, so it cannot be approved', { code: 'not-shown' })
    if (values.digest !== undefined && values.digest !== detail.digest)
      throw new RefusedError('the digest is not that of the held statement', { code: 'wrong-digest' })
    const totp =
      values.code ??
      (await asked(io, {
        text: 'One-time code to approve exactly this (empty leaves it): ',
        hidden: false,
        instead: '--code',
      }))
    if (totp === '') throw new RefusedError('left as it was')
    const after = await client.approve(id, { digest: detail.digest, factor: totp })
    io.out(
      values.json === true
        ? `${JSON.stringify(after)}\n`
        : `${terminalLine(`${id} is ${after.state === 'open' ? 'countersigned by you; it needs more' : after.state}`)}\n`,
    )
    return 0
  })
}
