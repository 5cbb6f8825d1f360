import { before } from '../approvals/approval.ts'
import type { Approval, ApprovalState, Decision } from '../approvals/approval.ts'
import { escalatedBetween, nextEscalation } from '../approvals/escalation.ts'
import { reviewOf, ruleBreakGlass, type BreakGlassOutcome } from '../approvals/break-glass.ts'
import { breakGlassNote, decisionNote, escalationNote } from '../approvals/note.ts'
import { lapsedOf } from '../approvals/quorum.ts'
import { rule, stateAt, type DecisionOutcome, type DecisionRefusal } from '../approvals/ruling.ts'
import type { ApprovalStore, Quotas } from '../approvals/store.ts'
import type { ApprovalId } from '../model/ids.ts'
import { asTheyStand } from './answering.ts'
import { approvalFrom, decisionFrom } from './approval-row.ts'
import type { Database } from './database.ts'
import { isReturned, lastFavour } from './favours.ts'
import { writeNote } from './journal-table.ts'
import { pageOf } from './page.ts'
import { bearingReviews, insertReview } from './reviews-table.ts'
import { integer, text } from './row.ts'
import type { Row } from './row.ts'
import { countingNow, isStillAgreed } from './still-agreed.ts'
import type { Synchronous } from './synchronous.ts'

const among = (states: readonly ApprovalState[]): string => states.map((state) => `'${state}'`).join(', ')

const INSERT = `INSERT INTO approvals (id, state, session, person, human, target, digest, matches, holds, redacted, policy_version,
    needs_factor, eligible, created_at, expires_at, escalates_at)
  VALUES (:id, 'open', :session, :person, :human, :target, :digest, :matches, :holds, :redacted, :policyVersion, :needsFactor, :eligible,
    :createdAt, :expiresAt, :escalatesAt)`

const COUNTS = `SELECT
    (SELECT count(*) FROM approvals WHERE state = 'open' AND person = :person) AS of_person,
    (SELECT count(*) FROM approvals WHERE state = 'open' AND target = :target) AS of_target,
    (SELECT count(*) FROM approvals WHERE person = :person AND created_at > :hourAgo) AS in_hour`

const LIST = `SELECT * FROM approvals WHERE state = coalesce(:state, state) AND person = coalesce(:person, person)
    AND target = coalesce(:target, target) AND session = coalesce(:session, session) AND created_at < :before
  ORDER BY created_at DESC, rowid DESC LIMIT :limit`

const DECIDE = `INSERT INTO decisions (approval, person, human, kind, roles, reason, at)
  VALUES (:id, :person, :human, :kind, :roles, :reason, :at)`

const ESCALATES = `SELECT id, escalates_at FROM approvals WHERE state = 'open' AND escalates_at <= :now AND expires_at > :now
  ORDER BY escalates_at LIMIT :limit`

const SETTLE = `UPDATE approvals SET state = :to, settled_at = :at, settled_by = :by, reason = :reason
  WHERE id = :id AND state IN (${among(before('void'))})`

/** What must still hold at the moment of execution, in the statement that starts it; the transaction around it also counts the votes again. */
const CLAIM = `UPDATE approvals SET state = 'executing', fence = :fence, claimed_at = :now
  WHERE id = :id AND state IN (${among(before('executing'))}) AND expires_at > :now
    AND EXISTS (
      SELECT 1 FROM sessions JOIN grants ON grants.id = sessions.grant_id JOIN people ON people.name = sessions.person
      WHERE sessions.id = approvals.session AND sessions.person = approvals.person AND sessions.ended_at IS NULL
        AND grants.revoked_at IS NULL AND grants.expires_at > :now AND people.disabled_at IS NULL)`

const FINISH = `UPDATE approvals SET state = :to, finished_at = :at, detail = :detail
  WHERE id = :id AND state IN (${among(before('done'))})`

const HOUR_MS = 3_600_000

