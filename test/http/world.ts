import { createApi } from '../../src/http/api.ts'
import type { ApiDeps } from '../../src/http/api.ts'
import { fakePolicies, fakeWatching } from './console-ports.ts'
import { fakeDesk, type Asked } from './evidence-desk.ts'
import type { RecordedEvent, SessionRecord, ShownHold } from '../../src/http/ports.ts'
import type { Credential } from '../../src/access/credentials.ts'
import type { Grant } from '../../src/access/grants.ts'
import type { Person } from '../../src/access/person.ts'
import { createBrowserLogins } from '../../src/access/browser-login.ts'
import type { Approval } from '../../src/approvals/approval.ts'
import type { ApprovalEvent } from '../../src/approvals/approvals.ts'
import { ruleBreakGlass } from '../../src/approvals/break-glass.ts'
import type { Favour } from '../../src/approvals/reciprocal.ts'
import type { Review } from '../../src/approvals/review.ts'
import { rule } from '../../src/approvals/ruling.ts'
import type { SqlFacts } from '../../src/model/facts.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { ApprovalId, CredentialId, GrantId, PersonName, SessionId } from '../../src/model/ids.ts'
import type { DeliveryShown } from '../../src/model/outbox.ts'
import type { Target } from '../../src/model/target.ts'
import type { Role } from '../../src/model/principal.ts'
import type { Clock } from '../../src/std/clock.ts'
import { Secret } from '../../src/std/secret.ts'
import { scriptFakes } from './script-fakes.ts'
import { fakeSsh } from './ssh-fakes.ts'
import { identityFakes, loginFakes } from './identity-fakes.ts'
import { requestDesk } from './request-desk.ts'

export const APPROVAL = 'a_abcdefghij01' as ApprovalId
export const SESSION = 's_abcdefghij0123456789' as SessionId
export const CREDENTIAL = 'c_abcdefghij01' as CredentialId
export const DIGEST = 'd'.repeat(64)
export const PUBLIC = 'https://countersign.example'
const START = Date.UTC(2026, 10, 22)

export interface FakeClock extends Clock {
  advance(ms: number): void
}

export function fakeClock(start = START): FakeClock {
  let now = start
  const timers = new Set<{ readonly at: number; readonly call: () => void }>()
  return {
    now: () => now,
    nowMicros: () => BigInt(now) * 1000n,
    monoMicros: () => now * 1000,
    after(ms, call) {
      const timer = { at: now + ms, call }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      now += ms
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        timers.delete(timer)
        timer.call()
      }
    },
  }
}

export const FACTS: SqlFacts = {
  kind: 'sql',
  verb: 'delete',
  verbs: ['delete'],
  effects: ['write', 'unfiltered-write'],
  reads: [],
  writes: [{ oid: 7, schema: 'public', name: 'payments', kind: 'table', classes: [], system: false, via: undefined }],
  columns: [],
  functions: [],
  settings: [],
  names: [],
  copy: undefined,
  filtered: false,
  classes: [],
  probes: [],
  output: { kind: 'none' },
  changesCatalog: false,
  complete: true,
  gaps: [],
  span: { start: 0, end: 20 },
  clearLiterals: 'all',
  clearParameters: 'all',
}

const TARGETS: readonly Target[] = [
  { name: targetName('cards'), protocol: 'postgres', database: 'cards', account: 'app', tags: ['cde'] },
  { name: targetName('other'), protocol: 'postgres', database: 'other', account: 'app', tags: [] },
]

export const hold = (text = 'DELETE FROM payments', facts: Partial<SqlFacts> = {}): ShownHold => ({
  database: 'cards',
  account: 'app',
  searchPath: ['public'],
  transaction: 'idle',
  statements: [
    { statement: { kind: 'sql', dialect: 'postgres', text, parameters: [] }, facts: [{ ...FACTS, ...facts }] },
  ],
})

