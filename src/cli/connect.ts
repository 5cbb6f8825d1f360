import { spawn } from 'node:child_process'
import type { RequestView } from '../http/request-schemas.ts'
import type { AccessCalls } from './access-calls.ts'
import { NET, profileClient } from './client.ts'
import type { Client, Net } from './client.ts'
import { asked, COMMON, parsed, PROFILE, RefusedError, running } from './command.ts'
import { secondsOf } from './credential.ts'
import type { Io } from './io.ts'
import { endOf } from './request-text.ts'
import { grantedOr, settled } from './request-wait.ts'
import { terminalLine } from './terminal.ts'

const USAGE = 'connect TARGET [--for 1h] [--reason TEXT] [--ticket ID] [--profile NAME] [-- psql arguments]'

/** Starts a program with the terminal as its own and answers its exit code; `missing` where there is no such program. */
export type Launch = (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
) => Promise<number | 'missing'>

/** `connect TARGET`: mints a credential and starts psql with it; without a grant it asks for access first and waits for the answer. The secret goes by the environment, never by the command line that others can list. */
export async function run(
  argv: readonly string[],
  io: Io,
  net: Net & { readonly launch?: Launch } = NET,
): Promise<number> {
  let code = 0
  const failure = await running({ usage: USAGE, argv, io }, async () => {
    const cut = argv.includes('--') ? argv.indexOf('--') : argv.length
    const { values, positionals } = parsed(argv.slice(0, cut), {
      options: {
        ...{ ...COMMON, ...PROFILE, for: { type: 'string' } },
        ...{ reason: { type: 'string' }, ticket: { type: 'string' } },
      },
      words: { least: 1, most: 1 },
    })
    const client = await profileClient(values.profile, io, net)
    const order = { target: positionals[0] ?? '', forSeconds: secondsOf(values.for ?? '1h') }
    const minted = await client.mint(order).catch(async (thrown: unknown) => {
      if (!(thrown instanceof RefusedError) || thrown.json['code'] !== 'no-grant') throw thrown
      await accessFirst(client, { ...order, reason: values.reason, ticket: values.ticket }, io)
      return client.mint(order)
    })
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

interface Wish {
  readonly target: string
  readonly forSeconds: number
  readonly reason: string | undefined
  readonly ticket: string | undefined
}

/** Asks for access, waits until it is granted, and says on the way what is being waited for. */
async function accessFirst(client: Client, { target, forSeconds, ticket, ...given }: Wish, io: Io): Promise<void> {
  io.err(terminalLine(`there is no live grant for ${target}: asking for access`) + '\n')
  const text = `Why do you need ${target}? `
  const reason = given.reason ?? (await asked(io, { text, hidden: false, instead: '--reason' }))
  const wanted = { target, forMs: forSeconds * 1000, reason, ...(ticket === undefined ? {} : { ticket }) }
  const request = grantedOr(await settled(client, await openOrStanding(client, wanted), io))
  io.err(terminalLine(`${request.id}: ${endOf(request)}`) + '\n')
}

/** A second attempt waits for the same answer as the first one. */
async function openOrStanding(client: Client, wanted: Parameters<AccessCalls['ask']>[0]): Promise<RequestView> {
  try {
    return await client.access.ask(wanted)
  } catch (thrown) {
    const standing = thrown instanceof RefusedError ? thrown.json['request'] : undefined
    if (typeof standing !== 'string') throw thrown
    return client.access.find(standing)
  }
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
