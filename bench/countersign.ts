import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../src/cli/demo/embedded-postgres.ts'
import { loadConfig } from '../src/config/load.ts'
import { personName, targetName, type TargetName } from '../src/model/ids.ts'
import { systemClock } from '../src/std/clock.ts'
import { newId } from '../src/std/ids.ts'
import type { Secret } from '../src/std/secret.ts'
import { openStore } from '../src/store/open-store.ts'
import { openAccess } from '../src/wiring/access.ts'
import { startServer } from './child.ts'
import { DATABASE, type BenchDatabase } from './database.ts'
import type { Server } from './route.ts'

export const PERSON = personName('bench')
const TARGET = targetName('cards')
const ACTOR = { by: 'bench', origin: 'local' }
const HOURS_MS = 2 * 3_600_000

const inCheckout = (place: string): string => fileURLToPath(new URL(`../${place}`, import.meta.url))

/**
 * Countersign as a process of its own with everything on: the pci pack, a target tagged cde, masking, recording. `nodeOptions` go before its main file, for
 * profiles.
 */
export async function startCountersign(
  database: BenchDatabase,
  folder: string,
  nodeOptions: readonly string[] = [],
): Promise<Server> {
  const home = path.join(folder, 'countersign')
  mkdirSync(home, { mode: 0o700 })
  const port = await freePort()
  const configFile = await writeConfig(database, home, port)
  const secret = await letIn(configFile, TARGET)
  const args = serveArgs(configFile, nodeOptions)
  const running = await startServer({ command: process.execPath, args, log: path.join(home, 'log'), port })
  const login = { user: `${PERSON}@${TARGET}`, password: secret, database: DATABASE }
  return { route: { name: 'countersign', port, ...login, pid: running.pid }, stop: () => running.stop() }
}

/** How `serve` is started: with what deploy/countersign.service sets for Node. */
export const serveArgs = (configFile: string, nodeOptions: readonly string[]): readonly string[] => [
  ...['--use-largepages=silent', ...nodeOptions, inCheckout('src/main.ts')],
  ...['serve', '--config', configFile, '--log-level', 'warn'],
]

async function writeConfig({ port, account, password }: BenchDatabase, home: string, own: number): Promise<string> {
  const http = await freePort()
  writeFileSync(path.join(home, 'upstream.password'), password.reveal(), { mode: 0o600 })
  const file = path.join(home, 'countersign.yaml')
  writeFileSync(
    file,
    `publicUrl: http://127.0.0.1:${http}
listen: { postgres: 127.0.0.1:${own}, http: 127.0.0.1:${http} }
data: ./data
policies: ${JSON.stringify(inCheckout('policies'))}
targets:
  ${TARGET}:
    protocol: postgres
    address: 127.0.0.1:${port}
    database: ${DATABASE}
    user: ${account}
    password: { file: ./upstream.password }
    tls: off
    tags: [cde]
limits: { sessions: 1000, sessionsPerPerson: 1000, sessionsPerSource: 1000 }
`,
  )
  return file
}

/** An account, its grant and its credential, made in the data folder before the server opens it. */
export async function letIn(configFile: string, target: TargetName): Promise<Secret> {
  const { data } = loadConfig(configFile, process.env)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const store = await openStore({ path: path.join(data, 'countersign.db'), onFailure: () => undefined })
  try {
    const access = openAccess({
      store,
      data,
      clock: systemClock,
      site: { publicUrl: 'http://localhost:8080', cde: false },
    })
    const account = { name: PERSON, roles: ['engineer'], password: newId('bench-1', 16) } as const
    const added = await access.people.add(account, ACTOR)
    if (!added.ok) throw new Error(`no account: ${added.reason}`)
    const asked = { person: PERSON, target, forMs: HOURS_MS, reason: 'a measurement' }
    const granted = await access.grants.grant(asked, ACTOR)
    if (granted.outcome === 'refused') throw new Error(`no grant: ${granted.why}`)
    const { grant } = granted
    const wanted = { person: PERSON, target, grant, ttlMs: HOURS_MS, service: false }
    const minted = await access.credentials.mint(wanted, ACTOR)
    if (minted.outcome === 'refused') throw new Error(`no credential: ${minted.why}`)
    return minted.secret
  } finally {
    await store.close()
  }
}
