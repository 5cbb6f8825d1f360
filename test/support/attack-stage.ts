import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { startApp, type App } from '../../src/app.ts'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt } from '../../src/access/totp.ts'
import { createClient, NET, type Client } from '../../src/cli/client.ts'
import { freePort } from '../../src/cli/demo/embedded-postgres.ts'
import { loadConfig } from '../../src/config/load.ts'
import { personName, targetName, type CredentialId, type GrantId } from '../../src/model/ids.ts'
import type { Role } from '../../src/model/principal.ts'
import type { SimpleClient } from '../../src/proxy/postgres/simple-client.ts'
import { systemClock, type Clock } from '../../src/std/clock.ts'
import type { Secret } from '../../src/std/secret.ts'
import { createLog } from '../../src/wiring/log.ts'
import { RawClient, type RawLogin } from './raw-client.ts'
import { ACCOUNTS, startServer, TEST_PASSWORD, type TestServer } from './servers.ts'

export const ACTOR = { by: 'test', origin: 'local' }
const HOUR = 3_600_000
/** Long enough for a test, short enough that a leaked one is of no use to anybody. */
const STEP_MS = 30_000

/** The wall clock of a node under attack: tests move it on, so that each has one-time codes and quotas of its own. */
export interface MovedClock extends Clock {
  move(ms: number): void
}

/** Someone who may log in to a target, with what a client needs. */
export interface Enrolled {
  readonly login: RawLogin
  readonly grant: GrantId
  readonly credential: CredentialId
  readonly secret: Secret
}

/** A node with two ways to the same database: `cards` as the shop's own account, `root` as a superuser whom the database itself stops from nothing. */
export interface AttackStage {
  readonly app: App
  readonly folder: string
  readonly configFile: string
  readonly clock: MovedClock
  readonly server: TestServer
  /** A superuser's connection beside the proxy. */
  readonly beside: SimpleClient
  readonly url: string
  readonly fatal: Promise<string>
  enrol(name: string, target: 'cards' | 'root'): Promise<Enrolled>
  /** A client of a person made for it. */
  enter(name: string, target: 'cards' | 'root', change?: Partial<RawLogin>): Promise<RawClient>
  /** A client of the API with a fresh login. */
  person(name: string, roles: readonly Role[]): Promise<Person>
  /** The only open approval of all. */
  openApproval(by: Person): Promise<{ readonly id: string; readonly digest: string }>
  stop(): Promise<void>
}

export interface Person {
  readonly client: Client
  readonly token: string
  /** A code that was not used before. */
  code(): string
}

export interface AttackOptions {
  /** Further lines of the configuration. */
  readonly config?: string
  readonly targets?: string
  readonly settings?: readonly string[]
}

