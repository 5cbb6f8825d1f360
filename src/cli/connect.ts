import { spawn } from 'node:child_process'
import { NET, profileClient } from './client.ts'
import type { Net } from './client.ts'
import { COMMON, parsed, PROFILE, RefusedError, running } from './command.ts'
import { secondsOf } from './credential.ts'
import type { Io } from './io.ts'

const USAGE = 'connect TARGET [--for 1h] [--profile NAME] [-- psql arguments]'

/** Starts a program with the terminal as its own and answers its exit code; `missing` where there is no such program. */
export type Launch = (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
) => Promise<number | 'missing'>

/** `connect TARGET`: mints a credential and starts psql with it. The secret goes by the environment, never by the command line that others can list. */
export async function run(
  argv: readonly string[],
  io: Io,
  net: Net & { readonly launch?: Launch } = NET,
): Promise<number> {
  let code = 0
  const failure = await running({ usage: USAGE, argv, io }, async () => {
    const cut = argv.includes('--') ? argv.indexOf('--') : argv.length
    const { values, positionals } = parsed(argv.slice(0, cut), {
      options: { ...COMMON, ...PROFILE, for: { type: 'string' } },
      words: { least: 1, most: 1 },
    })
    const client = await profileClient(values.profile, io, net)
    const minted = await client.mint({ target: positionals[0] ?? '', forSeconds: secondsOf(values.for ?? '1h') })
    const ended = await (net.launch ?? launch)('psql', [...psqlArguments(minted.dsn), ...argv.slice(cut + 1)], {
      ...io.env,
      PGPASSWORD: minted.secret,
    })
    if (ended === 'missing')
      throw new RefusedError('psql is not installed here; use "countersign credential" and any other client')
    code = ended
    return 0
  })
  return failure === 0 ? code : failure
}

function psqlArguments(dsn: string): readonly string[] {
  const url = new URL(dsn)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return [
    '-h',
    host,
    '-p',
    url.port,
    '-U',
    decodeURIComponent(url.username),
    '-d',
    decodeURIComponent(url.pathname.slice(1)),
  ]
}

/** Ctrl-C is the client's: it cancels a statement there and must not end us. */
const launch: Launch = (program, args, env) =>
  new Promise((resolve, reject) => {
    const ignore = (): void => undefined
    process.on('SIGINT', ignore)
    const child = spawn(program, [...args], { stdio: 'inherit', env: { ...env } })
    child.on('error', (error) => ('code' in error && error.code === 'ENOENT' ? resolve('missing') : reject(error)))
    child.on('exit', (code) => {
      process.off('SIGINT', ignore)
      resolve(code ?? 1)
    })
  })
