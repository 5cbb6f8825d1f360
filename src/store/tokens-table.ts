import type { TokenStore } from '../access/tokens.ts'
import { personName } from '../model/ids.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { personFrom } from './people-table.ts'
import { integer, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const ISSUE = `INSERT INTO tokens (hash, person, created_at, used_at, expires_at)
  SELECT :hash, name, :createdAt, :usedAt, :expiresAt FROM people WHERE name = :person AND disabled_at IS NULL AND service = 0`

const FIND = `SELECT people.*, hash, used_at, tokens.expires_at, tokens.created_at AS issued_at FROM tokens JOIN people ON name = person
  WHERE hash = :hash AND disabled_at IS NULL`

export const tokensTable = (database: Database): Synchronous<TokenStore> => ({
  issue({ token, note }) {
    const { hash, person, createdAt, usedAt, expiresAt } = token
    database.run('DELETE FROM tokens WHERE expires_at < :now', { now: createdAt })
    if (database.run(ISSUE, { hash, person, createdAt, usedAt, expiresAt }) === 0) return false
    database.run('UPDATE people SET last_login_at = :at WHERE name = :person', { at: createdAt, person })
    writeNote(database, note)
    return true
  },
  find({ hash }) {
    const row = database.get(FIND, { hash })
    return row && { token: tokenFrom(row), person: personFrom(row) }
  },
  touch({ hash, at }) {
    database.run('UPDATE tokens SET used_at = max(used_at, :at) WHERE hash = :hash', { hash, at })
  },
  revoke({ hash, note }) {
    if (database.run('DELETE FROM tokens WHERE hash = :hash', { hash }) === 0) return false
    writeNote(database, note)
    return true
  },
})

const tokenFrom = (row: Row) => ({
  hash: text(row, 'hash'),
  person: personName(text(row, 'name')),
  createdAt: integer(row, 'issued_at'),
  usedAt: integer(row, 'used_at'),
  expiresAt: integer(row, 'expires_at'),
})
