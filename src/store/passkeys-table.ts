import type { NewPasskey, Passkey } from '../access/passkey.ts'
import type { PasskeyStore } from '../access/passkeys.ts'
import { personName } from '../model/ids.ts'
import { spendChallenge } from './challenges-table.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { integer, json, maybeInteger, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const passkeyFrom = (row: Row): Passkey => ({
  id: text(row, 'id'),
  person: personName(text(row, 'person')),
  name: text(row, 'name'),
  publicKey: text(row, 'public_key'),
  counter: integer(row, 'counter'),
  transports: json<readonly string[]>(row, 'transports'),
  createdAt: integer(row, 'created_at'),
  usedAt: maybeInteger(row, 'used_at'),
})

const FIND = `SELECT passkeys.* FROM passkeys JOIN people ON people.name = person WHERE id = :id AND disabled_at IS NULL`

const LIST = `SELECT passkeys.* FROM passkeys JOIN people ON people.name = person WHERE person = :person AND disabled_at IS NULL
  ORDER BY passkeys.created_at, passkeys.rowid`

const INSERT = `INSERT INTO passkeys (id, person, public_key, counter, name, transports, created_at)
  SELECT :id, people.name, :publicKey, :counter, :name, :transports, :createdAt FROM people
  WHERE people.name = :person AND disabled_at IS NULL AND service = 0 ON CONFLICT DO NOTHING`

/** A device that counts nothing says 0 every time; one that counts always says more than before. */
const USE = `UPDATE passkeys SET counter = :counter, used_at = :at
  WHERE id = :id AND (:counter > counter OR (:counter = 0 AND counter = 0))`

const FACTORS = `SELECT (SELECT count(*) FROM factors WHERE person = :person) + (SELECT count(*) FROM passkeys WHERE person = :person) AS many`

export const passkeysTable = (database: Database): Synchronous<PasskeyStore> => ({
  find({ id }) {
    const row = database.get(FIND, { id })
    return row && passkeyFrom(row)
  },
  list: ({ person }) => database.all(LIST, { person }).map(passkeyFrom),
  add({ passkey, spent, limit, note }) {
    const count = database.get('SELECT count(*) AS many FROM passkeys WHERE person = :person', {
      person: passkey.person,
    })
    if (integer(count ?? {}, 'many') >= limit) return 'too-many'
    if (!spendChallenge(database, spent, passkey.createdAt)) return 'replayed'
    if (!insertPasskey(database, passkey)) return 'refused'
    writeNote(database, note)
    return 'added'
  },
  use({ id, counter, spent, at, note }) {
    if (!spendChallenge(database, spent, at)) return 'replayed'
    if (database.run(USE, { id, counter, at }) === 1) return 'used'
    writeNote(database, note)
    return 'regressed'
  },
  rename({ id, person, name, note }) {
    const sql = 'UPDATE passkeys SET name = :name WHERE id = :id AND person = :person'
    if (database.run(sql, { id, person, name }) === 0) return false
    writeNote(database, note)
    return true
  },
  remove({ id, person, note }) {
    const own = database.get('SELECT 1 FROM passkeys WHERE id = :id AND person = :person', { id, person })
    if (own === undefined) return 'not-found'
    if (integer(database.get(FACTORS, { person }) ?? {}, 'many') <= 1) return 'last-factor'
    database.run('DELETE FROM passkeys WHERE id = :id', { id })
    writeNote(database, note)
    return 'removed'
  },
})

/** False where the id is known already, whoever has it, or the person is no live human account. */
export function insertPasskey(database: Database, passkey: NewPasskey['passkey']): boolean {
  const { id, person, publicKey, counter, name, createdAt } = passkey
  const transports = JSON.stringify(passkey.transports)
  return database.run(INSERT, { id, person, publicKey, counter, name, transports, createdAt }) === 1
}
