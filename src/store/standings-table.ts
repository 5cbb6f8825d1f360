import type { SessionStanding, Standing, StandingStore } from '../access/standings.ts'
import type { StopScope } from '../access/stops.ts'
import type { SessionId } from '../model/ids.ts'
import type { Database } from './database.ts'
import { integer, maybeText, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

/** The order that reaches a session, if one does: one of its own, one that came after it began, or one that still stands. */
const STOP = `SELECT max(stops.id) FROM stops
  WHERE (scope = 'session' AND stops.name = sessions.id)
    OR (scope = 'person' AND (at >= sessions.started_at OR lifted_at IS NULL) AND stops.name IN (people.name, people.owner))
    OR (scope IN ('target', 'everything') AND (at >= sessions.started_at OR lifted_at IS NULL)
      AND (scope = 'everything' OR stops.name = sessions.target))`

const STANDINGS = `SELECT sessions.id AS session, grants.expires_at AS grant_ends_at, people.disabled_at IS NOT NULL AS disabled,
    grants.revoked_at IS NOT NULL AS grant_revoked, grants.revoked_by AS revoked_by, grants.expires_at <= :now AS expired,
    credentials.revoked_at IS NOT NULL AS credential_revoked, ssh_keys.removed_at IS NOT NULL AS key_removed, stop.scope AS scope, stop.ordered_by AS ordered_by, stop.reason AS reason
  FROM json_each(:sessions) AS wanted
    JOIN sessions ON sessions.id = wanted.value
    JOIN grants ON grants.id = sessions.grant_id
    JOIN people ON people.name = sessions.person
    LEFT JOIN credentials ON credentials.id = sessions.credential_id
    LEFT JOIN ssh_keys ON ssh_keys.fingerprint = sessions.client_key
    LEFT JOIN stops AS stop ON stop.id = (${STOP})
  WHERE sessions.credential_id = '' OR credentials.id IS NOT NULL`

export const standingsTable = (database: Database): Synchronous<StandingStore> => ({
  standings: ({ sessions, now }) => database.all(STANDINGS, { sessions: JSON.stringify(sessions), now }).map(rowFrom),
})

const rowFrom = (row: Row): SessionStanding => ({
  session: text(row, 'session') as SessionId,
  standing: standingFrom(row),
  grantEndsAt: integer(row, 'grant_ends_at'),
})

/** The kill switch first: it is also what revoked the rest. */
function standingFrom(row: Row): Standing {
  const scope = maybeText(row, 'scope')
  if (scope !== undefined)
    return { kind: 'stopped', scope: scope as StopScope, by: text(row, 'ordered_by'), reason: text(row, 'reason') }
  if (integer(row, 'disabled') === 1) return { kind: 'person-disabled' }
  if (integer(row, 'grant_revoked') === 1)
    return { kind: 'grant-revoked', by: maybeText(row, 'revoked_by') ?? 'system' }
  if (integer(row, 'expired') === 1) return { kind: 'grant-expired' }
  if (integer(row, 'key_removed') === 1) return { kind: 'key-removed' }
  return integer(row, 'credential_revoked') === 1 ? { kind: 'credential-revoked' } : { kind: 'live' }
}
