import { LASTING_SCOPES, STOP_SCOPES, type LastingScope, type StopCounts, type Stopped } from '../access/stops.ts'
import { NET, profileClient } from './client.ts'
import type { Net } from './client.ts'
import { asked, COMMON, parsed, PROFILE, RefusedError, running, UsageError } from './command.ts'
import type { ExitCode, Io, Run } from './io.ts'
import type { LocalStops, OpenLocalStops } from './local-stops.ts'
import { terminalLine } from './terminal.ts'

const HOW = `[--code CODE] [--profile NAME] [--json]
       | … --local [--config countersign.yaml]      on the server's own machine, without a login`
const STOP = `stop session|person|target|everything [NAME] --reason TEXT ${HOW}`
const RESUME = `resume person|target|everything [NAME] --reason TEXT ${HOW}`

const OPTIONS = {
  ...COMMON,
  ...PROFILE,
  reason: { type: 'string' },
  code: { type: 'string' },
  local: { type: 'boolean' },
  config: { type: 'string' },
} as const

/** What is over, said before the code is asked for. */
const ENDS: Readonly<Record<Stopped['scope'], (name: string) => string>> = {
  session: (name) => `this ends the session ${name}; what runs in it is cancelled`,
  person: (name) =>
    `this ends all sessions, grants, credentials and logins of ${name} and of the accounts ${name} owns, and keeps them out until it is resumed`,
  target: (name) => `this ends all sessions and grants for ${name} and lets nobody in until it is resumed`,
  everything: () => 'this ends all sessions and grants for all targets and lets nobody in until it is resumed',
}

/** `stop …`: the kill switch, at the API or, with `--local`, by the data folder. */
export const createStopCommand =
  (open: OpenLocalStops, net: Net = NET): Run =>
  (argv, io) =>
    running({ usage: STOP, argv, io }, async () => {
      const given = read(argv, STOP_SCOPES)
      const { wanted } = given
      const text = `${ENDS[wanted.scope](wanted.name ?? '')}.`
      const counts = await (given.local === undefined
        ? stopAtServer(given, { io, net, text })
        : locally(given.local, { io, open, act: (stops) => stops.order(wanted) }))
      if (counts === undefined) throw new RefusedError(`there is no such ${wanted.scope}`, { code: 'not-found' })
      told({ io, json: given.json }, { ...wanted, name: wanted.name ?? null, ...plain(counts) }, stoppedLine(counts))
      return 0
    })

/** `resume …`: lets new logins in again. */
export const createResumeCommand =
  (open: OpenLocalStops, net: Net = NET): Run =>
  (argv, io) =>
    running({ usage: RESUME, argv, io }, async () => {
      const given = read<LastingScope>(argv, LASTING_SCOPES)
      const { wanted } = given
      const resumed = await (given.local === undefined
        ? resumeAtServer(given, { io, net })
        : locally(given.local, { io, open, act: (stops) => stops.resume(wanted) }))
      if (!resumed) throw new RefusedError('nothing of that name is stopped', { code: 'not-found' })
      const line = 'resumed: new logins are let in again; what was revoked stays revoked'
      told({ io, json: given.json }, { scope: wanted.scope, name: wanted.name ?? null }, line)
      return 0
    })

interface Given<Scope extends Stopped['scope']> {
  readonly wanted: Stopped<Scope> & { readonly reason: string }
  readonly code: string | undefined
  readonly profile: string | undefined
  /** The configuration file, where the data folder is asked instead of the server. */
  readonly local: string | undefined
  readonly json: boolean
}

function read<Scope extends Stopped['scope']>(argv: readonly string[], scopes: readonly Scope[]): Given<Scope> {
  const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 2 } })
  const [word, name] = positionals
  const scope = scopes.find((one) => one === word)
  if (scope === undefined) throw new UsageError(`"${word ?? ''}" is none of ${scopes.join(', ')}`)
  if ((scope === 'everything') !== (name === undefined))
    throw new UsageError(scope === 'everything' ? 'everything has no name' : `name the ${scope}`)
  const { reason, code, profile, json = false } = values
  if (reason === undefined || reason.trim() === '') throw new UsageError('--reason is needed; it is kept in the ledger')
  if (values.local !== true && values.config !== undefined) throw new UsageError('--config goes with --local')
  const local = values.local === true ? (values.config ?? 'countersign.yaml') : undefined
  return { wanted: { scope, name, reason }, code, profile, local, json }
}

async function stopAtServer(
  { wanted, code, profile }: Given<Stopped['scope']>,
  { io, net, text }: { io: Io; net: Net; text: string },
): Promise<StopCounts> {
  const client = await profileClient(profile, io, net)
  if (code === undefined) io.err(`${terminalLine(text)}\n`)
  return client.stops.stop({ ...wanted, factor: await factor(code, io) })
}

async function resumeAtServer(
  { wanted, code, profile }: Given<LastingScope>,
  { io, net }: { io: Io; net: Net },
): Promise<boolean> {
  const client = await profileClient(profile, io, net)
  const { done } = await client.stops.resume({ ...wanted, factor: await factor(code, io) })
  return done
}

async function factor(code: string | undefined, io: Io): Promise<string> {
  const text = 'One-time code (empty leaves it as it is): '
  const given = code ?? (await asked(io, { text, hidden: false, instead: '--code' }))
  if (given === '') throw new RefusedError('left as it was')
  return given
}

async function locally<Result>(
  config: string,
  { io, open, act }: { io: Io; open: OpenLocalStops; act: (stops: LocalStops) => Promise<Result> },
): Promise<Result> {
  const stops = await open(config, io.env)
  try {
    return await act(stops)
  } finally {
    await stops.close()
  }
}

const plain = ({ sessions, holds, grants, credentials }: StopCounts): StopCounts => ({
  ...{ sessions, holds, grants, credentials },
})

const stoppedLine = ({ sessions, holds, grants, credentials }: StopCounts): string =>
  `stopped: ${[count(sessions, 'session'), count(holds, 'waiting statement'), count(grants, 'grant'), count(credentials, 'credential')].join(', ')}`

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

function told({ io, json }: { io: Io; json: boolean }, answer: object, line: string): ExitCode {
  io.out(json ? `${JSON.stringify(answer)}\n` : `${terminalLine(line)}\n`)
  return 0
}
