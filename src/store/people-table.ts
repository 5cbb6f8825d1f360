import type { PeopleStore } from '../access/people.ts'
import type { Person } from '../access/person.ts'
import { personName, targetName } from '../model/ids.ts'
import type { PersonName } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Role } from '../model/principal.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { integer, json, maybeInteger, maybeText, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

export function personFrom(row: Row): Person {
  const [owner, target] = [maybeText(row, 'owner'), maybeText(row, 'target')]
  return {
    name: personName(text(row, 'name')),
    roles: json<readonly Role[]>(row, 'roles'),
    service: integer(row, 'service') === 1,
    owner: owner === undefined ? undefined : personName(owner),
    target: target === undefined ? undefined : targetName(target),
    createdAt: integer(row, 'created_at'),
    disabledAt: maybeInteger(row, 'disabled_at'),
    lastLoginAt: maybeInteger(row, 'last_login_at'),
  }
}

const INSERT = `INSERT INTO people (name, roles, service, owner, target, created_at)
  VALUES (:name, :roles, :service, :owner, :target, :createdAt) ON CONFLICT DO NOTHING`

/** An account and those it owns: who leaves takes the programs along. */
const THEIRS = '(SELECT name FROM people WHERE name = :name OR owner = :name)'

export const peopleTable = (database: Database): Synchronous<PeopleStore> => ({
  add({ person, verifier, temporary, note }) {
    if (!insertPerson(database, person)) return false
    const { name, createdAt: at } = person
    if (verifier !== undefined) savePassword(database, { name, verifier, temporary, at })
    writeNote(database, note)
    return true
  },
  find({ name }) {
    const row = database.get('SELECT * FROM people WHERE name = :name', { name })
    return row && personFrom(row)
  },
  list: () => database.all('SELECT * FROM people ORDER BY name').map(personFrom),
  setRoles({ name, roles, note }) {
    const sql = 'UPDATE people SET roles = :roles WHERE name = :name AND disabled_at IS NULL'
    const changed = database.run(sql, { name, roles: JSON.stringify(roles) }) === 1
    if (changed) writeNote(database, note)
    return changed
  },
  disable: (input) => disable(database, input),
  disableIdle({ name, before, at, note }) {
    const sql = 'SELECT 1 FROM people WHERE name = :name AND coalesce(last_login_at, created_at) <= :before'
    return database.get(sql, { name, before }) !== undefined && disable(database, { name, at, note })
  },
  passwords: ({ name }) =>
    database
      .all('SELECT verifier FROM passwords WHERE person = :name ORDER BY id DESC LIMIT 4', { name })
      .map((row) => text(row, 'verifier')),
  isLinked: ({ name }) => database.get('SELECT 1 FROM identities WHERE person = :name', { name }) !== undefined,
  isTemporary({ name }) {
    const sql = 'SELECT temporary FROM passwords WHERE person = :name ORDER BY id DESC LIMIT 1'
    const row = database.get(sql, { name })
    return row !== undefined && integer(row, 'temporary') === 1
  },
  setPassword({ name, verifier, temporary, at, note }) {
    const live = database.get('SELECT 1 FROM people WHERE name = :name AND disabled_at IS NULL AND service = 0', {
      name,
    })
    if (live === undefined) return false
    savePassword(database, { name, verifier, temporary, at })
    // A new password ends what the old one opened.
    database.run('DELETE FROM tokens WHERE person = :name', { name })
    writeNote(database, note)
    return true
  },
})

/** False where the name is or ever was taken. */
export function insertPerson(database: Database, person: Person): boolean {
  const { name, service, createdAt, owner, target } = person
  const roles = JSON.stringify(person.roles)
  return database.run(INSERT, { name, roles, service, owner, target, createdAt }) === 1
}

export function savePassword(
  database: Database,
  password: { name: string; verifier: string; temporary: boolean; at: number },
): void {
  const { name } = password
  const insert =
    'INSERT INTO passwords (person, verifier, temporary, set_at) VALUES (:name, :verifier, :temporary, :at)'
  database.run(insert, { ...password })
  const kept = 'SELECT id FROM passwords WHERE person = :name ORDER BY id DESC LIMIT 4'
  database.run(`DELETE FROM passwords WHERE person = :name AND id NOT IN (${kept})`, { name })
}

function disable(database: Database, input: { name: PersonName; at: number; note: LedgerNote }): boolean {
  const { name, at, note } = input
  if (!endEntries(database, { name, at, owned: true })) return false
  const values = { name, at, by: note.by }
  database.run(
    `UPDATE grants SET revoked_at = :at, revoked_by = :by WHERE revoked_at IS NULL AND person IN ${THEIRS}`,
    values,
  )
  database.run(`UPDATE people SET disabled_at = :at WHERE disabled_at IS NULL AND name IN ${THEIRS}`, { name, at })
  writeNote(database, note)
  return true
}

/** Ends tokens and credentials of a live account, and so its sessions; those of the accounts that it owns too where `owned`. False where it is none. */
export function endEntries(
  database: Database,
  { name, at, owned }: { name: PersonName; at: number; owned: boolean },
): boolean {
  const theirs = owned ? THEIRS : '(:name)'
  const live = database.get('SELECT 1 FROM people WHERE name = :name AND disabled_at IS NULL', { name })
  if (live === undefined) return false
  const ended = { name, at }
  database.run(`UPDATE credentials SET revoked_at = :at WHERE revoked_at IS NULL AND person IN ${theirs}`, ended)
  database.run(`DELETE FROM tokens WHERE person IN ${theirs}`, { name })
  return true
}