export const approvalsTable = (database: Database): Synchronous<ApprovalStore> => ({
  open({ approval, quotas, note }) {
    const excess = quotaExcess(database, approval, quotas)
    if (excess !== undefined) return excess
    insert(database, approval)
    writeNote(database, note)
    return 'opened'
  },
  find: ({ id }) => find(database, id),
  list({ filter }) {
    const { state, person, target, session } = filter
    const rows = database.all(LIST, { state, person, target, session, ...pageOf(filter) })
    return rows.map((row) => whole(database, row))
  },
  decide: (input) => decide(database, input),
  escalate: ({ now, limit }) =>
    database.all(ESCALATES, { now, limit }).flatMap((row) => escalate(database, { row, now }) ?? []),
  favour: (asked) => lastFavour(database, asked),
  lapsed({ id }) {
    const decisions = find(database, id)?.decisions ?? []
    return lapsedOf(decisions, countingNow(database, decisions))
  },
  breakGlass: (input) => breakGlass(database, input),
  settle({ id, to, reason, note }) {
    if (database.run(SETTLE, { id, to, reason, at: note.at, by: note.by }) === 0) return undefined
    writeNote(database, note)
    return find(database, id)
  },
  claim({ id, fence, now, note }) {
    const approval = find(database, id)
    if (approval === undefined || !isStillAgreed(database, approval, now)) return false
    if (database.run(CLAIM, { id, fence, now }) === 0) return false
    writeNote(database, note)
    return true
  },
  finish({ id, to, detail, note }) {
    if (database.run(FINISH, { id, to, detail, at: note.at }) === 0) return false
    writeNote(database, note)
    return true
  },
  recover: ({ at }) => recover(database, at),
})

function decide(database: Database, { answer, now }: Parameters<ApprovalStore['decide']>[0]): DecisionOutcome {
  const approval = find(database, answer.id)
  const counting = countingNow(database, approval?.decisions ?? [])
  const ruled = rule(approval && { ...approval, counting }, asTheyStand(database, answer.person, answer), now)
  if (ruled.kind === 'refused') return { outcome: 'refused', ...refusal(ruled) }
  if (ruled.kind === 'decided' && isReturned(database, approval, ruled.decision))
    return { outcome: 'refused', why: 'reciprocal' }
  if (ruled.kind === 'decided') write(database, { id: answer.id, ...ruled })
  const after = existing(database, answer.id)
  if (ruled.kind === 'decided') writeNote(database, decisionNote(after, ruled.decision, answer.origin))
  return { outcome: 'recorded', approval: after, repeated: ruled.kind === 'repeated' }
}

function breakGlass(
  database: Database,
  { use, terms, review: id, now }: Parameters<ApprovalStore['breakGlass']>[0],
): BreakGlassOutcome {
  const approval = find(database, use.id)
  if (approval === undefined) return { outcome: 'refused', why: 'not-found' }
  const { target } = approval
  const reviews = bearingReviews(database, { human: use.owner ?? use.person, incident: use.incident, target })
  const known = asTheyStand(database, use.person, use)
  const ruled = ruleBreakGlass({ approval, use: known, terms, reviews, now })
  if ('why' in ruled) return { outcome: 'refused', why: ruled.why, state: stateAt(approval, now) }
  write(database, { id: approval.id, decision: ruled, state: 'approved' })
  const review = reviewOf({ approval, use, now }, id)
  insertReview(database, review)
  const after = existing(database, use.id)
  writeNote(database, breakGlassNote(after, review, use.origin))
  return { outcome: 'cleared', approval: after, review }
}

const refusal = ({ why, state }: { why: DecisionRefusal; state?: ApprovalState }) =>
  state === undefined ? { why } : { why, state }

function find(database: Database, id: ApprovalId): Approval | undefined {
  const row = database.get('SELECT * FROM approvals WHERE id = :id', { id })
  return row && whole(database, row)
}

function existing(database: Database, id: ApprovalId): Approval {
  const approval = find(database, id)
  if (approval === undefined) throw new Error('an approval vanished')
  return approval
}

