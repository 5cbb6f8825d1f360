import { personName, targetName } from '../model/ids.ts'
import type { CredentialId, GrantId, SessionId } from '../model/ids.ts'
import type { SessionEntry, SessionIndex } from '../model/session-entry.ts'
import { PROTOCOLS, type Protocol } from '../model/target.ts'
import type { Database } from './database.ts'
import { integer, maybeInteger, maybeText, text } from './row.ts'
import type { Row } from './row.ts'
import { pageOf } from './page.ts'
import type { Synchronous } from './synchronous.ts'

function entryFrom(row: Row): SessionEntry {
  return {
    id: text(row, 'id') as SessionId,
    person: personName(text(row, 'person')),
    target: targetName(text(row, 'target')),
    protocol: protocolOf(text(row, 'protocol')),
    grant: text(row, 'grant_id') as GrantId,
    credential: credentialOf(text(row, 'credential_id')),
    clientKey: maybeText(row, 'client_key'),
    origin: text(row, 'origin'),
    recording: text(row, 'recording'),
    startedAt: integer(row, 'started_at'),
    endedAt: maybeInteger(row, 'ended_at'),
    endReason: maybeText(row, 'end_reason'),
  }
}

/** What a session says that came in without a credential. */
const NO_CREDENTIAL = ''

const credentialOf = (written: string): CredentialId | undefined =>
  written === NO_CREDENTIAL ? undefined : (written as CredentialId)

function protocolOf(written: string): Protocol {
  const found = PROTOCOLS.find((one) => one === written)
  if (found === undefined) throw new RangeError('a session in the store has a protocol that this version does not know')
  return found
}

const INSERT = `INSERT INTO sessions (id, person, target, protocol, grant_id, credential_id, client_key, origin, recording, started_at)
  VALUES (:id, :person, :target, :protocol, :grant, :credential, :clientKey, :origin, :recording, :startedAt)`

const LIST = `SELECT * FROM sessions WHERE person = coalesce(:person, person) AND target = coalesce(:target, target)
    AND (:live IS NULL OR (ended_at IS NULL) = :live) AND started_at < :before
    AND (:since IS NULL OR ended_at IS NULL OR ended_at >= :since)
    AND (:after IS NULL OR (started_at, rowid) < (SELECT started_at, rowid FROM sessions WHERE id = :after))
  ORDER BY started_at DESC, rowid DESC LIMIT :limit`

export const sessionsTable = (database: Database): Synchronous<SessionIndex> => ({
  start({ entry }) {
    const { id, person, target, protocol, grant, clientKey, origin, recording, startedAt } = entry
    const credential = entry.credential ?? NO_CREDENTIAL
    database.run(INSERT, { id, person, target, protocol, grant, credential, clientKey, origin, recording, startedAt })
  },
  end: ({ id, at, reason }) =>
    database.run('UPDATE sessions SET ended_at = :at, end_reason = :reason WHERE id = :id AND ended_at IS NULL', {
      id,
      at,
      reason,
    }) === 1,
  find({ id }) {
    const row = database.get('SELECT * FROM sessions WHERE id = :id', { id })
    return row && entryFrom(row)
  },
  list({ filter }) {
    const { person, target, live, since, after } = filter
    return database.all(LIST, { person, target, live, since, after, ...pageOf(filter) }).map(entryFrom)
  },
  endCrashed({ at }) {
    const sql = `UPDATE sessions SET ended_at = :at, end_reason = 'crashed' WHERE ended_at IS NULL RETURNING id`
    return database.all(sql, { at }).map((row) => text(row, 'id') as SessionId)
  },
})
