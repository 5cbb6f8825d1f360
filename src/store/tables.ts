import type { CredentialStore } from '../access/credentials.ts'
import type { FactorStore } from '../access/factors.ts'
import type { GrantStore } from '../access/grants.ts'
import type { LockoutStore } from '../access/lockout.ts'
import type { PeopleStore } from '../access/people.ts'
import type { TokenStore } from '../access/tokens.ts'
import type { ApprovalStore } from '../approvals/store.ts'
import type { JournalStore } from '../model/ledger.ts'
import type { OutboxStore } from '../model/outbox.ts'
import type { SessionIndex } from '../model/session-entry.ts'
import { approvalsTable } from './approvals-table.ts'
import { credentialsTable } from './credentials-table.ts'
import type { Database } from './database.ts'
import { factorsTable } from './factors-table.ts'
import { grantsTable } from './grants-table.ts'
import { journalTable } from './journal-table.ts'
import { lockoutsTable } from './lockouts-table.ts'
import { outboxTable } from './outbox-table.ts'
import { peopleTable } from './people-table.ts'
import { sessionsTable } from './sessions-table.ts'
import { settingsTable } from './settings-table.ts'
import type { SettingsStore } from './settings-table.ts'
import type { Synchronous } from './synchronous.ts'
import { tokensTable } from './tokens-table.ts'

/** Every narrow store that an organ asks for. */
export interface Stores {
  readonly people: PeopleStore
  readonly factors: FactorStore
  readonly credentials: CredentialStore
  readonly grants: GrantStore
  readonly lockouts: LockoutStore
  readonly tokens: TokenStore
  readonly approvals: ApprovalStore
  readonly sessions: SessionIndex
  readonly outbox: OutboxStore
  readonly journal: JournalStore
  readonly settings: SettingsStore
}

/** The same inside the worker, over its one connection. */
export type Tables = { readonly [Name in keyof Stores]: Synchronous<Stores[Name]> }

export const tablesOf = (database: Database): Tables => ({
  people: peopleTable(database),
  factors: factorsTable(database),
  credentials: credentialsTable(database),
  grants: grantsTable(database),
  lockouts: lockoutsTable(database),
  tokens: tokensTable(database),
  approvals: approvalsTable(database),
  sessions: sessionsTable(database),
  outbox: outboxTable(database),
  journal: journalTable(database),
  settings: settingsTable(database),
})
