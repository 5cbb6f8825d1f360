import { spawn } from 'node:child_process'
import type { RequestView } from '../http/request-schemas.ts'
import type { AccessCalls } from './access-calls.ts'
import { NET, profileClient } from './client.ts'
import type { Client, Net } from './client.ts'
import { asked, COMMON, parsed, PROFILE, RefusedError, running, UsageError } from './command.ts'
import { planSsh, sshArguments, sshConfig } from './connect-ssh.ts'
import { secondsOf } from './credential.ts'
import type { Io } from './io.ts'
import { ownDial } from './own-dial.ts'
import { loadProfile, profileName, profilePath } from './profile.ts'
import { endOf } from './request-text.ts'
import { grantedOr, settled } from './request-wait.ts'
import { sqlPrompt } from './sql-prompt.ts'
import { terminalLine, type Terminal } from './terminal.ts'

const USAGE =
  'connect TARGET [--for 1h] [--reason TEXT] [--ticket ID] [--print-config] [--ca FILE] [--profile NAME] [-- arguments of psql or ssh]'

/** Starts a program with the terminal as its own and answers its exit code; `missing` where there is no such program. */
export type Launch = (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
) => Promise<number | 'missing'>

/**
 * `connect TARGET`: starts psql with a fresh credential, or ssh with a certificate; without a grant it asks for access first and waits for the answer. The secret
 * goes by the environment, never by the command line that others can list. Where psql is missing, a small prompt of ours takes its place. `--print-config`
 * prints lines for ~/.ssh/config instead.
 */
export async function run(
  argv: readonly string[],
  io: Io,
  net: Net & { readonly launch?: Launch; readonly terminal?: Terminal } = NET,
): Promise<number> {
  let code = 0
  const failure = await running({ usage: USAGE, argv, io }, async () => {
    const cut = argv.includes('--') ? argv.indexOf('--') : argv.length
    const { values, positionals } = parsed(argv.slice(0, cut), {
      options: {
        ...{ ...COMMON, ...PROFILE, for: { type: 'string' } },
        ...{ reason: { type: 'string' }, ticket: { type: 'string' }, 'print-config': { type: 'boolean' } },
        ca: { type: 'string' },
      },
      words: { least: 1, most: 1 },
    })
    const client = await profileClient(values.profile, io, net)
    const order = { target: positionals[0] ?? '', forSeconds: secondsOf(values.for ?? '1h') }
    const wish = { ...order, reason: values.reason, ticket: values.ticket }
    const going = { client, wish, io, launch: net.launch ?? launch, more: argv.slice(cut + 1) }
    const isSsh = (await client.targets()).find(({ name }) => name === wish.target)?.protocol === 'ssh'
    if (!isSsh && values['print-config'] === true) throw new UsageError('--print-config is for targets of ssh')
    const { stdin: input, stdout: output } = process
    if (!isSsh) code = await startPsql({ ...going, ca: values.ca, terminal: net.terminal ?? { input, output } })
    else code = await startSsh({ ...going, profile: values.profile, printOnly: values['print-config'] === true })
    return 0
  })
  return failure === 0 ? code : failure
}

interface Going {
  readonly client: Client
  readonly wish: Wish
  readonly io: Io
  readonly launch: Launch
  /** The person's own arguments. */
  readonly more: readonly string[]
}

interface PsqlGoing extends Going {
  readonly ca: string | undefined
  readonly terminal: Terminal
}

async function startPsql({ client, wish, io, launch: start, more, ca, terminal }: PsqlGoing): Promise<number> {
  const { target, forSeconds } = wish
  const minted = await client.mint({ target, forSeconds }).catch(async (thrown: unknown) => {
    if (!(thrown instanceof RefusedError) || thrown.json['code'] !== 'no-grant') throw thrown
    await accessFirst(client, wish, io)
    return client.mint({ target, forSeconds })
  })
  const ended = await start('psql', [...psqlArguments(minted.dsn), ...more], { ...io.env, PGPASSWORD: minted.secret })
  if (ended !== 'missing') return ended
  if (more.length > 0) throw new RefusedError('psql is not installed here, and the prompt of ours takes no arguments')
  io.err('psql is not installed here: this is a small prompt of ours\n')
  const dial = ownDial({ minted, ca, parameters: new Map([['application_name', 'countersign connect']]) })
  return sqlPrompt({ ...terminal, dial, name: target, out: io.out, err: io.err, isTty: io.isTty })
}

interface SshGoing extends Going {
  readonly profile: string | undefined
  readonly printOnly: boolean
}

async function startSsh({ client, wish, io, launch: start, more, profile, printOnly }: SshGoing): Promise<number> {
  const { target } = wish
  const profileFile = profilePath(profileName(profile, io.env), io.env)
  const { person } = await loadProfile(profileFile)
  const known = (await client.targets()).find(({ name }) => name === target)
  if (known?.grantedUntil === null && !printOnly) await accessFirst(client, wish, io)
  const plan = await planSsh({ client, person, target, profileFile, io, now: Date.now() })
  if (printOnly) {
    io.out(sshConfig(plan, target))
    return 0
  }
  const ended = await start('ssh', sshArguments(plan, more), io.env)
  if (ended === 'missing') throw new RefusedError('ssh is not installed here')
  return ended
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
