import type { Decision } from '../approvals/approval.ts'
import { rule } from '../approvals/ruling.ts'
import { scriptDecisionNote, scriptNote } from '../approvals/script-note.ts'
import { answerable, scriptStateAt, type Script, type ScriptState } from '../approvals/script.ts'
import type { ScriptDecision, ScriptStore } from '../approvals/script-store.ts'
import type { ScriptId } from '../model/ids.ts'
import { asTheyStand } from './answering.ts'
import { decisionFrom } from './approval-row.ts'
import type { Database } from './database.ts'
import { isReturned } from './favours.ts'
import { writeNote } from './journal-table.ts'
import { pageOf } from './page.ts'
import { integer, json, text, type Row } from './row.ts'
import { scriptFrom } from './script-row.ts'
import { countingNow, isStillAgreed } from './still-agreed.ts'
import type { Synchronous } from './synchronous.ts'

const INSERT = `INSERT INTO scripts (id, state, person, human, target, database, account, sealed, redacted, statements, digest, policy_version,
    matches, holds, eligible, reason, ticket, created_at, expires_at, settled_at, settled_by, why)
  VALUES (:id, :state, :person, :human, :target, :database, :account, :sealed, :redacted, :statements, :digest, :policyVersion,
    :matches, :holds, :eligible, :reason, :ticket, :createdAt, :expiresAt, :settledAt, :settledBy, :why)`

const WAITING = `SELECT count(*) AS waiting FROM scripts WHERE person = :person AND state IN ('open', 'approved') AND expires_at > :now`

const LIST = `SELECT * FROM scripts WHERE state = coalesce(:state, state) AND person = coalesce(:person, person)
    AND target = coalesce(:target, target) AND created_at < :before
  ORDER BY created_at DESC, rowid DESC LIMIT :limit`

const DECIDE = `INSERT INTO script_decisions (script, person, human, kind, roles, reason, at)
  VALUES (:id, :person, :human, :kind, :roles, :reason, :at)`

const SETTLE = `UPDATE scripts SET state = :to, settled_at = :at, settled_by = :by, why = :why
  WHERE id = :id AND state IN ('open', 'approved')`

/** Its session, on its target, of its submitter, under a grant that lives. */
const STANDS = `EXISTS (
      SELECT 1 FROM sessions JOIN grants ON grants.id = sessions.grant_id JOIN people ON people.name = sessions.person
      WHERE sessions.id = :session AND sessions.person = scripts.person AND sessions.target = scripts.target AND sessions.ended_at IS NULL
        AND grants.revoked_at IS NULL AND grants.expires_at > :now AND people.disabled_at IS NULL)`

const CLAIM = `UPDATE scripts SET state = 'running', session = :session, run_at = :now
  WHERE id = :id AND state = 'approved' AND expires_at > :now AND ${STANDS}`

const ADVANCE = `UPDATE scripts SET position = :position
  WHERE id = :id AND state = 'running' AND session = :session AND position = :position - 1 AND ${STANDS}`

const FINISH = `UPDATE scripts SET state = :to, finished_at = :at, detail = :detail WHERE id = :id AND state = 'running'`

const RECOVER = `UPDATE scripts SET state = 'unknown', finished_at = :at,
    detail = 'the server stopped; of statement ' || position || ' of ' || json_array_length(statements) || ' and whatever came before it in the same transaction nobody here knows the end'
  WHERE state = 'running' RETURNING id`

export const scriptsTable = (database: Database): Synchronous<ScriptStore> => ({
  open({ script, most, note }) {
    const { person, createdAt: now } = script
    const row = database.get(WAITING, { person, now })
    if (row === undefined || integer(row, 'waiting') >= most) return 'full'
    insert(database, script)
    writeNote(database, note)
    return 'opened'
  },
  find: ({ id }) => find(database, id),
  list({ filter }) {
    const { state, person, target } = filter
    const rows = database.all(LIST, { state, person, target, ...pageOf(filter) })
    return rows.map((row) => whole(database, row))
  },
  decide: (input) => decide(database, input),
  settle({ id, to, why, note }) {
    if (database.run(SETTLE, { id, to, why, at: note.at, by: note.by }) === 0) return undefined
    writeNote(database, note)
    return find(database, id)
  },
  claim({ id, session, now, note }) {
    if (!isAgreed(database, id, now) || database.run(CLAIM, { id, session, now }) === 0) return false
    writeNote(database, note)
    return true
  },
  advance: ({ id, session, position, now }) =>
    isAgreed(database, id, now) && database.run(ADVANCE, { id, session, position, now }) === 1,
  finish({ id, to, detail, note }) {
    if (database.run(FINISH, { id, to, detail, at: note.at }) === 0) return undefined
    writeNote(database, note)
    return find(database, id)
  },
  widen: ({ now }) => widen(database, now),
  due: ({ now }) =>
    database
      .all(`SELECT id FROM scripts WHERE state IN ('open', 'approved') AND expires_at <= :now`, { now })
      .map((row) => text(row, 'id') as ScriptId),
  recover: ({ at }) => recover(database, at),
})