export const approval = (changes: Partial<Approval> = {}): Approval => ({
  id: APPROVAL,
  state: 'open',
  session: SESSION,
  person: personName('alice'),
  human: personName('alice'),
  target: targetName('cards'),
  digest: DIGEST,
  matches: [{ rule: 'pci/unfiltered-write', effect: 'hold', severity: 'high', message: 'It reaches every row.' }],
  holds: [{ rule: 'pci/unfiltered-write', from: ['approver'], need: 1, withinMs: 900_000, notify: [] }],
  redacted: ['DELETE FROM payments'],
  policyVersion: '0123456789abcdef',
  needsFactor: true,
  eligible: [
    { person: personName('bob'), roles: ['approver'] },
    { person: personName('erin'), roles: ['approver'] },
  ],
  createdAt: START,
  expiresAt: START + 900_000,
  decisions: [],
  settledAt: undefined,
  settledBy: undefined,
  reason: undefined,
  fence: undefined,
  claimedAt: undefined,
  finishedAt: undefined,
  detail: undefined,
  ...changes,
})

const person = (name: string, ...roles: Role[]): Person => ({
  name: personName(name),
  roles,
  service: false,
  owner: undefined,
  target: undefined,
  createdAt: START,
  disabledAt: undefined,
  lastLoginAt: undefined,
})

export const PEOPLE = [
  person('alice', 'engineer'),
  person('bob', 'approver'),
  person('erin', 'approver'),
  person('carol', 'auditor'),
  person('dan', 'security'),
  person('adam', 'admin'),
  person('mallory', 'engineer'),
]

