import type { Database } from './database.ts'

/** The schema, step by step. A step that was released is never edited: a change is a new step. */
const STEPS: readonly string[] = [
  `
  CREATE TABLE people (
    name TEXT PRIMARY KEY, roles TEXT NOT NULL, service INTEGER NOT NULL, owner TEXT REFERENCES people (name), target TEXT,
    created_at INTEGER NOT NULL, disabled_at INTEGER, last_login_at INTEGER
  ) STRICT;
  CREATE TABLE passwords (
    id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL REFERENCES people (name), verifier TEXT NOT NULL, set_at INTEGER
  ) STRICT;
  CREATE INDEX passwords_person ON passwords (person);
  CREATE TABLE factors (
    person TEXT PRIMARY KEY REFERENCES people (name), sealed TEXT NOT NULL, enrolled_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE factor_counters (person TEXT PRIMARY KEY REFERENCES people (name), counter INTEGER NOT NULL) STRICT;
  CREATE TABLE grants (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (name), target TEXT NOT NULL, granted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, granted_by TEXT NOT NULL, reason TEXT NOT NULL, revoked_at INTEGER, revoked_by TEXT
  ) STRICT;
  CREATE INDEX grants_person ON grants (person, expires_at);
  CREATE TABLE credentials (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (name), target TEXT NOT NULL,
    grant_id TEXT NOT NULL REFERENCES grants (id), source TEXT, verifier TEXT NOT NULL, created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, revoked_at INTEGER
  ) STRICT;
  CREATE INDEX credentials_person ON credentials (person, expires_at);
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, target TEXT NOT NULL, protocol TEXT NOT NULL, grant_id TEXT NOT NULL,
    credential_id TEXT NOT NULL, origin TEXT NOT NULL, recording TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
    end_reason TEXT
  ) STRICT;
  CREATE INDEX sessions_started ON sessions (started_at);
  CREATE INDEX sessions_live ON sessions (id) WHERE ended_at IS NULL;
  CREATE TABLE approvals (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, session TEXT NOT NULL, person TEXT NOT NULL, human TEXT NOT NULL,
    target TEXT NOT NULL, digest TEXT NOT NULL, matches TEXT NOT NULL, holds TEXT NOT NULL, redacted TEXT NOT NULL,
    policy_version TEXT NOT NULL, needs_factor INTEGER NOT NULL, eligible TEXT NOT NULL, created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, settled_at INTEGER, settled_by TEXT, reason TEXT, fence TEXT, claimed_at INTEGER,
    finished_at INTEGER, detail TEXT
  ) STRICT;
  CREATE INDEX approvals_created ON approvals (created_at);
  CREATE INDEX approvals_state ON approvals (state, person, target);
  CREATE INDEX approvals_person ON approvals (person, created_at);
  CREATE TABLE decisions (
    approval TEXT NOT NULL REFERENCES approvals (id), person TEXT NOT NULL, human TEXT NOT NULL, kind TEXT NOT NULL,
    roles TEXT NOT NULL, reason TEXT, at INTEGER NOT NULL, PRIMARY KEY (approval, person, kind)
  ) STRICT;
  CREATE TABLE lockouts (
    key TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at INTEGER NOT NULL, locked_until INTEGER, keep_until INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE tokens (
    hash TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (name), created_at INTEGER NOT NULL, used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE outbox (
    id TEXT PRIMARY KEY, channel TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
    created_at INTEGER NOT NULL, next_at INTEGER NOT NULL, reason TEXT
  ) STRICT;
  CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'waiting';
  CREATE TABLE journal (sequence INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT NOT NULL) STRICT;
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `,
  `
  CREATE TABLE access_requests (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (name), human TEXT NOT NULL, target TEXT NOT NULL, for_ms INTEGER NOT NULL,
    reason TEXT NOT NULL, ticket TEXT, renews TEXT REFERENCES grants (id), state TEXT NOT NULL, rule TEXT NOT NULL, message TEXT NOT NULL,
    stages TEXT NOT NULL, eligible TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, settled_at INTEGER,
    grant_id TEXT REFERENCES grants (id), escalated INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX access_requests_created ON access_requests (created_at);
  CREATE INDEX access_requests_state ON access_requests (state, expires_at);
  CREATE INDEX access_requests_person ON access_requests (person, created_at);
  CREATE TABLE access_decisions (
    request TEXT NOT NULL REFERENCES access_requests (id), person TEXT NOT NULL, human TEXT NOT NULL, kind TEXT NOT NULL,
    stage INTEGER NOT NULL, for_ms INTEGER, reason TEXT, at INTEGER NOT NULL, PRIMARY KEY (request, person, kind)
  ) STRICT;
  CREATE TABLE passkeys (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (name), public_key TEXT NOT NULL, counter INTEGER NOT NULL, name TEXT NOT NULL,
    transports TEXT NOT NULL, created_at INTEGER NOT NULL, used_at INTEGER
  ) STRICT;
  CREATE INDEX passkeys_person ON passkeys (person);
  CREATE TABLE challenges (
    challenge TEXT PRIMARY KEY, person TEXT, purpose TEXT NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT;
  ALTER TABLE passwords ADD COLUMN temporary INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE identities (
    issuer TEXT NOT NULL, subject TEXT NOT NULL, person TEXT NOT NULL UNIQUE REFERENCES people (name), kept TEXT NOT NULL,
    linked_at INTEGER NOT NULL, checked_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
  ) STRICT;
  CREATE TABLE invites (
    hash TEXT PRIMARY KEY, person TEXT NOT NULL, purpose TEXT NOT NULL, roles TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, used_at INTEGER
  ) STRICT;
  CREATE TABLE proposals (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, person TEXT NOT NULL, roles TEXT NOT NULL, reason TEXT NOT NULL, proposed_by TEXT NOT NULL,
    proposed_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, state TEXT NOT NULL, settled_by TEXT, settled_at INTEGER
  ) STRICT;
  CREATE TABLE scripts (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, person TEXT NOT NULL REFERENCES people (name), human TEXT NOT NULL, target TEXT NOT NULL,
    database TEXT NOT NULL, account TEXT NOT NULL, sealed TEXT NOT NULL, redacted TEXT NOT NULL, statements TEXT NOT NULL, digest TEXT NOT NULL,
    policy_version TEXT NOT NULL, matches TEXT NOT NULL, holds TEXT NOT NULL, eligible TEXT NOT NULL, reason TEXT NOT NULL, ticket TEXT,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, settled_at INTEGER, settled_by TEXT, why TEXT, session TEXT, run_at INTEGER,
    position INTEGER NOT NULL DEFAULT 0, finished_at INTEGER, detail TEXT
  ) STRICT;
  CREATE INDEX scripts_created ON scripts (created_at);
  CREATE INDEX scripts_state ON scripts (state, expires_at);
  CREATE TABLE script_decisions (
    script TEXT NOT NULL REFERENCES scripts (id), person TEXT NOT NULL, human TEXT NOT NULL, kind TEXT NOT NULL, roles TEXT NOT NULL,
    reason TEXT, at INTEGER NOT NULL, PRIMARY KEY (script, person, kind)
  ) STRICT;
  CREATE TABLE reviews (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, human TEXT NOT NULL, target TEXT NOT NULL, approval TEXT NOT NULL REFERENCES approvals (id),
    incident TEXT NOT NULL, reason TEXT NOT NULL, opened_at INTEGER NOT NULL, signed_by TEXT, signed_at INTEGER, remark TEXT
  ) STRICT;
  CREATE INDEX decisions_human ON decisions (human, at);
  CREATE INDEX reviews_human ON reviews (human, opened_at);
  CREATE INDEX reviews_open ON reviews (human) WHERE signed_at IS NULL;
  ALTER TABLE outbox ADD COLUMN subject TEXT;
  ALTER TABLE outbox ADD COLUMN delivered_at INTEGER;
  ALTER TABLE outbox ADD COLUMN message TEXT;
  ALTER TABLE outbox ADD COLUMN person TEXT;
  CREATE INDEX outbox_person ON outbox (person, created_at);
  ALTER TABLE approvals ADD COLUMN escalates_at INTEGER;
  CREATE INDEX approvals_escalates ON approvals (escalates_at) WHERE state = 'open';
  CREATE INDEX outbox_subject ON outbox (subject);
  CREATE TABLE stops (
    id INTEGER PRIMARY KEY AUTOINCREMENT, scope TEXT NOT NULL, name TEXT, ordered_by TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
    lifted_at INTEGER, lifted_by TEXT
  ) STRICT;
  CREATE TABLE tidings (sequence INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT NOT NULL) STRICT;
  `,
  `
  CREATE TABLE ssh_keys (
    id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (name), line TEXT NOT NULL, fingerprint TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    created_at INTEGER NOT NULL, used_at INTEGER, removed_at INTEGER
  ) STRICT;
  CREATE INDEX ssh_keys_person ON ssh_keys (person);
  CREATE TABLE ssh_certificates (
    serial INTEGER PRIMARY KEY, person TEXT NOT NULL REFERENCES people (name), fingerprint TEXT NOT NULL, issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  ALTER TABLE sessions ADD COLUMN client_key TEXT;
  CREATE TABLE line_history (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, target TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX line_history_of ON line_history (person, target, sequence);
  `,
  `
  ALTER TABLE grants ADD COLUMN rights TEXT NOT NULL DEFAULT 'all';
  ALTER TABLE access_requests ADD COLUMN rights TEXT NOT NULL DEFAULT 'all';
  `,
]

/** Brings the schema up to date; several processes may try at once. Throws on a file that a newer version has written. */
export function migrate(database: Database, now: number): void {
  database.script('BEGIN IMMEDIATE')
  try {
    database.script(
      'CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT',
    )
    const applied = Number(
      database.get('SELECT coalesce(max(version), 0) AS version FROM migrations')?.['version'] ?? 0,
    )
    if (applied > STEPS.length)
      throw new RangeError(`the store has schema ${applied}, this version knows ${STEPS.length}`)
    STEPS.slice(applied).forEach((step, index) => {
      database.script(step)
      database.run('INSERT INTO migrations VALUES (:version, :now)', { version: applied + index + 1, now })
    })
    database.script('COMMIT')
  } catch (error) {
    database.script('ROLLBACK')
    throw error
  }
}
