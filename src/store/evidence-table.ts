import type { AccountRecord, EvidenceStore, GrantRecord, RequestRecord } from '../evidence/store.ts'
import type { Role } from '../model/principal.ts'
import type { Database } from './database.ts'
import { rightsFrom } from './rights-column.ts'
import { integer, json, maybeInteger, maybeText, text } from './row.ts'
import type { Row } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const GRANTS = `SELECT grants.*, people.service, people.owner, people.roles FROM grants JOIN people ON people.name = grants.person
  WHERE granted_at < :to AND expires_at > :from AND coalesce(revoked_at, expires_at) > :from
  ORDER BY person, grants.target, granted_at, id LIMIT :limit`

const REQUESTS = `SELECT id, rule, ticket, reason, created_at, (
    SELECT json_group_array(person) FROM (SELECT person FROM access_decisions WHERE request = access_requests.id AND kind = 'approve' ORDER BY at, person)
  ) AS approved_by
  FROM access_requests WHERE state = 'granted' AND (grant_id = :grant OR renews = :grant) ORDER BY created_at, id`

const ACCOUNTS = `SELECT people.*,
    (SELECT max(started_at) FROM sessions WHERE sessions.person = name) AS last_session_at,
    EXISTS (SELECT 1 FROM passwords WHERE passwords.person = name) AS has_password,
    EXISTS (SELECT 1 FROM factors WHERE factors.person = name) AS has_totp,
    (SELECT count(*) FROM passkeys WHERE passkeys.person = name) AS passkeys,
    (SELECT count(*) FROM identities WHERE identities.person = name) AS identities,
    (SELECT count(*) FROM grants WHERE grants.person = name AND revoked_at IS NULL AND granted_at <= :now AND expires_at > :now) AS live_grants
  FROM people ORDER BY name`

/** What evidence reports read; nothing is written here. */
export const evidenceTable = (database: Database): Synchronous<EvidenceStore> => ({
  grants({ period, limit }) {
    const bounds = { from: period.from ?? 0, to: period.to ?? Number.MAX_SAFE_INTEGER, limit }
    return database.all(GRANTS, bounds).map((row) => grantFrom(row, requestsOf(database, text(row, 'id'))))
  },
  accounts: ({ now }) => database.all(ACCOUNTS, { now }).map(accountFrom),
})

const requestsOf = (database: Database, grant: string): readonly RequestRecord[] =>
  database.all(REQUESTS, { grant }).map((row) => ({
    id: text(row, 'id'),
    rule: text(row, 'rule'),
    ticket: maybeText(row, 'ticket') ?? null,
    reason: text(row, 'reason'),
    createdAt: integer(row, 'created_at'),
    approvedBy: json<readonly string[]>(row, 'approved_by'),
  }))

const grantFrom = (row: Row, requests: readonly RequestRecord[]): GrantRecord => ({
  id: text(row, 'id'),
  person: text(row, 'person'),
  service: integer(row, 'service') === 1,
  owner: maybeText(row, 'owner') ?? null,
  roles: json<readonly Role[]>(row, 'roles'),
  target: text(row, 'target'),
  rights: rightsFrom(row),
  grantedAt: integer(row, 'granted_at'),
  expiresAt: integer(row, 'expires_at'),
  grantedBy: text(row, 'granted_by'),
  reason: text(row, 'reason'),
  revokedAt: maybeInteger(row, 'revoked_at') ?? null,
  revokedBy: maybeText(row, 'revoked_by') ?? null,
  requests,
})

const accountFrom = (row: Row): AccountRecord => ({
  person: text(row, 'name'),
  roles: json<readonly Role[]>(row, 'roles'),
  service: integer(row, 'service') === 1,
  owner: maybeText(row, 'owner') ?? null,
  target: maybeText(row, 'target') ?? null,
  createdAt: integer(row, 'created_at'),
  disabledAt: maybeInteger(row, 'disabled_at') ?? null,
  lastLoginAt: maybeInteger(row, 'last_login_at') ?? null,
  lastSessionAt: maybeInteger(row, 'last_session_at') ?? null,
  password: integer(row, 'has_password') === 1,
  totp: integer(row, 'has_totp') === 1,
  passkeys: integer(row, 'passkeys'),
  identities: integer(row, 'identities'),
  liveGrants: integer(row, 'live_grants'),
})
