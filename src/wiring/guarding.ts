import { createHmac, createHash } from 'node:crypto'
import type { Approvals } from '../approvals/approvals.ts'
import type { Eligible } from '../approvals/approval.ts'
import { digestOf } from '../approvals/digest.ts'
import { classificationVersion } from '../classify/sql/classify.ts'
import { redact } from '../classify/sql/redact.ts'
import { scrub } from '../mask/scrub.ts'
import type { ApprovalId, GrantId, PersonName, SessionId } from '../model/ids.ts'
import type { Principal } from '../model/principal.ts'
import type { RedactedText } from '../model/redacted.ts'
import { scrubbedBy } from '../model/scrubbed.ts'
import type { Target } from '../model/target.ts'
import type { ParserPool } from '../parsing/pool.ts'
import type { GuardContext } from '../proxy/postgres/enter.ts'
import { createGuard } from '../session/guard.ts'
import type { SqlGuard, JudgeRequest } from '../session/judgement.ts'
import { createHoldDesk, type GrantShown, type ShownStatement } from '../session/hold-desk.ts'
import { Reader, type Reading } from '../session/reading.ts'
import { createSqlMatter } from '../session/sql-matter.ts'
import type { Tallies } from '../session/tallies.ts'
import { redactValue } from '../session/values.ts'
import type { Clock } from '../std/clock.ts'
import type { Store } from '../store/open-store.ts'
import type { Access } from './access.ts'
import type { LivePolicy } from './policy.ts'

export interface GuardingDeps {
  readonly access: Access
  readonly store: Pick<Store, 'requests'>
  readonly approvals: Approvals<ShownStatement>
  readonly policy: LivePolicy
  readonly pool: ParserPool
  readonly clock: Clock
  readonly publicUrl: string
  readonly tallies: Tallies
}

/** The grant and the request behind it. A store that cannot say leaves the approver without them, and the hold stands. */
async function grantShown(
  { access, store }: Pick<GuardingDeps, 'access' | 'store'>,
  id: GrantId,
): Promise<GrantShown | undefined> {
  try {
    const grant = await access.grants.find(id)
    if (grant === undefined) return undefined
    const { person, target, rights, grantedBy: by, reason, expiresAt } = grant
    const requests = await store.requests.list({ filter: { person, target, state: 'granted' } })
    return { id, rights, by, reason, expiresAt, ticket: requests.find((request) => request.grant === id)?.ticket }
  } catch {
    return undefined
  }
}

export const scrubbed = scrubbedBy(scrub)

/** A keyed tag of a withheld value: 12 hex characters that tell equal values of this node, and nothing else. */
export const tagging =
  (key: Uint8Array) =>
  (value: string): string =>
    createHmac('sha256', key).update(value).digest('hex').slice(0, 12)

/** Makes the guard of each session. Readings are shared by the sessions of one database. */
export function createGuarding(deps: GuardingDeps): (context: GuardContext) => SqlGuard {
  const { access, policy, clock } = deps
  const tag = tagging(access.key('value-tag'))
  const readers = new Map<string, Reader>()
  const readerOf = (name: string): Reader => {
    const reader =
      readers.get(name) ?? new Reader({ classify: classifyIn(deps.pool), redact: redacting(tag), scrub: scrubbed })
    readers.set(name, reader)
    return reader
  }
  return (context) => {
    const { principal, database, recording, preapproved, rights } = context
    return createGuard({
      principal,
      rights,
      target: database.target,
      matter: createSqlMatter({
        reader: readerOf(`${database.target.name}/${database.name}`),
        catalog: () => database.catalog(),
        freshCatalog: () => database.freshCatalog(),
        redactValue: (parameter, clear) => redactValue({ tag, scrub }, parameter, clear),
        digest: digesting(access.key('approval-digest'), policy, context),
        planner: database.planRows,
      }),
      policy: () => policy.current(),
      witness: recording,
      holds: holdDeskOf(deps, { ...context, target: database.target, database: database.name }),
      scrub: scrubbed,
      preapproved,
      tally: deps.tallies.statements,
      now: () => clock.now(),
      after: (ms, callback) => clock.after(ms, callback),
    })
  }
}

export const classifyIn =
  (pool: ParserPool): ConstructorParameters<typeof Reader>[0]['classify'] =>
  (statement, scope, catalog) =>
    pool.classify(statement, {
      catalog,
      searchPath: scope.searchPath,
      dirty: scope.dirty,
      names: (name, kind) => (kind === 'statement' ? scope.statement(name) : scope.cursor(name)),
    })

/** Literals by their proved position, then the card scanner over what stays. */
export const redacting =
  (tag: (value: string) => string) =>
  (text: string, facts: Parameters<typeof redact>[1]): RedactedText =>
    redact(text, facts, tag).map((piece) => (typeof piece === 'string' ? scrub(piece) : piece))

/** What a hold tells of its session, whatever the protocol. */
export interface HeldSession {
  readonly session: SessionId
  readonly principal: Principal
  readonly owner: PersonName | undefined
  readonly target: Target
  /** Empty where the protocol has none. */
  readonly database: string
  readonly source: string
  readonly alive: () => boolean
  readonly grant: GrantId
}

export function holdDeskOf(
  deps: Omit<GuardingDeps, 'pool'>,
  { session, principal, target, database, source, alive, owner, grant }: HeldSession,
): ReturnType<typeof createHoldDesk> {
  const { approvals, publicUrl, access } = deps
  return createHoldDesk({
    approvals,
    session,
    principal,
    owner,
    target,
    database,
    origin: source,
    alive,
    tally: deps.tallies.holds,
    linkOf: (id: ApprovalId) => `${publicUrl}/approvals/${id}`,
    eligible: () => eligible(access),
    grant: () => grantShown(deps, grant),
  })
}

export async function eligible(access: Access): Promise<readonly Eligible[]> {
  const people = await access.people.list()
  return people
    .filter((one) => one.disabledAt === undefined && !one.service)
    .map(({ name, roles }) => ({ person: name, roles }))
}

/**
 * What the approver agrees to. In place of the catalog's epoch stands a hash of what was found out against it: a definition that changes nothing of that does not
 * void an approval, one that does always does.
 */
function digesting(
  key: Uint8Array,
  policy: LivePolicy,
  { session, principal, database }: GuardContext,
): (request: JudgeRequest, reading: Reading) => string {
  return ({ frame, statement, scope }, reading) =>
    digestOf(key, {
      frame,
      parameters: statement.parameters,
      person: principal.person,
      session,
      target: database.target.name,
      account: database.target.account,
      database: database.name,
      settings: { search_path: scope.searchPath?.join(',') ?? 'unknown', changes: String(scope.settings) },
      policyVersion: policy.current().version,
      classificationVersion,
      catalogEpoch: factsHash(reading),
    })
}

const factsHash = ({ facts, epoch }: Reading): string =>
  createHash('sha256')
    // Behind what is not understood (a function, say) any definition may stand: then every change of one counts.
    .update(facts.every((one) => one.complete) ? '' : `${epoch ?? 'unknown'}/`)
    .update(JSON.stringify(facts, (_, value: unknown) => (value instanceof Set ? [...value] : value)))
    .digest('hex')
