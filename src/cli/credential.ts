import { DURATION_FORM, parseDuration } from '../std/duration.ts'
import { NET, profileClient } from './client.ts'
import type { Net } from './client.ts'
import { asked, COMMON, parsed, PROFILE, RefusedError, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { terminalLine } from './terminal.ts'

const USAGE = `credential TARGET [--for 15m]      [--profile NAME] [--json]
       | credential TARGET --service NAME --for 30d [--code CODE]      for a program that you own`

/** `credential TARGET --for 15m`: prints a login secret and a ready DSN, once. With `--service` it is a program's, and costs its owner a code. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, {
      options: {
        ...COMMON,
        ...PROFILE,
        for: { type: 'string' },
        service: { type: 'string' },
        code: { type: 'string' },
      },
      words: { least: 1, most: 1 },
    })
    const [target = ''] = positionals
    const forSeconds = secondsOf(values.for ?? '15m')
    const client = await profileClient(values.profile, io, net)
    const minted = await client.mint({ target, forSeconds, ...(await ofProgram(values, io)) })
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

/** Whose it is, where that is a program, and the fresh code of its owner. */
async function ofProgram(
  { service, code }: { readonly service?: string | undefined; readonly code?: string | undefined },
  io: Io,
): Promise<{ service?: string; factor?: string }> {
  if (service === undefined) {
    if (code !== undefined) throw new UsageError('--code goes with --service')
    return {}
  }
  const text = `One-time code for a password of ${service} (empty leaves it): `
  const factor = code ?? (await asked(io, { text, hidden: false, instead: '--code' }))
  if (factor === '') throw new RefusedError('left as it was')
  return { service, factor }
}

/** A duration in whole seconds. */
export function secondsOf(text: string, option = '--for'): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms < 1000) throw new UsageError(`${option} is ${DURATION_FORM}`)
  return Math.floor(ms / 1000)
}