const whole = (database: Database, row: Row): Approval =>
  approvalFrom(
    row,
    database
      .all('SELECT * FROM decisions WHERE approval = :id ORDER BY rowid', { id: text(row, 'id') })
      .map(decisionFrom),
  )

function quotaExcess(database: Database, approval: Approval, quotas: Quotas) {
  const { person, target, createdAt } = approval
  const counts = database.get(COUNTS, { person, target, hourAgo: createdAt - HOUR_MS })
  if (counts === undefined || integer(counts, 'of_person') >= quotas.openPerPerson) return 'person-quota'
  if (integer(counts, 'of_target') >= quotas.openPerTarget) return 'target-quota'
  return integer(counts, 'in_hour') >= quotas.perPersonAndHour ? 'hour-quota' : undefined
}

function insert(database: Database, approval: Approval): void {
  const { id, session, person, human, target, digest, policyVersion, needsFactor, createdAt, expiresAt } = approval
  const [matches, holds] = [JSON.stringify(approval.matches), JSON.stringify(approval.holds)]
  const [redacted, eligible] = [JSON.stringify(approval.redacted), JSON.stringify(approval.eligible)]
  const plain = { id, session, person, human, target, digest, policyVersion, needsFactor, createdAt, expiresAt }
  const escalatesAt = nextEscalation(approval, createdAt)
  database.run(INSERT, { ...plain, matches, holds, redacted, eligible, escalatesAt })
}

function escalate(database: Database, { row, now }: { row: Row; now: number }) {
  const before = existing(database, text(row, 'id') as ApprovalId)
  const at = nextEscalation(before, now)
  database.run('UPDATE approvals SET escalates_at = :at WHERE id = :id', { id: before.id, at })
  const escalation = escalatedBetween(before, { after: integer(row, 'escalates_at') - 1, now })
  if (escalation === undefined) return undefined
  const last = before.decisions.at(-1)
  // Whom it asks from now on may have said yes already, for another of its rules.
  if (last !== undefined && isStillAgreed(database, before, now)) settle(database, before.id, { ...last, at: now })
  const approval = existing(database, before.id)
  writeNote(database, escalationNote(approval, escalation, now))
  return { approval, escalation }
}

/** Inside one transaction with the reading before it, so that nothing can come between. */
function write(database: Database, decided: { id: ApprovalId; decision: Decision; state: ApprovalState }): void {
  const { id, state, decision } = decided
  const { person, human, kind, reason, at } = decision
  database.run(DECIDE, { id, person, human, kind, reason, at, roles: JSON.stringify(decision.roles) })
  if (state !== 'open') settle(database, id, { ...decision, state })
}

/** By the word of whoever decided last. */
function settle(
  database: Database,
  id: ApprovalId,
  said: Pick<Decision, 'person' | 'reason' | 'at'> & { readonly state?: ApprovalState },
): void {
  const { person: by, reason, at, state = 'approved' } = said
  const sql = 'UPDATE approvals SET state = :state, settled_at = :at, settled_by = :by, reason = :reason WHERE id = :id'
  if (database.run(sql, { id, state, at, by, reason }) !== 1) throw new Error('a decision found no approval to settle')
}

const RECOVER = `UPDATE approvals SET settled_by = 'system', settled_at = coalesce(settled_at, :at), reason = 'the server stopped',
    finished_at = CASE WHEN state = 'executing' THEN :at END,
    state = CASE WHEN state = 'executing' THEN 'unknown' ELSE 'void' END
  WHERE state IN ('open', 'approved', 'executing') RETURNING id`

function recover(database: Database, at: number): readonly Approval[] {
  const ids = database.all(RECOVER, { at }).map((row) => text(row, 'id') as ApprovalId)
  const changed = ids.map((id) => find(database, id)).filter((approval) => approval !== undefined)
  for (const { id, state } of changed) {
    const resource = `approval:${id}`
    writeNote(database, {
      kind: `approval.${state}`,
      at,
      by: 'system',
      origin: 'local',
      outcome: state,
      resource,
      detail: {},
    })
  }
  return changed
}
