import {
  resourceOf,
  type LastingScope,
  type Stop,
  type StopCounts,
  type StopScope,
  type StopStore,
} from '../access/stops.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { integer, maybeText, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

/** Whoever is stopped takes along the accounts they answer for, as one who is disabled does. */
const THEIRS = 'person IN (SELECT name FROM people WHERE name = :name OR owner = :name)'
const ANY = '(:name IS NULL)'

/** Which rows of each kind an order reaches. A stopped session keeps its grant: it is an end, not a revoke. */
const REACH: Readonly<Record<StopScope, { session: string; approval: string; access: string }>> = {
  session: { session: 'id = :name', approval: 'session = :name', access: 'FALSE AND :name' },
  person: { session: THEIRS, approval: THEIRS, access: THEIRS },
  target: { session: 'target = :name', approval: 'target = :name', access: 'target = :name' },
  everything: { session: ANY, approval: ANY, access: ANY },
}

const INSERT = 'INSERT INTO stops (scope, name, ordered_by, reason, at) VALUES (:scope, :name, :by, :reason, :at)'

const LIFT = `UPDATE stops SET lifted_at = :at, lifted_by = :by
  WHERE scope = :scope AND name IS :name AND lifted_at IS NULL`

const STANDING = `SELECT * FROM stops WHERE lifted_at IS NULL AND scope <> 'session' ORDER BY id DESC`

const KEEPS_OUT = `SELECT 1 FROM stops WHERE lifted_at IS NULL AND (scope = 'everything' OR (scope = 'target' AND name = :target)
    OR (scope = 'person' AND name IN (SELECT :person UNION SELECT owner FROM people WHERE people.name = :person)))`

/** Whether the kill switch stands for a row of `people`, or for whoever answers for that account. */
export const STOPPED_PERSON = `EXISTS (SELECT 1 FROM stops WHERE lifted_at IS NULL AND scope = 'person'
    AND stops.name IN (people.name, people.owner))`

const STOPPED = `SELECT 1 FROM people WHERE people.name = :name AND ${STOPPED_PERSON}`

/** Whether the kill switch keeps a person from a target now; asked in the step that would open something. */
export const isKeptOut = (database: Database, { person, target }: { person: string; target: string }): boolean =>
  database.get(KEEPS_OUT, { person, target }) !== undefined

export const stopsTable = (database: Database): Synchronous<StopStore> => ({
  order: ({ stop, note }) => order(database, stop, note),
  lift({ scope, name, at, by, note }) {
    if (database.get(STOPPED, { name: by }) !== undefined) return false
    if (database.run(LIFT, { scope, name, at, by }) === 0) return false
    writeNote(database, note)
    return true
  },
  standing: () => database.all(STANDING, {}).map(stopFrom),
})

function order(database: Database, stop: Stop, note: LedgerNote): StopCounts | undefined {
  const { name, by, at } = stop
  if (!exists(database, stop)) return undefined
  const reach = REACH[stop.scope]
  const sessions = database.all(`SELECT id FROM sessions WHERE ended_at IS NULL AND ${reach.session}`, { name })
  const holds = voided(database, stop)
  const revoked = `revoked_at IS NULL AND expires_at > :at AND ${reach.access}`
  const grants = database.run(`UPDATE grants SET revoked_at = :at, revoked_by = :by WHERE ${revoked}`, { name, at, by })
  const credentials = database.run(`UPDATE credentials SET revoked_at = :at WHERE ${revoked}`, { name, at })
  if (stop.scope === 'person') database.run(`DELETE FROM tokens WHERE ${THEIRS}`, { name })
  database.run(INSERT, { ...plain(stop) })
  const counts = { sessions: sessions.length, holds: holds.length, grants, credentials }
  writeNote(database, { ...note, detail: { ...note.detail, ...counts } })
  for (const id of holds) writeNote(database, noteOn(note, { kind: 'approval.void', resource: `approval:${id}` }))
  for (const row of sessions)
    writeNote(database, noteOn(note, { kind: 'session.terminated', resource: `session:${text(row, 'id')}` }))
  return counts
}

function exists(database: Database, { scope, name }: Stop): boolean {
  if (scope === 'session')
    return database.get('SELECT 1 FROM sessions WHERE id = :name AND ended_at IS NULL', { name }) !== undefined
  return scope !== 'person' || database.get('SELECT 1 FROM people WHERE name = :name', { name }) !== undefined
}

/** What waits, and what was approved and does not run yet: void in the step that stops it, so that no late claim finds it. */
function voided(database: Database, stop: Stop): readonly string[] {
  const { name, by, at } = stop
  const reason = `${resourceOf(stop)} was stopped`
  const sql = `UPDATE approvals SET state = 'void', settled_at = :at, settled_by = :by, reason = :reason
    WHERE state IN ('open', 'approved') AND ${REACH[stop.scope].approval} RETURNING id`
  return database.all(sql, { name, at, by, reason }).map((row) => text(row, 'id'))
}

const plain = ({ scope, name, by, reason, at }: Stop) => ({ scope, name, by, reason, at })

const noteOn = (note: LedgerNote, one: { kind: string; resource: string }): LedgerNote => ({ ...note, ...one })

const stopFrom = (row: Row): Stop => ({
  scope: text(row, 'scope') as LastingScope,
  name: maybeText(row, 'name'),
  by: text(row, 'ordered_by'),
  reason: text(row, 'reason'),
  at: integer(row, 'at'),
})
