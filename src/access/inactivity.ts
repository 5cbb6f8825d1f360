import type { PersonName } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Clock } from '../std/clock.ts'
import { noted } from './note.ts'
import type { Person } from './person.ts'

/** What `inactivity` needs of a store. */
export interface InactivityStore {
  list(): Promise<readonly Person[]>
  /** In one transaction: only where the account has not been used since `before`. */
  disableIdle(input: { name: PersonName; before: number; at: number; note: LedgerNote }): Promise<boolean>
}

/** PCI DSS 8.2.6: an account that nobody used for ninety days is closed. */
const IDLE_MS = 90 * 24 * 3_600_000

/** Disables people who have not logged in for ninety days; programs do not log in, and are their owner's matter. Gives their names. */
export async function disableInactive({
  store,
  clock,
}: {
  readonly store: InactivityStore
  readonly clock: Clock
}): Promise<readonly PersonName[]> {
  const at = clock.now()
  const before = at - IDLE_MS
  const idle = (await store.list()).filter((person) => isIdle(person, before))
  const disabled: PersonName[] = []
  for (const { name, createdAt, lastLoginAt } of idle) {
    const detail = { why: 'no login for 90 days', lastUsed: lastLoginAt ?? createdAt }
    const event = { kind: 'person.disabled', at, resource: `person:${name}`, detail }
    const note = noted({ by: 'system', origin: 'local' }, event)
    if (await store.disableIdle({ name, before, at, note })) disabled.push(name)
  }
  return disabled
}

const isIdle = ({ service, disabledAt, lastLoginAt, createdAt }: Person, before: number): boolean =>
  !service && disabledAt === undefined && (lastLoginAt ?? createdAt) <= before
