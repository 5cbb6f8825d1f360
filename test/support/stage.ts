import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt, counterAt } from '../../src/access/totp.ts'
import { createClient, NET, type Client } from '../../src/cli/client.ts'
import { mintFor } from '../../src/cli/demo/people.ts'
import { setStage, type Stage } from '../../src/cli/demo/stage.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { Access } from '../../src/wiring/access.ts'
import { testCertificates } from './certificates.ts'

export type Approval = Awaited<ReturnType<Client['approvals']>>[number]

/** The whole of Countersign before a real Postgres, with approvers who answer when a test says so. */
export interface TestStage {
  readonly stage: Stage
  /** What every client of libpq reads; alice's login to the shop, without TLS unless a test asks for it. */
  readonly env: Readonly<Record<string, string>>
  /** PEM file of the authority behind the listener's certificate. */
  readonly ca: string
  /** Another person with a grant: what libpq reads for them. */
  login(person: string): Promise<Readonly<Record<string, string>>>
  /** The open approval whose statement, literals withheld, begins like this; waits until there is one. */
  held(statement: string): Promise<Approval>
  /** Countersigns it through the API, as a person with a fresh one-time code. */
  approve(statement: string): Promise<Approval>
  deny(statement: string, reason: string): Promise<Approval>
  /** All approvals so far, oldest first. */
  approvals(): Promise<readonly Approval[]>
  /** Waits until the approval is in this state. */
  reaches(id: string, state: Approval['state']): Promise<Approval>
  stop(): Promise<void>
}

const ACTOR = { by: 'test', origin: 'local' }
const STEP_MS = 30_000
/** How often the API is asked, and how long at most, for what a client's statement sets off. */
const BEAT_MS = 40
const PATIENCE_MS = 20_000
/** Each has two one-time codes within one step of thirty seconds besides that of the login. */
const APPROVERS = 10

export async function testStage(options: { readonly targetKeys?: readonly string[] } = {}): Promise<TestStage> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-stage-'))
  const { ca, server } = testCertificates()
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text, { mode: 0o600 })
    return path.join(folder, name)
  }
  const tls = { cert: file('server.pem', server.cert), key: file('server.key', server.key) }
  const stage = await setStage({ folder, ports: { postgres: 0, http: 0 }, tls, ...options })
  const bench = await Promise.all(Array.from({ length: APPROVERS }, (_, at) => seat(stage, `approver-${at}`))).catch(
    async (thrown: unknown) => {
      await stage.stop()
      throw thrown
    },
  )
  const desk = new Desk(bench)
  const caFile = file('ca.pem', ca)
  return {
    stage,
    env: envOf(stage, 'alice', stage.credential.reveal()),
    ca: caFile,
    login: (person) => enrol(stage, person),
    held: (statement) => desk.held(statement),
    approve: (statement) => desk.approve(statement),
    deny: (statement, reason) => desk.deny(statement, reason),
    approvals: () => desk.all(),
    reaches: (id, state) => desk.reaches(id, state),
    async stop() {
      await stage.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const envOf = (stage: Stage, person: string, password: string): Readonly<Record<string, string>> => ({
  PGHOST: 'localhost',
  PGPORT: String(stage.app.ports.postgres),
  PGUSER: `${person}@cards`,
  PGPASSWORD: password,
  PGDATABASE: 'cards',
  PGSSLMODE: 'disable',
  PGCONNECT_TIMEOUT: '10',
})

async function enrol(stage: Stage, name: string): Promise<Readonly<Record<string, string>>> {
  const { access } = stage.app
  await access.people.add(
    { name: personName(name), roles: ['engineer'], password: `${name}-and-a-long-password-1` },
    ACTOR,
  )
  const grant = { person: personName(name), target: targetName('cards'), forMs: 3_600_000, reason: 'a test' }
  await access.grants.grant(grant, ACTOR)
  return envOf(stage, name, (await mintFor(access, name)).reveal())
}

/** An approver with a session at the API. */
export interface Seat {
  readonly client: Client
  readonly secret: Uint8Array
  /** The step of the last code that was used. */
  last: number
}

export async function seat({ app, config }: Pick<Stage, 'app' | 'config'>, name: string): Promise<Seat> {
  const password = `${name}-and-a-long-password-1`
  const secret = await addApprover(app.access, name, password)
  const net = { url: config.publicUrl, fetch: NET.fetch }
  // The code of the step before: two more are left for decisions right now. On a busy machine that step may pass meanwhile.
  const logIn = (): Promise<{ token: string }> => {
    const totp = codeAt(secret, Date.now() - STEP_MS)
    return createClient({ ...net, token: undefined }).login({ person: name, password, totp })
  }
  const { token } = await logIn().catch(logIn)
  return { client: createClient({ ...net, token }), secret, last: counterAt(Date.now() - STEP_MS) }
}

async function addApprover(access: Access, name: string, password: string): Promise<Uint8Array> {
  const person = personName(name)
  const added = await access.people.add({ name: person, roles: ['approver'], password }, ACTOR)
  if (!added.ok) throw new Error(added.reason)
  const factor = await access.factors.enrol(person, ACTOR)
  const secret = fromBase32(factor?.secret.reveal() ?? '')
  if (secret === undefined) throw new Error(`${name} has no factor`)
  return secret
}

export class Desk {
  readonly #bench: readonly Seat[]

  constructor(bench: readonly Seat[]) {
    this.#bench = bench
  }

  async all(): Promise<readonly Approval[]> {
    return (await this.#any().approvals(undefined)).toReversed()
  }

  held(statement: string): Promise<Approval> {
    const isIt = (one: Approval): boolean => one.statement.startsWith(statement)
    return this.#until(`an approval of ${statement}`, async () => (await this.#any().approvals('open')).find(isIt))
  }

  reaches(id: string, state: Approval['state']): Promise<Approval> {
    const isIt = (one: Approval): boolean => one.id === id && one.state === state
    return this.#until(`${id} ${state}`, async () => (await this.#any().approvals(undefined)).find(isIt))
  }

  async approve(statement: string): Promise<Approval> {
    const { id, digest } = await this.held(statement)
    const { client, totp } = await this.#fresh()
    return client.approve(id, { digest, factor: totp })
  }

  async deny(statement: string, reason: string): Promise<Approval> {
    const { id, digest } = await this.held(statement)
    const { client, totp } = await this.#fresh()
    return client.deny(id, { digest, factor: totp, reason })
  }

  #any(): Client {
    const [first] = this.#bench
    if (first === undefined) throw new Error('nobody approves')
    return first.client
  }

  /** Somebody with an unused code; each code is good once. */
  #fresh(): Promise<{ client: Client; totp: string }> {
    return this.#until('an unused one-time code', () => {
      const now = counterAt(Date.now())
      const one = this.#bench.find(({ last }) => last <= now)
      if (one === undefined) return Promise.resolve(undefined)
      one.last = Math.max(one.last + 1, now)
      return Promise.resolve({ client: one.client, totp: codeAt(one.secret, one.last * STEP_MS) })
    })
  }

  async #until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const end = Date.now() + PATIENCE_MS
    while (Date.now() < end) {
      const found = await look()
      if (found !== undefined) return found
      await pause(BEAT_MS)
    }
    throw new Error(`no sign of ${what}`)
  }
}