function decide(database: Database, { answer, now }: Parameters<ScriptStore['decide']>[0]): ScriptDecision {
  const script = find(database, answer.id)
  const counting = countingNow(database, script?.decisions ?? [])
  const known = asTheyStand(database, answer.person, answer)
  const ruled = rule(script && { ...answerable(script), counting }, known, now)
  if (ruled.kind === 'refused')
    return { outcome: 'refused', why: ruled.why, ...(script && { state: scriptStateAt(script, now) }) }
  if (ruled.kind === 'decided' && isReturned(database, script, ruled.decision))
    return { outcome: 'refused', why: 'reciprocal' }
  if (ruled.kind === 'decided') {
    const state = ruled.state === 'approved' || ruled.state === 'denied' ? ruled.state : undefined
    write(database, { id: answer.id, decision: ruled.decision, state })
  }
  const after = find(database, answer.id)
  if (after === undefined) throw new Error('a script vanished')
  if (ruled.kind === 'decided') writeNote(database, scriptDecisionNote(after, ruled.decision, answer.origin))
  return { outcome: 'recorded', script: after, repeated: ruled.kind === 'repeated' }
}

/** Inside one transaction with the reading before it, so that nothing can come between. */
function write(
  database: Database,
  { id, decision, state }: { id: ScriptId; decision: Decision; state: ScriptState | undefined },
): void {
  const { person, human, kind, reason, at } = decision
  database.run(DECIDE, { id, person, human, kind, reason, at, roles: JSON.stringify(decision.roles) })
  if (state === undefined) return
  const sql = 'UPDATE scripts SET state = :state, settled_at = :at, settled_by = :by, why = :why WHERE id = :id'
  if (database.run(sql, { id, state, at, by: person, why: reason }) !== 1)
    throw new Error('a decision found no script to settle')
}

const WIDENING = `SELECT id FROM scripts WHERE state = 'open' AND expires_at > :now AND instr(holds, '"escalation"') > 0
    AND EXISTS (SELECT 1 FROM script_decisions WHERE script = scripts.id)`

function widen(database: Database, now: number): readonly Script[] {
  const ids = database.all(WIDENING, { now }).map((row) => text(row, 'id') as ScriptId)
  return ids.flatMap((id) => {
    if (!isAgreed(database, id, now)) return []
    const by = decisionsOf(database, id).at(-1)?.person
    const sql = `UPDATE scripts SET state = 'approved', settled_at = :now, settled_by = :by WHERE id = :id`
    database.run(sql, { id, now, by })
    const script = find(database, id)
    if (script === undefined) throw new Error('a script vanished')
    const actor = { by: 'system', origin: 'local' }
    writeNote(database, scriptNote(script, { kind: 'script.escalated', at: now, actor }))
    return [script]
  })
}

/** Looks at no more of it than that takes: it is asked before each of many statements. */
function isAgreed(database: Database, id: ScriptId, now: number): boolean {
  const row = database.get('SELECT holds, created_at FROM scripts WHERE id = :id', { id })
  if (row === undefined) return false
  const asked = { holds: json<Script['holds']>(row, 'holds'), createdAt: integer(row, 'created_at') }
  return isStillAgreed(database, { ...asked, decisions: decisionsOf(database, id) }, now)
}

function find(database: Database, id: ScriptId): Script | undefined {
  const row = database.get('SELECT * FROM scripts WHERE id = :id', { id })
  return row && whole(database, row)
}

const whole = (database: Database, row: Row): Script => scriptFrom(row, decisionsOf(database, text(row, 'id')))

const decisionsOf = (database: Database, id: string): readonly Decision[] =>
  database.all('SELECT * FROM script_decisions WHERE script = :id ORDER BY rowid', { id }).map(decisionFrom)

function insert(database: Database, script: Script): void {
  const { id, state, person, human, target, database: base, account, sealed, digest, policyVersion } = script
  const { reason, ticket, createdAt, expiresAt, settledAt, settledBy, why } = script
  const [redacted, statements] = [JSON.stringify(script.redacted), JSON.stringify(script.statements)]
  const [matches, holds] = [JSON.stringify(script.matches), JSON.stringify(script.holds)]
  database.run(INSERT, {
    ...{
      id,
      state,
      person,
      human,
      target,
      database: base,
      account,
      sealed,
      redacted,
      statements,
      digest,
      policyVersion,
    },
    ...{ matches, holds, eligible: JSON.stringify(script.eligible), reason, ticket, createdAt, expiresAt },
    ...{ settledAt, settledBy, why },
  })
}

function recover(database: Database, at: number): readonly Script[] {
  const ids = database.all(RECOVER, { at }).map((row) => text(row, 'id') as ScriptId)
  const changed = ids.map((id) => find(database, id)).filter((script) => script !== undefined)
  const actor = { by: 'system', origin: 'local' }
  for (const script of changed)
    writeNote(database, scriptNote(script, { kind: 'script.unknown', at, actor, detail: { why: script.detail ?? '' } }))
  return changed
}