export async function attackStage(options: AttackOptions = {}): Promise<AttackStage> {
  const server = await startServer({ settings: ['log_statement=all', ...(options.settings ?? [])] })
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-attack-'))
  const clock = movedClock()
  const configFile = await writeConfig({ folder, upstream: server.port, options })
  const { promise: fatal, resolve: onFatal } = Promise.withResolvers<string>()
  const log = createLog({ level: 'info', file: path.join(folder, 'countersign.log') })
  const config = loadConfig(configFile, process.env)
  // A server that goes on running would keep the test's process for ever.
  const app = await startApp({ config, clock, log, version: '0.0.0', onFatal }).catch(async (thrown: unknown) => {
    await server.stop()
    throw thrown
  })
  const beside = await server.connect()
  const crowd = new Crowd(app, clock, config.publicUrl)
  return {
    ...{ app, folder, configFile, clock, server, beside, url: config.publicUrl, fatal },
    enrol: (name, target) => crowd.enrol(name, target),
    async enter(name, target, change = {}) {
      return RawClient.enter({ ...(await crowd.enrol(name, target)).login, ...change })
    },
    person: (name, roles) => crowd.person(name, roles),
    async openApproval({ client }) {
      const [only, ...others] = await client.approvals('open')
      if (only === undefined || others.length > 0) throw new Error(`${others.length + 1} approvals are open, not one`)
      return only
    },
    async stop() {
      await app.stop()
      beside.close()
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function writeConfig(of: {
  readonly folder: string
  readonly upstream: number
  readonly options: AttackOptions
}): Promise<string> {
  const { folder, upstream, options } = of
  const file = path.join(folder, 'countersign.yaml')
  writeFileSync(path.join(folder, 'upstream.password'), TEST_PASSWORD.reveal(), { mode: 0o600 })
  const way = (name: string, user: string): string => `  ${name}:
    { protocol: postgres, address: "127.0.0.1:${upstream}", database: cards, user: ${user}, password: { file: ./upstream.password }, tls: off, tags: [cde] }
`
  const http = await freePort()
  const text = `publicUrl: http://127.0.0.1:${http}
listen: { postgres: 127.0.0.1:0, http: 127.0.0.1:${http} }
data: ./data
policies: ./policies
targets:
${way('cards', ACCOUNTS.app)}${way('root', ACCOUNTS.superuser)}${options.targets ?? ''}
${options.config ?? ''}
`
  writeFileSync(file, text)
  cpSync(new URL('../../policies', import.meta.url), path.join(folder, 'policies'), { recursive: true })
  return file
}

export function movedClock(): MovedClock {
  let ahead = 0
  return {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    nowMicros: () => systemClock.nowMicros() + BigInt(ahead) * 1000n,
    move(ms) {
      ahead += ms
    },
  }
}

/** Everybody whom a test needs. */
class Crowd {
  readonly #app: App
  readonly #clock: MovedClock
  readonly #url: string

  constructor(app: App, clock: MovedClock, url: string) {
    this.#app = app
    this.#clock = clock
    this.#url = url
  }

  async enrol(name: string, target: string): Promise<Enrolled> {
    const { access, ports } = this.#app
    const person = personName(name)
    if ((await access.people.find(person)) === undefined) await this.#add(name, ['engineer'])
    const wanted = { person, target: targetName(target), forMs: 60 * 24 * HOUR, reason: 'a test' }
    const granted = await access.grants.grant(wanted, ACTOR)
    if (granted.outcome !== 'granted') throw new Error(granted.why)
    const minted = await access.credentials.mint(
      { person, target: targetName(target), grant: granted.grant, ttlMs: 12 * HOUR, service: false },
      ACTOR,
    )
    if (minted.outcome === 'refused') throw new Error(minted.why)
    const { secret, credential } = minted
    const login = { port: ports.postgres ?? 0, user: `${name}@${target}`, password: secret, database: 'cards' }
    return { login, grant: granted.grant.id, credential: credential.id, secret }
  }

  async person(name: string, roles: readonly Role[]): Promise<Person> {
    await this.#add(name, roles)
    const factor = await this.#app.access.factors.enrol(personName(name), ACTOR)
    const secret = fromBase32(factor?.secret.reveal() ?? '')
    if (secret === undefined) throw new Error(`${name} has no factor`)
    const code = (): string => {
      this.#clock.move(STEP_MS)
      return codeAt(secret, this.#clock.now())
    }
    const net = { url: this.#url, fetch: NET.fetch }
    const { token } = await createClient({ ...net, token: undefined }).login({
      person: name,
      password: passwordOf(name),
      totp: code(),
    })
    return { client: createClient({ ...net, token }), token, code }
  }

  async #add(name: string, roles: readonly Role[]): Promise<void> {
    const added = await this.#app.access.people.add(
      { name: personName(name), roles, password: passwordOf(name) },
      ACTOR,
    )
    if (!added.ok) throw new Error(added.reason)
  }
}

export const passwordOf = (name: string): string => `${name}-and-a-long-password-1`

/** Countersigns the only open approval. */
export async function approve(stage: AttackStage, by: Person): Promise<void> {
  const { id, digest } = await stage.openApproval(by)
  await by.client.approve(id, { digest, factor: by.code() })
}

export async function deny(stage: AttackStage, by: Person, reason: string): Promise<void> {
  const { id, digest } = await stage.openApproval(by)
  await by.client.deny(id, { digest, reason, factor: by.code() })
}
