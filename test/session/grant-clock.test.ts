import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { SessionStanding, Standing } from '../../src/access/standings.ts'
import { personName, targetName, type CredentialId, type GrantId, type SessionId } from '../../src/model/ids.ts'
import { createGrantClock } from '../../src/session/grant-clock.ts'
import { Registry } from '../../src/session/registry.ts'
import { deferred } from '../../src/std/deferred.ts'
import { FakeClock } from '../store/fake-clock.ts'

const MINUTE = 60_000
/** 2026-11-22 00:00:00 UTC. */
const START = Date.UTC(2026, 10, 22)

interface Setup {
  readonly endsIn?: number
  readonly clock?: FakeClock
  readonly standings?: (sessions: readonly SessionId[]) => Promise<readonly SessionStanding[]>
}

function running({ endsIn = 60 * MINUTE, clock = new FakeClock(START), standings }: Setup = {}) {
  const [said, closed, errors, asked] = [[] as string[], [] as string[], [] as string[], [] as number[]]
  const store = { endsAt: START + endsIn, standing: { kind: 'live' } as Standing }
  const registry = new Registry({ total: 9, perPerson: 9, perSource: 9 })
  const join = (id: string): void =>
    registry.add({
      ...{ id: id as SessionId, person: personName('alice'), target: targetName('cards'), source: '', startedAt: 0 },
      ...{ grant: 'g_1' as GrantId, credential: 'c_1' as CredentialId, grantEndsAt: store.endsAt },
      port: {
        ...{ cancelRunning: () => undefined, statements: () => 0 },
        say: (text) => said.push(text),
        close: (reason, text) => {
          closed.push(`${reason}: ${text}`)
          registry.remove(id as SessionId)
        },
      },
    })
  const answer = (sessions: readonly SessionId[]): Promise<readonly SessionStanding[]> => {
    asked.push(sessions.length)
    return Promise.resolve(sessions.map((session) => ({ session, standing: standingNow(), grantEndsAt: store.endsAt })))
  }
  const standingNow = (): Standing =>
    store.standing.kind === 'live' && store.endsAt <= clock.now() ? { kind: 'grant-expired' } : store.standing
  const watch = createGrantClock({
    ...{ registry, clock, standings: standings ?? answer },
    onError: (error) => errors.push(error.message),
  })
  join('s_1')
  watch.start()
  /** Second by second, as timers fire on a machine. */
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1000) {
      clock.advance(Math.min(left, 1000))
      await turn()
    }
  }
  return { clock, registry, said, closed, errors, asked, store, watch, join, pass }
}

test('the person hears of the end five minutes and one minute before, once each, and then the session closes', async () => {
  const { said, closed, pass } = running({ endsIn: 10 * MINUTE })
  await pass(4 * MINUTE + 59_000)
  assert.equal(said.length, 0)
  await pass(2000)
  assert.match(said[0] ?? '', /^your access to cards ends in 5 minutes, at 2026-11-22 00:10:00 UTC/)
  await pass(4 * MINUTE)
  assert.equal(said.length, 2)
  assert.match(said[1] ?? '', /ends in 1 minute/)
  await pass(58_000)
  assert.deepEqual([said.length, closed], [2, []])
  await pass(1000)
  assert.deepEqual(closed, ['grant-ended: your access to cards has ended: it was until 2026-11-22 00:10:00 UTC'])
})

test('a session that begins shortly before the end is told once how long is left', async () => {
  const { said, pass } = running({ endsIn: 40_500 })
  await pass(3000)
  assert.equal(said.length, 1)
  assert.match(said[0] ?? '', /ends in 40 seconds/)
})

test('the look at the end of a grant comes at that moment, not at the next full second', async () => {
  const { clock, closed, pass } = running({ endsIn: 1300 })
  await pass(1000)
  clock.advance(299)
  await turn()
  assert.deepEqual(closed, [])
  clock.advance(1)
  await turn()
  assert.equal(closed.length, 1)
})

test('a renewal is told, moves the close, and the warnings come again', async () => {
  const { said, closed, store, pass } = running({ endsIn: 6 * MINUTE })
  await pass(2 * MINUTE)
  assert.equal(said.length, 1)
  store.endsAt += 30 * MINUTE
  await pass(1000)
  assert.equal(said[1], 'your access to cards now ends at 2026-11-22 00:36:00 UTC')
  await pass(29 * MINUTE)
  assert.match(said[2] ?? '', /ends in 5 minutes, at 2026-11-22 00:36:00 UTC/)
  await pass(4 * MINUTE)
  assert.match(said[3] ?? '', /ends in 1 minute,/)
  assert.deepEqual([said.length, closed], [4, []])
  await pass(MINUTE)
  assert.match(closed[0] ?? '', /it was until 2026-11-22 00:36:00 UTC/)
})

