import type { Identity, IdentityStore } from '../access/oidc.ts'
import { born } from '../access/people.ts'
import type { Person } from '../access/person.ts'
import { personName } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Role } from '../model/principal.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { endEntries, insertPerson, personFrom } from './people-table.ts'
import { integer, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const identityFrom = (row: Row): Identity => ({
  issuer: text(row, 'issuer'),
  subject: text(row, 'subject'),
  person: personName(text(row, 'person')),
  kept: text(row, 'kept'),
  checkedAt: integer(row, 'checked_at'),
})

const LINK = `INSERT INTO identities (issuer, subject, person, kept, linked_at, checked_at)
  VALUES (:issuer, :subject, :person, :kept, :checkedAt, :checkedAt)`

const CONFIRM = `UPDATE identities SET kept = :kept, checked_at = :checkedAt WHERE issuer = :issuer AND subject = :subject`

const DUE = `SELECT identities.* FROM identities JOIN people ON name = person
  WHERE checked_at <= :before AND disabled_at IS NULL AND (
    EXISTS (SELECT 1 FROM tokens WHERE tokens.person = name AND tokens.expires_at > :now AND used_at > :now - :idleMs)
    OR EXISTS (SELECT 1 FROM credentials WHERE credentials.person = name AND revoked_at IS NULL AND credentials.expires_at > :now)
    OR EXISTS (SELECT 1 FROM sessions WHERE sessions.person = name AND ended_at IS NULL))`

export const identitiesTable = (database: Database): Synchronous<IdentityStore> => ({
  find({ issuer, subject }) {
    const row = database.get('SELECT * FROM identities WHERE issuer = :issuer AND subject = :subject', {
      issuer,
      subject,
    })
    return row && identityFrom(row)
  },
  enter({ identity, roles, added, changed }) {
    const { issuer, subject, person: name, kept, checkedAt } = identity
    const linked = database.get('SELECT person FROM identities WHERE issuer = :issuer AND subject = :subject', {
      issuer,
      subject,
    })
    if (linked === undefined) {
      const person = born({ name, roles }, checkedAt)
      if (!insertPerson(database, person)) return 'name-taken'
      database.run(LINK, { issuer, subject, person: name, kept, checkedAt })
      writeNote(database, added)
      return person
    }
    const person = account(database, text(linked, 'person'))
    if (person.disabledAt !== undefined) return 'disabled'
    database.run(CONFIRM, { issuer, subject, kept, checkedAt })
    return { ...person, roles: giveRoles(database, person, { roles, note: changed }) }
  },
  due: ({ before, now, idleMs }) => database.all(DUE, { before, now, idleMs }).map(identityFrom),
  confirm({ identity, roles, changed }) {
    const { issuer, subject, kept, checkedAt } = identity
    database.run(CONFIRM, { issuer, subject, kept, checkedAt })
    giveRoles(database, account(database, identity.person), { roles, note: changed })
  },
  end({ person, at, grants, note }) {
    if (!endEntries(database, { name: person, at, owned: grants })) return false
    const sql = 'UPDATE grants SET revoked_at = :at, revoked_by = :by WHERE revoked_at IS NULL AND person = :person'
    if (grants) database.run(sql, { person, at, by: note.by })
    writeNote(database, note)
    return true
  },
})

function account(database: Database, name: string): Person {
  const row = database.get('SELECT * FROM people WHERE name = :name', { name })
  if (row === undefined) throw new Error('an identity without its account')
  return personFrom(row)
}

function giveRoles(
  database: Database,
  person: Person,
  { roles, note }: { readonly roles: readonly Role[]; readonly note: LedgerNote },
): readonly Role[] {
  if (JSON.stringify(person.roles) === JSON.stringify(roles) || person.disabledAt !== undefined) return person.roles
  database.run('UPDATE people SET roles = :roles WHERE name = :name', {
    name: person.name,
    roles: JSON.stringify(roles),
  })
  writeNote(database, note)
  return roles
}