/** A whole server of fakes; what a test wants to see is in the arrays. */
export function world(changes: Partial<ApiDeps> = {}) {
  const clock = fakeClock()
  const state = {
    approvals: new Map<string, Approval>([[APPROVAL, approval()]]),
    shown: new Map<string, ShownHold>([[APPROVAL, hold()]]),
    disabled: new Set<string>(),
    spent: new Set<string>(),
    tokens: new Map<string, string>(),
    asked: [] as Asked[],
    views: [] as unknown[],
    terminated: [] as unknown[],
    stops: [] as unknown[],
    resumed: [] as unknown[],
    decided: [] as unknown[],
    faults: [] as Error[],
    listeners: new Set<(event: ApprovalEvent) => void>(),
    purposes: [] as string[],
    favour: undefined as Favour | undefined,
    lapsed: [] as readonly PersonName[],
    /** Reviews that stand in the way of break-glass. */
    unreviewed: [] as Review[],
    credentials: [] as Credential[],
    deliveries: [] as { readonly subject: string; readonly shown: DeliveryShown }[],
    events: [] as RecordedEvent[],
    logins: 0,
    revoked: [] as unknown[],
    /** Who has a live grant besides alice. */
    granted: [] as string[],
  }
  for (const { name } of PEOPLE) state.tokens.set(`token-of-${name}-0123456789`, name)
  const session: SessionRecord = {
    id: SESSION,
    person: personName('alice'),
    target: targetName('cards'),
    protocol: 'postgres',
    address: '127.0.0.1',
    state: 'open',
    startedAt: START,
    endedAt: undefined,
    statements: 3,
  }
  const grant = {
    id: 'g_abcdefghij01' as GrantId,
    person: personName('alice'),
    target: targetName('cards'),
    expiresAt: START + 3_600_000,
  }
  const desk = requestDesk(() => clock.now())
  const ahead = scriptFakes(() => clock.now())
  const granted: Grant = {
    ...grant,
    rights: 'all',
    grantedAt: START,
    grantedBy: 'adam',
    reason: '',
    revokedAt: undefined,
    revokedBy: undefined,
  }
  const grantOf = (): Grant =>
    state.revoked.length === 0 ? granted : { ...granted, revokedAt: clock.now(), revokedBy: 'x' }
  const found = (token: Secret): Person | undefined => {
    const name = state.tokens.get(token.reveal())
    return name === undefined || state.disabled.has(name) ? undefined : PEOPLE.find((one) => one.name === name)
  }
  /** A code is right where it begins with 1, and once. */
  const spend = (name: string, code: string): boolean => {
    const fresh = code.startsWith('1') && !state.spent.has(`${name} ${code}`)
    state.spent.add(`${name} ${code}`)
    return fresh
  }
  const deps: ApiDeps = {
    clock,
    config: { publicUrl: PUBLIC, postgres: { host: '127.0.0.1', port: 6432 } },
    scrub: (text) => text.replaceAll('4111111111111111', '411111******1111'),
    addressOf: () => '192.0.2.7',
    onFault: (error) => void state.faults.push(error),
    login: {
      login({ person: name, password, totp }) {
        if (name === 'locked') return Promise.resolve({ outcome: 'locked', retryAfterSeconds: 60 })
        const who = PEOPLE.find((one) => one.name === name)
        if (who === undefined || password.reveal() !== `pw-${name}` || !spend(name, totp))
          return Promise.resolve({ outcome: 'refused' })
        state.logins += 1
        const token = `page-token-${state.logins}-0123456789`
        state.tokens.set(token, name)
        const principal = { person: who.name, roles: who.roles, service: false }
        return Promise.resolve({
          outcome: 'done',
          token: new Secret(token),
          expiresAt: clock.now() + 3_600_000,
          principal,
        })
      },
      ...loginFakes(PEOPLE, { clock, spend }),
      personOf: (token) => Promise.resolve(found(token)),
      verifyFactor({ person: name, proof, purpose }) {
        state.purposes.push(purpose)
        const fits = proof.kind === 'totp' ? spend(name, proof.code) : proof.response.id === `key-of-${name}`
        return Promise.resolve(fits ? 'accepted' : 'refused')
      },
      logout: (token) => Promise.resolve(void state.tokens.delete(token.reveal())),
    },
    ...identityFakes(clock),
    browserLogins: createBrowserLogins({
      clock,
      scrub: (text) => text,
      journal: { append: () => Promise.resolve() },
      tokens: {
        issue(name) {
          const token = new Secret(`token-of-${name}-at-a-terminal`)
          state.tokens.set(token.reveal(), name)
          return Promise.resolve({ token, expiresAt: START + 3_600_000 })
        },
        personOf: (token) => Promise.resolve(found(token)),
      },
    }),
    people: { list: () => Promise.resolve(PEOPLE), disable: () => Promise.resolve({ ok: true }) },
    targets: {
      all: () => TARGETS,
      askable: ({ roles, service }) => (!service && roles.includes('engineer') ? TARGETS : []),
    },
    requests: desk.port,
    grants: {
      liveOf: (name) =>
        Promise.resolve(name === 'alice' || state.granted.includes(name) ? [{ ...grantOf(), person: name }] : []),
      list: (name) => Promise.resolve(name === undefined || name === 'alice' ? [grantOf()] : []),
      find: (id) => Promise.resolve(id === grant.id ? grantOf() : undefined),
      revoke(id, actor, reason) {
        state.revoked.push({ id, by: actor.by, reason })
        return Promise.resolve(state.revoked.length === 1)
      },
    },
    deliveries: {
      of: (subject) =>
        Promise.resolve(state.deliveries.filter((one) => one.subject === subject).map(({ shown }) => shown)),
    },
    credentials: {
      liveOf: (name) => Promise.resolve(state.credentials.filter((one) => one.person === name)),
      mint({ person: name, target, grant: under, ttlMs }) {
        const expiresAt = Math.min(clock.now() + ttlMs, under.expiresAt)
        const made = {
          id: CREDENTIAL,
          person: name,
          target,
          grant: under.id,
          source: undefined,
          createdAt: clock.now(),
          expiresAt,
          revokedAt: undefined,
        }
        state.credentials.push(made)
        return Promise.resolve({ outcome: 'minted', credential: made, secret: new Secret('cs_secret/with?signs') })
      },
      revoke(id, _actor, name) {
        const before = state.credentials.length
        state.credentials = state.credentials.filter((one) => one.id !== id || one.person !== name)
        return Promise.resolve(state.credentials.length < before)
      },
    },
    ssh: fakeSsh(),
    approvals: {
      list: (filter) =>
        Promise.resolve(
          [...state.approvals.values()].filter((one) => filter?.state === undefined || one.state === filter.state),
        ),
      get: (id) => Promise.resolve(state.approvals.get(id)),
      shown: (id) => state.shown.get(id),
      decide(answer) {
        const before = state.approvals.get(answer.id)
        const ruled = rule(before, answer, clock.now())
        state.decided.push(answer)
        if (before === undefined || ruled.kind === 'refused')
          return Promise.resolve(
            ruled.kind === 'refused' ? { outcome: 'refused', ...ruled } : { outcome: 'refused', why: 'not-found' },
          )
        if (ruled.kind === 'repeated') return Promise.resolve({ outcome: 'recorded', approval: before, repeated: true })
        const after = { ...before, state: ruled.state, decisions: [...before.decisions, ruled.decision] }
        state.approvals.set(answer.id, after)
        for (const listener of state.listeners) listener({ kind: 'decided', approval: after })
        return Promise.resolve({ outcome: 'recorded', approval: after, repeated: false })
      },
      favour: () => Promise.resolve(state.favour),
      lapsed: () => Promise.resolve(state.lapsed),
      breakGlass(use) {
        const before = state.approvals.get(use.id)
        const terms = { people: [personName('alice')], roles: [], longestMs: 1_800_000 }
        const reviews = before === undefined || ahead.state.review.signedAt !== undefined ? [] : state.unreviewed
        const ruled = ruleBreakGlass({ approval: before, use, terms, reviews, now: clock.now() })
        if (before === undefined || 'why' in ruled)
          return Promise.resolve({ outcome: 'refused', why: 'why' in ruled ? ruled.why : 'not-found' })
        const after: Approval = { ...before, state: 'approved', decisions: [ruled] }
        state.approvals.set(use.id, after)
        return Promise.resolve({ outcome: 'cleared', approval: after, review: ahead.state.review })
      },
      withdraw(id, to) {
        const before = state.approvals.get(id)
        if (before?.state !== 'open') return Promise.resolve(false)
        state.approvals.set(id, { ...before, state: to })
        return Promise.resolve(true)
      },
      subscribe(listener) {
        state.listeners.add(listener)
        return () => state.listeners.delete(listener)
      },
    },
    scripts: ahead.scripts,
    reviews: ahead.reviews,
    sessions: {
      list: ({ person: name }) => Promise.resolve(name === undefined || name === session.person ? [session] : []),
      find: (id) => Promise.resolve(id === SESSION ? session : undefined),
      terminate(order) {
        state.terminated.push(order)
        return Promise.resolve(state.terminated.length === 1 ? 'terminated' : 'closed')
      },
      subscribe: () => () => undefined,
    },
    stops: {
      order(wanted, actor) {
        state.stops.push({ ...wanted, ...actor })
        const counts = { sessions: 1, holds: 2, grants: 3, credentials: 4 }
        return Promise.resolve(wanted.name === 'nobody' ? undefined : counts)
      },
      resume(wanted, actor) {
        state.resumed.push({ ...wanted, ...actor })
        return Promise.resolve(wanted.scope === 'target')
      },
      standing: () =>
        Promise.resolve([
          { scope: 'target', name: 'vault', by: 'dan', reason: 'incident 7', at: START },
          { scope: 'person', name: 'trudy', by: 'dan', reason: 'incident 8', at: START },
        ]),
    },
    evidence: fakeDesk(state),
    watching: fakeWatching(state),
    policies: fakePolicies(),
    health: { checks: () => Promise.resolve([{ name: 'store', ok: true }]) },
    about: {
      describe: () => ({
        version: '0.0.0',
        startedAt: START,
        policyVersion: '0123456789abcdef',
        packs: [{ name: 'pci', file: 'policies/pci.yaml', rules: 12, masks: 4 }],
        channels: [{ name: 'oncall', kind: 'webhook' }],
      }),
    },
    metrics: {
      samples: () => [
        {
          name: 'countersign_sessions',
          help: 'Open sessions.',
          type: 'gauge',
          value: 2,
          labels: { protocol: 'postgres' },
        },
      ],
    },
    ...changes,
  }
  const app = createApi(deps)
  return { app, state, clock, deps, desk }
}

export type World = ReturnType<typeof world>

/** A call of the API as one of the people; a body makes it JSON. */
export function call(
  app: World['app'],
  who: string | undefined,
  request: {
    readonly method?: string
    readonly path: string
    readonly body?: unknown
    readonly headers?: Record<string, string>
  },
) {
  const { method = request.body === undefined ? 'GET' : 'POST', path, body, headers = {} } = request
  const token: Record<string, string> = who === undefined ? {} : { Authorization: `Bearer token-of-${who}-0123456789` }
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
  const type: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' }
  return Promise.resolve(app.request(path, { method, headers: { ...type, ...token, ...headers }, ...sent }))
}

/** The JSON of an answer, for looking into. */
export const json = async (response: Response): Promise<Record<string, unknown>> => {
  const said: unknown = await response.json()
  return typeof said === 'object' && said !== null ? { ...said } : {}
}
