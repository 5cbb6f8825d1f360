import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Standing } from '../../src/access/standings.ts'
import { createStops } from '../../src/access/stops.ts'
import { personName, type SessionId } from '../../src/model/ids.ts'
import {
  admin,
  cards,
  credentialId,
  grantsOf,
  peopleOf,
  scratchStore,
  scrub,
  seedGrant,
  seedPeople,
  sessionId,
} from './scratch.ts'
import { born, credentialsOf } from './stop-stage.ts'

const alice = personName('alice')
const HOUR = 3_600_000

async function standing(context: TestContext) {
  const scratch = scratchStore(context)
  await seedPeople(scratch, { alice: ['engineer'] })
  const session = await born(scratch, { person: 'alice', target: cards })
  const now = async (id: SessionId = session.id): Promise<Standing | undefined> => {
    const [found] = await scratch.store.standings.standings({ sessions: [id], now: scratch.clock.now() })
    return found?.standing
  }
  return { scratch, now, ...session }
}

test('a session stands as long as grant, credential and person do, and a credential that expires ends none', async (context) => {
  const { scratch, now, credential } = await standing(context)
  assert.deepEqual(await now(), { kind: 'live' })
  scratch.clock.advance(120_000)
  assert.deepEqual(await now(), { kind: 'live' })
  await credentialsOf(scratch).revoke(credential.id, admin)
  assert.deepEqual(await now(), { kind: 'credential-revoked' })
  scratch.clock.advance(HOUR)
  assert.deepEqual(await now(), { kind: 'grant-expired' })
})

test('a revoked grant names who revoked it', async (context) => {
  const { scratch, now, grant } = await standing(context)
  await grantsOf(scratch).revoke(grant.id, { by: 'dan', origin: 'api' })
  assert.deepEqual(await now(), { kind: 'grant-revoked', by: 'dan' })
})

test('a disabled person ends before the grant that fell with them', async (context) => {
  const { scratch, now } = await standing(context)
  await peopleOf(scratch).disable(alice, admin)
  assert.deepEqual(await now(), { kind: 'person-disabled' })
})

test('a disabled owner ends the sessions of their service account, and it logs in no more', async (context) => {
  const { scratch, now } = await standing(context)
  await seedPeople(scratch, { nightly: ['engineer'] }, { owner: alice, serviceOf: cards })
  const { id, grant } = await born(scratch, { person: 'nightly', target: cards })
  await peopleOf(scratch).disable(alice, admin)
  assert.deepEqual(await now(id), { kind: 'person-disabled' })
  const login = await grantsOf(scratch).resolve({ person: grant.person, target: cards }, [cards])
  assert.equal(login, undefined)
})

test('a session that a key opened stands without a credential, until that key is removed', async (context) => {
  const { scratch, now, grant } = await standing(context)
  const { store, clock } = scratch
  const key = {
    ...{ id: 'k_1', person: alice, line: 'ssh-ed25519 AAAA', fingerprint: 'SHA256:one', name: 'laptop' },
    ...{ createdAt: clock.now(), usedAt: undefined },
  }
  const note = { kind: 'x', at: clock.now(), by: 'x', origin: 'x', outcome: 'done', resource: 'x', detail: {} }
  await store.sshKeys.add({ key, limit: 9, note })
  const opened = async (clientKey: string | undefined): Promise<SessionId> => {
    const id = sessionId()
    const entry = {
      ...({ id, person: alice, target: cards, protocol: 'ssh', grant: grant.id, credential: undefined } as const),
      ...{ clientKey, origin: '127.0.0.1', recording: id, startedAt: clock.now(), endedAt: undefined },
      endReason: undefined,
    }
    await store.sessions.start({ entry })
    assert.deepEqual(await store.sessions.find({ id }), entry)
    return id
  }
  const [mine, other] = [await opened('SHA256:one'), await opened('SHA256:of-a-certificate')]
  assert.deepEqual([await now(mine), await now(other)], [{ kind: 'live' }, { kind: 'live' }])
  await store.sshKeys.remove({ id: 'k_1', person: alice, at: clock.now(), note })
  assert.deepEqual([await now(mine), await now(other)], [{ kind: 'key-removed' }, { kind: 'live' }])
})

test('a session whose credential nobody knows stands on nothing', async (context) => {
  const { scratch, now, grant } = await standing(context)
  const id = sessionId()
  await scratch.store.sessions.start({
    entry: {
      ...({ id, person: alice, target: cards, protocol: 'postgres', grant: grant.id } as const),
      ...{ credential: credentialId(), origin: '127.0.0.1', recording: id, startedAt: scratch.clock.now() },
      ...{ endedAt: undefined, endReason: undefined },
    },
  })
  assert.equal(await now(id), undefined)
})

test('the answer carries the end of the grant as it is now', async (context) => {
  const { scratch, id, grant } = await standing(context)
  const [before] = await scratch.store.standings.standings({ sessions: [id], now: scratch.clock.now() })
  assert.equal(before?.grantEndsAt, grant.expiresAt)
})

test('one question is answered for all sessions, and for those that nobody knows not at all', async (context) => {
  const { scratch, id } = await standing(context)
  const other = await born(scratch, { person: 'alice', target: cards })
  const sessions = [id, 's_unknown' as SessionId, other.id]
  const found = await scratch.store.standings.standings({ sessions, now: scratch.clock.now() })
  assert.deepEqual(new Set(found.map((one) => one.session)), new Set([id, other.id]))
  assert.deepEqual(await scratch.store.standings.standings({ sessions: [], now: 0 }), [])
})

test('a session that begins after a stop stands on nothing that was stopped, and one after the resume stands', async (context) => {
  const { scratch, now } = await standing(context)
  const stops = createStops({ store: scratch.store.stops, clock: scratch.clock, scrub })
  scratch.clock.advance(1)
  await stops.order({ scope: 'target', name: 'cards', reason: 'incident' }, admin)
  scratch.clock.advance(1)
  // By a key, which no mint has to allow.
  const late = { id: sessionId(), grant: (await seedGrant(scratch, 'alice')).id }
  const entry = { ...late, person: alice, target: cards, protocol: 'ssh', credential: undefined } as const
  const times = { startedAt: scratch.clock.now(), endedAt: undefined, endReason: undefined }
  const place = { origin: '127.0.0.1', recording: late.id }
  await scratch.store.sessions.start({ entry: { ...entry, ...times, ...place } })
  const stopped = { kind: 'stopped', scope: 'target', by: admin.by, reason: 'incident' }
  assert.deepEqual([await now(), await now(late.id)], [stopped, stopped])
  await stops.resume({ scope: 'target', name: 'cards', reason: 'over' }, admin)
  assert.deepEqual([await now(), await now(late.id)], [stopped, { kind: 'live' }])
})
