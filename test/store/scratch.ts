import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { createGrants } from '../../src/access/grants.ts'
import { createPeople } from '../../src/access/people.ts'
import { createStops } from '../../src/access/stops.ts'
import type { NewPerson } from '../../src/access/people.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { ApprovalId, CredentialId, GrantId, SessionId } from '../../src/model/ids.ts'
import type { Actor } from '../../src/model/ledger.ts'
import type { Role } from '../../src/model/principal.ts'
import { CodedError } from '../../src/std/errors.ts'
import { newId } from '../../src/std/ids.ts'
import { runBatch } from '../../src/store/batch.ts'
import { Database } from '../../src/store/database.ts'
import type { StoreRequest } from '../../src/store/message.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/open-store.ts'
import { tablesOf } from '../../src/store/tables.ts'
import type { Stores } from '../../src/store/tables.ts'
import { FakeClock } from './fake-clock.ts'

export const admin: Actor = { by: 'local:root', origin: 'local' }
export const cards = targetName('cards')
export const grantId = (): GrantId => newId('g_', 12) as GrantId
export const credentialId = (): CredentialId => newId('c_', 12) as CredentialId
export const approvalId = (): ApprovalId => newId('a_', 12) as ApprovalId
export const sessionId = (): SessionId => newId('s_', 20) as SessionId
/** What a scrubber does to free text, visibly. */
export const scrub = (text: string): string => text.replaceAll('4111111111111111', '411111******1111')

export function scratchFolder(test: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-store-'))
  test.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Scratch {
  readonly store: Store
  readonly clock: FakeClock
  readonly path: string
  readonly failures: Error[]
}

/** A real store with its worker in a folder of its own, gone after the test. */
export async function threadedStore(test: TestContext): Promise<Scratch> {
  const file = path.join(scratchFolder(test), 'store.db')
  const failures: Error[] = []
  const store = await openStore({ path: file, onFailure: (error) => failures.push(error) })
  test.after(() => store.close())
  return { store, clock: new FakeClock(), path: file, failures }
}

/** The same tables and transactions in this thread, in memory: for tests whose matter is not the thread or the disk. */
export function scratchStore(test: TestContext): Scratch {
  const database = new Database(':memory:')
  migrate(database, 0)
  let open = true
  const close = (): Promise<void> => {
    if (open) database.close()
    open = false
    return Promise.resolve()
  }
  test.after(close)
  const run = (request: StoreRequest, method: (input: unknown) => unknown): Promise<unknown> => {
    if (!open) return Promise.reject(new CodedError('E_STORE', { clientMessage: 'closed' }))
    const [reply] = runBatch(database, [request], () => method(request.input))
    return reply?.ok ? Promise.resolve(reply.value) : Promise.reject(new Error(reply?.fault.message))
  }
  const calls = Object.entries(tablesOf(database)).map(([table, methods]) => [
    table,
    Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [
        name,
        (input: unknown) => run({ id: 1, table: 'people', method: name, input }, method as (input: unknown) => unknown),
      ]),
    ),
  ])
  const store = { ...(Object.fromEntries(calls) as Stores), changes: () => () => undefined, healthy: () => open, close }
  return { store, clock: new FakeClock(), path: ':memory:', failures: [] }
}

export const peopleOf = ({ store, clock }: Scratch) => createPeople({ store: store.people, clock })

export const stopsOf = ({ store, clock }: Scratch) => createStops({ store: store.stops, clock, scrub })

export const grantsOf = ({ store, clock }: Scratch) =>
  createGrants({ store: store.grants, clock, newId: grantId, scrub })

/** People without passwords, each with roles: `{ alice: ['engineer'] }`. */
export async function seedPeople(
  scratch: Scratch,
  roles: Record<string, readonly Role[]>,
  more: Partial<NewPerson> = {},
) {
  for (const [name, held] of Object.entries(roles)) {
    const added = await peopleOf(scratch).add({ name: personName(name), roles: held, ...more }, admin)
    if (!added.ok) throw new Error(added.reason)
  }
}

/** A grant for an hour, or what it was refused for. */
export async function seedGrant(scratch: Scratch, person: string, target = cards) {
  const wanted = { person: personName(person), target, forMs: 3_600_000, reason: 'seeded' }
  const made = await grantsOf(scratch).grant(wanted, admin)
  if (made.outcome !== 'granted') throw new Error(made.why)
  return made.grant
}
