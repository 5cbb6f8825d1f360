import type { CredentialStore } from '../access/credentials.ts'
import type { FactorStore } from '../access/factors.ts'
import type { GrantStore } from '../access/grants.ts'
import type { InviteStore } from '../access/invites.ts'
import type { LockoutStore } from '../access/lockout.ts'
import type { IdentityStore } from '../access/oidc.ts'
import type { PasskeyStore } from '../access/passkeys.ts'
import type { PeopleStore } from '../access/people.ts'
import type { RequestStore } from '../access/request-store.ts'
import type { SshCertificateStore } from '../access/ssh-certificates.ts'
import type { SshKeyStore } from '../access/ssh-keys.ts'
import type { StandingStore } from '../access/standings.ts'
import type { StopStore } from '../access/stops.ts'
import type { TokenStore } from '../access/tokens.ts'
import type { ProposalStore } from '../access/two-person.ts'
import type { ApprovalStore } from '../approvals/store.ts'
import type { ReviewStore } from '../approvals/reviews.ts'
import type { ScriptStore } from '../approvals/script-store.ts'
import type { EvidenceStore } from '../evidence/store.ts'
import type { JournalStore } from '../model/ledger.ts'
import type { LineHistory } from '../model/line-history.ts'
import type { OutboxStore } from '../model/outbox.ts'
import type { SessionIndex } from '../model/session-entry.ts'
import { approvalsTable } from './approvals-table.ts'
import { credentialsTable } from './credentials-table.ts'
import type { Database } from './database.ts'
import { evidenceTable } from './evidence-table.ts'
import { factorsTable } from './factors-table.ts'
import { grantsTable } from './grants-table.ts'
import { identitiesTable } from './identities-table.ts'
import { invitesTable } from './invites-table.ts'
import { journalTable } from './journal-table.ts'
import { lineHistoryTable } from './line-history-table.ts'
import { lockoutsTable } from './lockouts-table.ts'
import { outboxTable } from './outbox-table.ts'
import { passkeysTable } from './passkeys-table.ts'
import { peopleTable } from './people-table.ts'
import { proposalsTable } from './proposals-table.ts'
import { requestsTable } from './requests-table.ts'
import { reviewsTable } from './reviews-table.ts'
import { scriptsTable } from './scripts-table.ts'
import { sessionsTable } from './sessions-table.ts'
import { settingsTable } from './settings-table.ts'
import type { SettingsStore } from './settings-table.ts'
import { sshCertificatesTable, sshKeysTable } from './ssh-keys-table.ts'
import { standingsTable } from './standings-table.ts'
import { stopsTable } from './stops-table.ts'
import type { Synchronous } from './synchronous.ts'
import { tokensTable } from './tokens-table.ts'

/** Every narrow store that an organ asks for. */
export interface Stores {
  readonly people: PeopleStore
  readonly factors: FactorStore
  readonly passkeys: PasskeyStore
  readonly invites: InviteStore
  readonly proposals: ProposalStore
  readonly identities: IdentityStore
  readonly credentials: CredentialStore
  readonly grants: GrantStore
  readonly lockouts: LockoutStore
  readonly tokens: TokenStore
  readonly requests: RequestStore
  readonly approvals: ApprovalStore
  readonly scripts: ScriptStore
  readonly reviews: ReviewStore
  readonly sessions: SessionIndex
  readonly outbox: OutboxStore
  readonly journal: JournalStore
  readonly settings: SettingsStore
  readonly evidence: EvidenceStore
  readonly standings: StandingStore
  readonly sshKeys: SshKeyStore
  readonly sshCertificates: SshCertificateStore
  readonly stops: StopStore
  readonly lineHistory: LineHistory
}

/** The same inside the worker, over its one connection. */
export type Tables = { readonly [Name in keyof Stores]: Synchronous<Stores[Name]> }

export const tablesOf = (database: Database): Tables => ({
  people: peopleTable(database),
  factors: factorsTable(database),
  passkeys: passkeysTable(database),
  invites: invitesTable(database),
  proposals: proposalsTable(database),
  identities: identitiesTable(database),
  credentials: credentialsTable(database),
  grants: grantsTable(database),
  lockouts: lockoutsTable(database),
  tokens: tokensTable(database),
  requests: requestsTable(database),
  approvals: approvalsTable(database),
  scripts: scriptsTable(database),
  reviews: reviewsTable(database),
  sessions: sessionsTable(database),
  outbox: outboxTable(database),
  journal: journalTable(database),
  settings: settingsTable(database),
  evidence: evidenceTable(database),
  standings: standingsTable(database),
  sshKeys: sshKeysTable(database),
  sshCertificates: sshCertificatesTable(database),
  stops: stopsTable(database),
  lineHistory: lineHistoryTable(database),
})
