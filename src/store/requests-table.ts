import { requestDecisionNote, requestGrantNote, requestNote } from '../access/request-note.ts'
import { grantedMs, openStage, rolesAtLast, ruleRequest } from '../access/request-ruling.ts'
import type { RequestAnswer, RuledRequest } from '../access/request-ruling.ts'
import type { AddRefusal, RequestOutcome, RequestQuotas, RequestStore } from '../access/request-store.ts'
import type { AccessRequest, RequestId } from '../model/access-request.ts'
import type { GrantId } from '../model/ids.ts'
import type { Actor } from '../model/ledger.ts'
import { asTheyStand } from './answering.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { pageOf } from './page.ts'
import { accessDecisionFrom, requestFrom } from './request-row.ts'
import type { Role } from '../model/principal.ts'
import { integer, json, text } from './row.ts'
import type { Row } from './row.ts'
import { isKeptOut, STOPPED_PERSON } from './stops-table.ts'
import type { Synchronous } from './synchronous.ts'

const INSERT = `INSERT INTO access_requests (id, person, human, target, rights, for_ms, reason, ticket, renews, state, rule, message, stages, eligible,
    created_at, expires_at, settled_at)
  VALUES (:id, :person, :human, :target, :rights, :forMs, :reason, :ticket, :renews, :state, :rule, :message, :stages, :eligible,
    :createdAt, :expiresAt, :settledAt)`

const COUNTS = `SELECT (SELECT count(*) FROM access_requests WHERE state = 'open' AND person = :person) AS open,
    (SELECT count(*) FROM access_requests WHERE state = 'open' AND person = :person AND target = :target) AS of_target,
    (SELECT count(*) FROM access_requests WHERE person = :person AND created_at > :hourAgo) AS in_hour`

const LIST = `SELECT * FROM access_requests WHERE state = coalesce(:state, state) AND person = coalesce(:person, person)
    AND target = coalesce(:target, target) AND created_at < :before
  ORDER BY created_at DESC, rowid DESC LIMIT :limit`

const DECIDE = `INSERT INTO access_decisions (request, person, human, kind, stage, for_ms, reason, at)
  VALUES (:id, :person, :human, :kind, :stage, :forMs, :reason, :at)`

const DEFUNCT = `(EXISTS (SELECT 1 FROM people WHERE name = access_requests.person AND disabled_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM grants WHERE grants.id = access_requests.renews AND revoked_at IS NOT NULL))`

const EXPIRE = `UPDATE access_requests SET state = 'expired', settled_at = :now
  WHERE state = 'open' AND (expires_at <= :now OR ${DEFUNCT}) RETURNING id`

const PROLONG = `UPDATE grants SET expires_at = max(expires_at, :until)
  WHERE id = :renews AND revoked_at IS NULL AND expires_at > :now RETURNING expires_at`

const GRANT = `INSERT INTO grants (id, person, target, rights, granted_at, expires_at, granted_by, reason)
  VALUES (:grant, :person, :target, :rights, :now, :until, :by, :reason)`

const HOUR_MS = 3_600_000
const SYSTEM: Actor = { by: 'system', origin: 'local' }

export const requestsTable = (database: Database): Synchronous<RequestStore> => ({
  add({ request, grant, grantedBy, quotas, note }) {
    const refusal = addRefusal(database, request, quotas)
    if (refusal !== undefined) return refusal
    insert(database, request)
    writeNote(database, note)
    const actor = { by: note.by, origin: note.origin }
    if (request.state === 'granted')
      openGrant(database, request, { grant, forMs: request.forMs, now: request.createdAt, by: grantedBy, actor })
    return existing(database, request.id)
  },
  find: ({ id }) => find(database, id),
  list({ filter }) {
    const { state, person, target } = filter
    return database.all(LIST, { state, person, target, ...pageOf(filter) }).map((row) => whole(database, row))
  },
  decide: (input) => decide(database, input),
  withdraw({ id, note }) {
    const sql = `UPDATE access_requests SET state = 'withdrawn', settled_at = :at WHERE id = :id AND state = 'open'`
    if (database.run(sql, { id, at: note.at }) === 0) return undefined
    writeNote(database, note)
    return find(database, id)
  },
  expire({ now }) {
    const ended = database
      .all(EXPIRE, { now })
      .map((row) => find(database, text(row, 'id') as RequestId))
      .filter((request) => request !== undefined)
    for (const request of ended) writeNote(database, requestNote(request, SYSTEM, { kind: 'request.expired', at: now }))
    return ended
  },
  escalate({ id, stage, escalated, note }) {
    const request = find(database, id)
    if (request?.state !== 'open' || openStage(request.stages, request.decisions) !== stage) return false
    const sql = 'UPDATE access_requests SET escalated = :escalated WHERE id = :id AND escalated < :escalated'
    if (database.run(sql, { id, escalated }) === 0) return false
    writeNote(database, note)
    return true
  },
})

function find(database: Database, id: RequestId): AccessRequest | undefined {
  const row = database.get('SELECT * FROM access_requests WHERE id = :id', { id })
  return row && whole(database, row)
}

function existing(database: Database, id: RequestId): AccessRequest {
  const request = find(database, id)
  if (request === undefined) throw new Error('an access request vanished')
  return request
}

const DECISIONS = `SELECT access_decisions.*, people.roles AS roles, people.disabled_at IS NOT NULL OR ${STOPPED_PERSON} AS disabled
  FROM access_decisions LEFT JOIN people ON name = access_decisions.person WHERE request = :id ORDER BY access_decisions.rowid`