test('a renewal in the last moment keeps the session', async () => {
  const { closed, store, pass, clock } = running({ endsIn: 5000 })
  await pass(4900)
  store.endsAt += MINUTE
  clock.advance(100)
  await turn()
  await pass(3000)
  assert.deepEqual(closed, [])
})

test('an end that was brought forward is told, without a warning that repeats it', async () => {
  const { said, store, pass } = running({ endsIn: 60 * MINUTE })
  await pass(1000)
  store.endsAt = START + 4 * MINUTE
  await pass(2000)
  assert.deepEqual(said, ['your access to cards now ends at 2026-11-22 00:04:00 UTC'])
})

const ENDS: readonly (readonly [Standing, string])[] = [
  [{ kind: 'person-disabled' }, 'person-disabled: the account was disabled'],
  [{ kind: 'grant-revoked', by: 'dan' }, 'grant-ended: dan revoked your access to cards'],
  [{ kind: 'credential-revoked' }, 'grant-ended: the credential of this session was revoked'],
  [
    { kind: 'stopped', scope: 'target', by: 'dan', reason: 'incident 7' },
    'terminated: dan stopped all access to this target: incident 7',
  ],
]

for (const [standing, end] of ENDS)
  test(`${standing.kind} ends the session within a second, and says so`, async () => {
    const { closed, store, pass } = running()
    store.standing = standing
    await pass(1000)
    assert.deepEqual(closed, [end])
  })

test('a session that the store does not know stands on nothing', async () => {
  const { closed, pass } = running({ standings: () => Promise.resolve([]) })
  await pass(1000)
  assert.deepEqual(closed, ['grant-ended: the grant of this session is not known any more'])
})

test('all sessions are one question a second, and nobody connected is none', async () => {
  const { asked, join, registry, pass } = running()
  join('s_2')
  join('s_3')
  await pass(3000)
  assert.deepEqual(asked, [3, 3, 3])
  for (const { id } of registry.all()) registry.remove(id)
  await pass(3000)
  assert.deepEqual(asked, [3, 3, 3])
})

test('a check answers for what was committed before it, also while a look is under way', async () => {
  const [first, second] = [deferred<readonly SessionStanding[]>(), deferred<readonly SessionStanding[]>()]
  const looks = [first.promise, second.promise]
  const { closed, watch, pass } = running({ standings: () => looks.shift() ?? Promise.resolve([]) })
  await pass(1000)
  const checked = watch.check()
  const end = { session: 's_1' as SessionId, grantEndsAt: START + 60 * MINUTE }
  first.resolve([{ ...end, standing: { kind: 'live' } }])
  await turn()
  assert.deepEqual(closed, [])
  second.resolve([{ ...end, standing: { kind: 'person-disabled' } }])
  await checked
  assert.equal(closed.length, 1)
})

test('a wall clock that is set back prolongs nothing', async () => {
  class Skewed extends FakeClock {
    back = 0
    override now(): number {
      return super.now() - this.back
    }
  }
  const clock = new Skewed(START)
  const { closed, pass } = running({ endsIn: 10 * MINUTE, clock })
  await pass(MINUTE)
  clock.back = 24 * 60 * MINUTE
  await pass(9 * MINUTE - 1000)
  assert.deepEqual(closed, [])
  await pass(1000)
  assert.equal(closed.length, 1)
})

test('a wall clock that jumps ahead ends what has ended by it', async () => {
  const { closed, clock, pass } = running({ endsIn: 10 * MINUTE })
  await pass(1000)
  clock.advance(60 * MINUTE)
  await turn()
  assert.equal(closed.length, 1)
})

test('a store that hangs does not keep an ended grant alive', async () => {
  let looks = 0
  const live = (sessions: readonly SessionId[]): readonly SessionStanding[] =>
    sessions.map((session) => ({ session, standing: { kind: 'live' }, grantEndsAt: START + 5000 }))
  const standings = (sessions: readonly SessionId[]): Promise<readonly SessionStanding[]> => {
    looks += 1
    return looks === 1 ? Promise.resolve(live(sessions)) : new Promise(() => undefined)
  }
  const { closed, pass } = running({ endsIn: 5000, standings })
  await pass(6000)
  assert.deepEqual(closed, [])
  await pass(1000)
  assert.equal(closed.length, 1)
  assert.equal(looks, 2)
})

test('a store that cannot say is told, and asked again', async () => {
  const { errors, pass } = running({ standings: () => Promise.reject(new Error('the store is gone')) })
  await pass(2000)
  assert.deepEqual(errors, ['the store is gone', 'the store is gone'])
})

test('a stop while a look is under way is the end of looking', async () => {
  const look = deferred<readonly SessionStanding[]>()
  const { clock, watch, pass } = running({ standings: () => look.promise })
  await pass(1000)
  watch.stop()
  look.resolve([])
  await turn()
  assert.equal(clock.timers, 0)
})
