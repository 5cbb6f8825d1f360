import type { Candidate, CredentialStore } from '../access/credentials.ts'
import { personName, targetName } from '../model/ids.ts'
import type { CredentialId, GrantId } from '../model/ids.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { integer, maybeInteger, maybeText, text } from './row.ts'
import type { Row } from './row.ts'
import { isKeptOut } from './stops-table.ts'
import type { Synchronous } from './synchronous.ts'

function candidateFrom(row: Row): Candidate {
  const credential = {
    id: text(row, 'id') as CredentialId,
    person: personName(text(row, 'person')),
    target: targetName(text(row, 'target')),
    grant: text(row, 'grant_id') as GrantId,
    source: maybeText(row, 'source'),
    createdAt: integer(row, 'created_at'),
    expiresAt: integer(row, 'expires_at'),
    revokedAt: maybeInteger(row, 'revoked_at'),
  }
  return { credential, verifier: text(row, 'verifier') }
}

const LIVE = `SELECT credentials.* FROM credentials JOIN grants ON grants.id = grant_id JOIN people ON name = credentials.person
  WHERE credentials.person = :person AND credentials.target = coalesce(:target, credentials.target)
    AND credentials.revoked_at IS NULL AND credentials.expires_at > :now
    AND grants.revoked_at IS NULL AND grants.expires_at > :now AND disabled_at IS NULL
  ORDER BY credentials.created_at DESC, credentials.rowid DESC`

const GRANT = `SELECT 1 FROM grants JOIN people ON name = person WHERE grants.id = :grant AND person = :person AND grants.target = :target
  AND revoked_at IS NULL AND expires_at > :now AND expires_at >= :expiresAt AND disabled_at IS NULL`

const INSERT = `INSERT INTO credentials (id, person, target, grant_id, source, verifier, created_at, expires_at)
  VALUES (:id, :person, :target, :grant, :source, :verifier, :createdAt, :expiresAt)`

const REVOKE = `UPDATE credentials SET revoked_at = :at
  WHERE id = :id AND person = coalesce(:person, person) AND revoked_at IS NULL`

export const credentialsTable = (database: Database): Synchronous<CredentialStore> => ({
  add({ credential, verifier, limit, note }) {
    const { id, person, target, grant, source, createdAt, expiresAt } = credential
    if (isKeptOut(database, { person, target })) return 'stopped'
    if (database.get(GRANT, { grant, person, target, expiresAt, now: createdAt }) === undefined) return 'no-grant'
    if (database.all(LIVE, { person, target, now: createdAt }).length >= limit) return 'too-many'
    database.run(INSERT, { id, person, target, grant, source, verifier, createdAt, expiresAt })
    writeNote(database, note)
    return 'added'
  },
  live: ({ person, target, now }) => database.all(LIVE, { person, target, now }).map(candidateFrom),
  revoke({ id, person, at, note }) {
    if (database.run(REVOKE, { id, person, at }) === 0) return false
    writeNote(database, note)
    return true
  },
})
