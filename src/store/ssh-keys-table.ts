import type { SshCertificateStore } from '../access/ssh-certificates.ts'
import type { SshKey, SshKeyStore } from '../access/ssh-keys.ts'
import { personName } from '../model/ids.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { integer, maybeInteger, text } from './row.ts'
import type { Row } from './row.ts'
import { isKeptOut } from './stops-table.ts'
import type { Synchronous } from './synchronous.ts'

const keyFrom = (row: Row): SshKey => ({
  id: text(row, 'id'),
  person: personName(text(row, 'person')),
  line: text(row, 'line'),
  fingerprint: text(row, 'fingerprint'),
  name: text(row, 'name'),
  createdAt: integer(row, 'created_at'),
  usedAt: maybeInteger(row, 'used_at'),
})

const OWNER = 'SELECT person, removed_at IS NOT NULL AS removed FROM ssh_keys WHERE fingerprint = :fingerprint'

const INSERT = `INSERT INTO ssh_keys (id, person, line, fingerprint, name, created_at)
  SELECT :id, name, :line, :fingerprint, :label, :createdAt FROM people WHERE people.name = :person AND disabled_at IS NULL AND service = 0`

const LIST = `SELECT ssh_keys.* FROM ssh_keys WHERE person = coalesce(:person, person) AND removed_at IS NULL
  ORDER BY person, created_at, rowid`

const REMOVE = `UPDATE ssh_keys SET removed_at = :at WHERE id = :id AND person = coalesce(:person, person) AND removed_at IS NULL`

export const sshKeysTable = (database: Database): Synchronous<SshKeyStore> => ({
  add({ key, limit, note }) {
    const { id, person, line, fingerprint, name: label, createdAt } = key
    const owner = database.get(OWNER, { fingerprint })
    if (owner !== undefined) return integer(owner, 'removed') === 1 ? 'removed' : 'taken'
    if (database.all(LIST, { person }).length >= limit) return 'too-many'
    if (database.run(INSERT, { id, person, line, fingerprint, label, createdAt }) === 0) return 'refused'
    writeNote(database, note)
    return 'added'
  },
  list: ({ person }) => database.all(LIST, { person }).map(keyFrom),
  owner({ fingerprint }) {
    const row = database.get(OWNER, { fingerprint })
    return row && { person: personName(text(row, 'person')), removed: integer(row, 'removed') === 1 }
  },
  touch({ fingerprint, at }) {
    database.run('UPDATE ssh_keys SET used_at = :at WHERE fingerprint = :fingerprint', { fingerprint, at })
  },
  remove({ id, person, at, note }) {
    if (database.run(REMOVE, { id, person, at }) === 0) return false
    writeNote(database, note)
    return true
  },
})

const ISSUE = `INSERT INTO ssh_certificates (serial, person, fingerprint, issued_at, expires_at)
  SELECT :serial, name, :fingerprint, :issuedAt, :expiresAt FROM people
  WHERE name = :person AND disabled_at IS NULL AND service = 0
    AND NOT EXISTS (SELECT 1 FROM ssh_keys WHERE fingerprint = :fingerprint AND (person <> :person OR removed_at IS NOT NULL))
  ON CONFLICT DO NOTHING`

/** What was proved when it was issued is taken back by whatever takes the person's tokens. */
const STANDS = `SELECT 1 FROM ssh_certificates AS mine JOIN people ON people.name = mine.person
  WHERE serial = :serial AND mine.person = :person AND mine.fingerprint = :fingerprint AND mine.expires_at > :now AND disabled_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM ssh_keys WHERE ssh_keys.fingerprint = mine.fingerprint AND removed_at IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM stops WHERE scope = 'person' AND stops.name = mine.person AND at >= issued_at)
    AND (EXISTS (SELECT 1 FROM factors WHERE factors.person = mine.person AND enrolled_at <= issued_at)
      OR EXISTS (SELECT 1 FROM passkeys WHERE passkeys.person = mine.person AND passkeys.created_at <= issued_at))
    AND NOT EXISTS (SELECT 1 FROM passwords WHERE passwords.person = mine.person AND set_at > issued_at)`

export const sshCertificatesTable = (database: Database): Synchronous<SshCertificateStore> => ({
  add({ certificate: { serial, person, fingerprint, issuedAt, expiresAt }, note }) {
    // Long past, each of them only says what the ledger says as well.
    database.run('DELETE FROM ssh_certificates WHERE expires_at < :past', { past: issuedAt - KEPT_MS })
    if (isKeptOut(database, { person, target: NO_TARGET })) return 'stopped'
    if (database.run(ISSUE, { serial, person, fingerprint, issuedAt, expiresAt }) === 0) return 'taken'
    writeNote(database, note)
    return 'added'
  },
  stands: ({ serial, person, fingerprint, now }) =>
    database.get(STANDS, { serial, person, fingerprint, now }) !== undefined,
})

/** A certificate is for no target: only what stops the person, or everybody, stops it. */
const NO_TARGET = ''

const KEPT_MS = 30 * 24 * 3_600_000