/** While it is open, a yes of somebody who was disabled or stopped, or has lost the role, is marked: it counts no more. What is settled stays as it was. */
function whole(database: Database, row: Row): AccessRequest {
  const request = requestFrom(row, [])
  const decisions = database.all(DECISIONS, { id: request.id }).map((said) => {
    const decision = accessDecisionFrom(said)
    const stage = request.stages[decision.stage]
    const from = stage === undefined ? [] : rolesAtLast(stage)
    const stands =
      integer(said, 'disabled') === 0 && json<readonly Role[]>(said, 'roles').some((role) => from.includes(role))
    return request.state === 'open' && decision.kind === 'approve' && !stands ? { ...decision, gone: true } : decision
  })
  return { ...request, decisions }
}

function addRefusal(database: Database, request: AccessRequest, quotas: RequestQuotas): AddRefusal | undefined {
  const { person, target, createdAt } = request
  const live = database.get('SELECT 1 FROM people WHERE name = :person AND disabled_at IS NULL AND service = 0', {
    person,
  })
  if (live === undefined) return 'no-such-person'
  if (isKeptOut(database, { person, target })) return 'stopped'
  const counts = database.get(COUNTS, { person, target, hourAgo: createdAt - HOUR_MS })
  if (counts === undefined || integer(counts, 'in_hour') >= quotas.perPersonAndHour) return 'too-many'
  if (request.state !== 'open') return undefined
  if (integer(counts, 'of_target') > 0) return 'asked-already'
  return integer(counts, 'open') >= quotas.openPerPerson ? 'too-many' : undefined
}

function insert(database: Database, request: AccessRequest): void {
  const { id, person, human, target, rights, forMs, reason, ticket, renews, state, rule, message } = request
  const { createdAt, expiresAt, settledAt } = request
  const [stages, eligible] = [JSON.stringify(request.stages), JSON.stringify(request.eligible)]
  const named = { id, person, human, target, rights, forMs, reason, ticket, renews, state, rule, message }
  database.run(INSERT, { ...named, stages, eligible, createdAt, expiresAt, settledAt })
}

interface Deciding {
  readonly answer: RequestAnswer
  readonly origin: string
  readonly grant: GrantId
  readonly now: number
}

function decide(database: Database, { answer, origin, grant, now }: Deciding): RequestOutcome {
  const request = find(database, answer.id)
  const stopped = request !== undefined && isKeptOut(database, request)
  const ruled = ruleRequest(request, asTheyStand(database, answer.by, answer), {
    now,
    defunct: isDefunct(database, answer.id),
    stopped,
  })
  if (ruled.kind === 'refused') return refusal(ruled)
  if (ruled.kind === 'decided') write(database, { id: answer.id, ruled, origin, grant })
  return { outcome: 'recorded', request: existing(database, answer.id), repeated: ruled.kind === 'repeated' }
}

const refusal = ({ why, state }: Extract<RuledRequest, { kind: 'refused' }>): RequestOutcome => ({
  outcome: 'refused',
  why,
  ...(state !== undefined && { state }),
})

const isDefunct = (database: Database, id: RequestId): boolean =>
  database.get(`SELECT 1 FROM access_requests WHERE id = :id AND ${DEFUNCT}`, { id }) !== undefined

interface Writing {
  readonly id: RequestId
  readonly ruled: Extract<RuledRequest, { kind: 'decided' }>
  readonly origin: string
  readonly grant: GrantId
}

/** Inside one transaction with the reading before it, so that nothing can come between. */
function write(database: Database, { id, ruled, origin, grant }: Writing): void {
  const { decision, state } = ruled
  const { person, human, kind, stage, forMs, reason, at } = decision
  database.run(DECIDE, { id, person, human, kind, stage, forMs, reason, at })
  if (state !== 'open') {
    const sql = `UPDATE access_requests SET state = :state, settled_at = :at WHERE id = :id AND state = 'open'`
    if (database.run(sql, { id, state, at }) !== 1) throw new Error('a decision found no request to settle')
  }
  const after = existing(database, id)
  writeNote(database, requestDecisionNote(after, decision, origin))
  if (state !== 'granted') return
  const approvers = after.decisions.filter((said) => said.kind === 'approve')
  const by = approvers.map((said) => said.person).join(', ')
  const forWhole = grantedMs(after, approvers)
  openGrant(database, after, { grant, forMs: forWhole, now: at, by, actor: { by: person, origin } })
}

interface Opening {
  readonly grant: GrantId
  readonly forMs: number
  readonly now: number
  readonly by: string
  readonly actor: Actor
}

/** Prolongs the live grant that the request renews, whose sessions then go on; otherwise makes a new one. */
function openGrant(database: Database, request: AccessRequest, { grant, forMs, now, by, actor }: Opening): void {
  const { id, person, target, rights, reason, renews } = request
  const wanted = now + forMs
  const moved = renews && database.get(PROLONG, { renews, until: wanted, now })
  if (moved === undefined) database.run(GRANT, { grant, person, target, rights, now, until: wanted, by, reason })
  const [named, until] = moved === undefined ? [grant, wanted] : [renews ?? grant, integer(moved, 'expires_at')]
  database.run('UPDATE access_requests SET grant_id = :named WHERE id = :id', { id, named })
  writeNote(
    database,
    requestGrantNote(request, { by: actor, at: now, grant: named, until, prolonged: moved !== undefined }),
  )
}
