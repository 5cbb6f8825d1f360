import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Standing } from '../../src/access/grants.ts'
import { personName, targetName, type CredentialId, type GrantId, type SessionId } from '../../src/model/ids.ts'
import { Registry } from '../../src/session/registry.ts'
import { watchStanding } from '../../src/session/standing.ts'
import { deferred } from '../../src/std/deferred.ts'
import { FakeClock } from '../store/fake-clock.ts'

function watched(standing: () => Promise<Standing>) {
  const [clock, errors, closed] = [new FakeClock(), new Array<string>(), new Array<string>()]
  const registry = new Registry({ total: 9, perPerson: 9, perSource: 9 })
  registry.add({
    ...{ id: 's_1' as SessionId, person: personName('alice'), target: targetName('cards'), source: '', startedAt: 0 },
    ...{ grant: 'g_1' as GrantId, credential: 'c_1' as CredentialId, grantEndsAt: 0 },
    port: {
      ...{ say: () => undefined, cancelRunning: () => undefined, statements: () => 0 },
      close: (reason) => closed.push(reason),
    },
  })
  const watch = watchStanding({
    registry,
    grants: { standing },
    after: (ms, callback) => clock.after(ms, callback),
    onError: (error) => errors.push(error.message),
  })
  return { clock, errors, closed, watch }
}

const ENDS: readonly (readonly [Exclude<Standing, 'live'>, string])[] = [
  ['person-disabled', 'person-disabled'],
  ['grant-ended', 'grant-ended'],
  ['credential-revoked', 'grant-ended'],
]

for (const [standing, reason] of ENDS)
  test(`${standing} ends the live session within a second`, async () => {
    const { clock, closed } = watched(() => Promise.resolve(standing))
    clock.advance(1000)
    await turn()
    assert.deepEqual(closed, [reason])
  })

test('a session whose grant stands lives on, and is looked at again', async () => {
  let looks = 0
  const { clock, closed } = watched(() => Promise.resolve(((looks += 1), 'live' as const)))
  for (let second = 0; second < 3; second += 1) {
    clock.advance(1000)
    await turn()
  }
  assert.deepEqual([closed, looks], [[], 3])
})

test('a store that cannot say is told, and asked again', async () => {
  const { clock, errors } = watched(() => Promise.reject(new Error('the store is gone')))
  for (let second = 0; second < 2; second += 1) {
    clock.advance(1000)
    await turn()
  }
  assert.deepEqual(errors, ['the store is gone', 'the store is gone'])
})

test('check looks at once', async () => {
  const { closed, watch } = watched(() => Promise.resolve('grant-ended'))
  await watch.check()
  assert.deepEqual(closed, ['grant-ended'])
})

test('a stop while a look is under way is the end of looking', async () => {
  const look = deferred<Standing>()
  const { clock, watch } = watched(() => look.promise)
  clock.advance(1000)
  watch.stop()
  look.resolve('live')
  await turn()
  assert.equal(clock.timers, 0)
})
