import type { Invite, InvitePurpose, InviteStore, NewFactor } from '../access/invites.ts'
import { personName } from '../model/ids.ts'
import type { PersonName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import { spendChallenge } from './challenges-table.ts'
import type { Database } from './database.ts'
import { consumeCode, insertFactor } from './factors-table.ts'
import { writeNote } from './journal-table.ts'
import { insertPasskey } from './passkeys-table.ts'
import { insertPerson, savePassword } from './people-table.ts'
import { integer, json, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const inviteFrom = (row: Row): Invite => ({
  person: text(row, 'person') === '' ? undefined : personName(text(row, 'person')),
  purpose: text(row, 'purpose') as InvitePurpose,
  roles: json<readonly Role[]>(row, 'roles'),
  createdBy: text(row, 'created_by'),
  createdAt: integer(row, 'created_at'),
  expiresAt: integer(row, 'expires_at'),
})

const INSERT = `INSERT INTO invites (hash, person, purpose, roles, created_by, created_at, expires_at)
  VALUES (:hash, :person, :purpose, :roles, :createdBy, :createdAt, :expiresAt)`

/** What must hold when a link is made and again when it is followed. */
const FITS: Readonly<Record<InvitePurpose, string>> = {
  'first-admin': 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM people)',
  invite: 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM people WHERE name = :person)',
  factor: `SELECT 1 FROM people WHERE name = :person AND disabled_at IS NULL AND service = 0
    AND NOT EXISTS (SELECT 1 FROM factors WHERE person = :person) AND NOT EXISTS (SELECT 1 FROM passkeys WHERE person = :person)`,
}

const fits = (database: Database, purpose: InvitePurpose, person: string): boolean =>
  database.get(FITS[purpose], purpose === 'first-admin' ? {} : { person }) !== undefined

const FIND = 'SELECT * FROM invites WHERE hash = :hash AND used_at IS NULL AND expires_at > :now'

export const invitesTable = (database: Database): Synchronous<InviteStore> => ({
  add({ hash, invite, note }) {
    const { purpose, createdBy, createdAt, expiresAt } = invite
    const person = invite.person ?? ''
    if (!fits(database, purpose, person)) return false
    database.run('DELETE FROM invites WHERE used_at IS NULL AND person = :person AND purpose = :purpose', {
      person,
      purpose,
    })
    const roles = JSON.stringify(invite.roles)
    database.run(INSERT, { hash, person, purpose, roles, createdBy, createdAt, expiresAt })
    writeNote(database, note)
    return true
  },
  find({ hash, now }) {
    const row = database.get(FIND, { hash, now })
    return row && inviteFrom(row)
  },
  accept({ hash, account, person, factor, at, notes }) {
    const row = database.get(FIND, { hash, now: at })
    if (row === undefined) return 'gone'
    const { purpose } = inviteFrom(row)
    if (!fits(database, purpose, person)) return purpose === 'invite' ? 'name-taken' : 'gone'
    if (factor.kind === 'passkey' && !isFresh(database, factor, at)) return 'refused'
    if (account !== undefined) {
      insertPerson(database, account.person)
      savePassword(database, { name: person, verifier: account.verifier, temporary: false, at })
    }
    if (!enrol(database, { person, factor, at })) throw new Error('an invite could not enrol its factor')
    database.run('UPDATE invites SET used_at = :at WHERE hash = :hash', { hash, at })
    for (const note of notes) writeNote(database, note)
    return 'accepted'
  },
})

/** Looked at before anything is written: what is refused must leave nothing behind. */
function isFresh(database: Database, { passkey, spent }: Extract<NewFactor, { kind: 'passkey' }>, at: number): boolean {
  if (database.get('SELECT 1 FROM passkeys WHERE id = :id', { id: passkey.id }) !== undefined) return false
  return spendChallenge(database, spent, at)
}

function enrol(
  database: Database,
  { person, factor, at }: { person: PersonName; factor: NewFactor; at: number },
): boolean {
  if (factor.kind === 'passkey') return insertPasskey(database, factor.passkey)
  consumeCode(database, { person, counter: factor.counter })
  return insertFactor(database, { person, sealed: factor.sealed, at })
}
