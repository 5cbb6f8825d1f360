import { DURATION_FORM, parseDuration } from '../std/duration.ts'
import { NET, profileClient } from './client.ts'
import type { Net } from './client.ts'
import { COMMON, parsed, PROFILE, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { terminalLine } from './terminal.ts'

const USAGE = 'credential TARGET [--for 15m] [--profile NAME] [--json]'

/** `credential TARGET --for 15m`: prints a login secret and a ready DSN, once. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, {
      options: { ...COMMON, ...PROFILE, for: { type: 'string' } },
      words: { least: 1, most: 1 },
    })
    const [target = ''] = positionals
    const forSeconds = secondsOf(values.for ?? '15m')
    const client = await profileClient(values.profile, io, net)
    const minted = await client.mint({ target, forSeconds })
    if (values.json === true) io.out(`${JSON.stringify(minted)}\n`)
    else
      io.out(
        [
          'login     ' + minted.login,
          'password  ' + minted.secret,
          'until     ' + minted.expiresAt,
          'dsn       ' + minted.dsn,
        ]
          .map((line) => `${terminalLine(line)}\n`)
          .join(''),
      )
    return 0
  })
}

/** A duration in whole seconds. */
export function secondsOf(text: string, option = '--for'): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms < 1000) throw new UsageError(`${option} is ${DURATION_FORM}`)
  return Math.floor(ms / 1000)
}
