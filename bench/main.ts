// npm run bench -- [--quick] [--json] [--rounds N] [--seconds N] [--only WORD] [--cpu-prof FOLDER]
// Four ways to one real Postgres, then two to one real sshd, taken in turn, so that whatever disturbs the machine disturbs all of them.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { startCountersign } from './countersign.ts'
import { openDatabase } from './database.ts'
import { connections, idleMemory, million, queries, type Measure, type Sample } from './measures.ts'
import { direct, startHaproxy, startPgbouncer } from './proxies.ts'
import { linesOf, tableOf } from './report.ts'
import type { Route } from './route.ts'
import { measureSsh } from './ssh.ts'
import { goalsOf, goalText } from './targets.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string', default: '' },
    'cpu-prof': { type: 'string' },
  },
})

const SCALE = 10
const CARDS = 'SELECT id, holder, pan FROM cards'
const COPY = 'COPY pgbench_accounts TO STDOUT'

const rounds = Number(options.rounds ?? (options.quick ? 1 : 3))
const seconds = Number(options.seconds ?? (options.quick ? 1 : 3))
/** pgbench's clock runs while its clients log in, which for many of them takes a second or two. */
const manySeconds = seconds + 2

const MEASURES: Readonly<Record<string, Measure>> = {
  'prepared 1': queries('prepared', 1, seconds),
  'simple 1': queries('simple', 1, seconds),
  'prepared 16': queries('prepared', 16, seconds),
  'simple 16': queries('simple', 16, seconds),
  'prepared 64': queries('prepared', 64, manySeconds),
  'simple 64': queries('simple', 64, manySeconds),
  million: million('a million rows, one column masked', CARDS),
  copy: million('COPY of a million rows', COPY),
  connections: connections(Math.min(seconds, 2)),
}
/** Before anything else: later, memory that was used before hides what a connection takes. */
const AT_START: Readonly<Record<string, Measure>> = { 'idle connections': idleMemory(200) }

const chosen = (measures: Readonly<Record<string, Measure>>): readonly (readonly [string, Measure])[] =>
  Object.entries(measures).filter(([name]) => name.includes(options.only))
const say = (text: string): void => void process.stderr.write(text)

const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-bench-'))
const closers: (() => Promise<void>)[] = []
try {
  const samples = [...(await postgres()), ...(await ssh())]
  const lines = linesOf(samples)
  const goals = goalsOf(lines)
  if (options.json) process.stdout.write(`${JSON.stringify({ machine: machine(), goals, lines, samples }, null, 2)}\n`)
  else process.stdout.write(`${tableOf(lines)}\n${goalText(goals)}`)
} finally {
  for (const close of closers.reverse()) await close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

/** Left out where only measures of SSH are asked for. */
async function postgres(): Promise<readonly Sample[]> {
  return options.only.startsWith('ssh') ? [] : measureAll(await openRoutes())
}

/** Left out where only measures of Postgres are asked for. */
async function ssh(): Promise<readonly Sample[]> {
  if (options.only !== '' && !options.only.startsWith('ssh')) return []
  const megabytes = options.quick ? 100 : 500
  const profile = options['cpu-prof']
  const nodeOptions = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`]
  chmodSync(folder, 0o711)
  return measureSsh({ folder, rounds, seconds, megabytes, only: options.only, nodeOptions, say })
}

async function openRoutes(): Promise<readonly Route[]> {
  say('starting Postgres, HAProxy, PgBouncer and Countersign\n')
  chmodSync(folder, 0o711)
  const database = await openDatabase(SCALE)
  closers.push(() => database.stop())
  const profile = options['cpu-prof']
  const nodeOptions = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`]
  const haproxy = await startHaproxy(database, folder)
  closers.push(() => haproxy.stop())
  const pgbouncer = await startPgbouncer(database, folder)
  closers.push(() => pgbouncer.stop())
  const countersign = await startCountersign(database, folder, nodeOptions)
  closers.push(() => countersign.stop())
  return [direct(database), haproxy.route, pgbouncer.route, countersign.route]
}

async function measureAll(routes: readonly Route[]): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const take = async (round: number, measures: Readonly<Record<string, Measure>>): Promise<void> => {
    for (const [name, measure] of chosen(measures)) {
      say(`round ${round} of ${rounds}: ${name}\n`)
      for (const route of routes)
        for (const found of await measure(route)) samples.push({ ...found, round, route: route.name })
    }
  }
  await take(1, AT_START)
  say('warming up\n')
  await warmUp(routes)
  for (let round = 1; round <= rounds; round += 1) await take(round, MEASURES)
  return samples
}

/** Not counted: the database's caches, and code that Node has not compiled yet, which takes some ten thousand queries. */
async function warmUp(routes: readonly Route[]): Promise<void> {
  for (const route of routes)
    for (const mode of ['simple', 'prepared'] as const)
      await queries(mode, 16, route.name === 'countersign' ? 4 : 1)(route)
}

function machine(): Readonly<Record<string, unknown>> {
  const [cpu] = os.cpus()
  return { cpu: cpu?.model, cores: os.availableParallelism(), load: os.loadavg(), node: process.version }
}
