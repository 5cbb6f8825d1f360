import type { Grant, GrantStore } from '../access/grants.ts'
import { personName, targetName } from '../model/ids.ts'
import type { GrantId } from '../model/ids.ts'
import { rightsFrom } from './rights-column.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { integer, maybeInteger, maybeText, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

function grantFrom(row: Row): Grant {
  return {
    id: text(row, 'id') as GrantId,
    person: personName(text(row, 'person')),
    target: targetName(text(row, 'target')),
    rights: rightsFrom(row),
    grantedAt: integer(row, 'granted_at'),
    expiresAt: integer(row, 'expires_at'),
    grantedBy: text(row, 'granted_by'),
    reason: text(row, 'reason'),
    revokedAt: maybeInteger(row, 'revoked_at'),
    revokedBy: maybeText(row, 'revoked_by'),
  }
}

const INSERT = `INSERT INTO grants (id, person, target, rights, granted_at, expires_at, granted_by, reason)
  VALUES (:id, :person, :target, :rights, :grantedAt, :expiresAt, :grantedBy, :reason)`

const LIVE = `SELECT grants.* FROM grants JOIN people ON name = person
  WHERE person = :person AND revoked_at IS NULL AND expires_at > :now AND disabled_at IS NULL ORDER BY expires_at`

const LIST = `SELECT * FROM grants WHERE person = coalesce(:person, person) ORDER BY granted_at DESC, rowid DESC LIMIT :limit`

export const grantsTable = (database: Database): Synchronous<GrantStore> => ({
  add({ grant, note }) {
    const { id, person, target, rights, grantedAt, expiresAt, grantedBy, reason } = grant
    const row = database.get('SELECT target FROM people WHERE name = :person AND disabled_at IS NULL', { person })
    if (row === undefined) return 'no-such-person'
    if ((maybeText(row, 'target') ?? target) !== target) return 'not-its-target'
    database.run(INSERT, { id, person, target, rights, grantedAt, expiresAt, grantedBy, reason })
    writeNote(database, note)
    return 'added'
  },
  live: ({ person, now }) => database.all(LIVE, { person, now }).map(grantFrom),
  list: ({ person, limit }) => database.all(LIST, { person, limit }).map(grantFrom),
  find({ id }) {
    const row = database.get('SELECT * FROM grants WHERE id = :id', { id })
    return row && grantFrom(row)
  },
  revoke({ id, at, by, note }) {
    const sql = 'UPDATE grants SET revoked_at = :at, revoked_by = :by WHERE id = :id AND revoked_at IS NULL'
    if (database.run(sql, { id, at, by }) === 0) return false
    writeNote(database, note)
    return true
  },
})
