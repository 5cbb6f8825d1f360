import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { createLockout } from '../../src/access/lockout.ts'
import { scrub } from '../../src/mask/scrub.ts'
import { scratchStore } from '../store/scratch.ts'

const MINUTE = 60_000

function ready(context: TestContext) {
  const { store, clock } = scratchStore(context)
  const lockout = createLockout({ store: store.lockouts, clock, scrub })
  const fail = async (person: string, times: number, source = '10.0.0.1') => {
    for (let n = 0; n < times; n += 1) await lockout.failed({ person, source })
  }
  const locked = (person: string, source = '10.9.9.9') => lockout.lockedUntil({ person, source })
  return { lockout, clock, fail, locked }
}

test('the tenth failure locks a name for half an hour, from every address', async (context) => {
  const { clock, fail, locked } = ready(context)
  await fail('alice', 9)
  assert.equal(await locked('alice'), undefined)
  await fail('alice', 1)
  assert.equal(await locked('alice'), clock.now() + 30 * MINUTE)
  assert.equal(await locked('bob'), undefined)
  clock.advance(30 * MINUTE - 1)
  assert.notEqual(await locked('alice'), undefined)
  clock.advance(1)
  assert.equal(await locked('alice'), undefined)
})

test('a lock is not lengthened by trying on, and after it ten failures lock again', async (context) => {
  const { clock, fail, locked } = ready(context)
  await fail('alice', 10)
  const until = await locked('alice')
  clock.advance(MINUTE)
  await fail('alice', 50)
  assert.equal(await locked('alice'), until)
  clock.advance(29 * MINUTE)
  await fail('alice', 9)
  assert.equal(await locked('alice'), undefined)
  await fail('alice', 1)
  assert.notEqual(await locked('alice'), undefined)
})

test('names that do not exist lock like those that do, and garbage shares one counter', async (context) => {
  const { fail, locked } = ready(context)
  await fail('nobody', 10)
  assert.notEqual(await locked('nobody'), undefined)
  for (let n = 0; n < 10; n += 1) await fail(`Not A Name ${n}`, 1)
  assert.notEqual(await locked('another GARBAGE'), undefined)
  assert.equal(await locked('alice'), undefined)
})

test('an address that fails with a hundred names is locked out of all of them', async (context) => {
  const { fail, locked } = ready(context)
  for (let n = 0; n < 99; n += 1) await fail(`name${n}`, 1)
  assert.equal(await locked('alice', '10.0.0.1'), undefined)
  await fail('name99', 1)
  assert.notEqual(await locked('alice', '::ffff:10.0.0.1'), undefined)
  assert.equal(await locked('alice', '10.0.0.2'), undefined)
})

test('of two hundred parallel guesses ten are looked at', async (context) => {
  const { lockout } = ready(context)
  const attempt = { person: 'alice', source: '10.0.0.1' }
  const answers = await Promise.all(Array.from({ length: 200 }, () => lockout.reserve(attempt)))
  assert.equal(answers.filter((answer) => answer === undefined).length, 10)
})

test('a success forgets the failures of the name, a lone code only its own', async (context) => {
  const { lockout, fail, locked } = ready(context)
  const attempt = { person: 'alice', source: '10.0.0.1' }
  await fail('alice', 9)
  assert.equal(await lockout.reserve(attempt), undefined)
  assert.notEqual(await locked('alice'), undefined)
  await lockout.forgiveOne(attempt)
  assert.equal(await locked('alice'), undefined)
  await fail('alice', 1)
  assert.notEqual(await locked('alice'), undefined)
  await lockout.succeeded(attempt)
  assert.equal(await locked('alice'), undefined)
  await fail('alice', 9)
  assert.equal(await locked('alice'), undefined)
})

test('a card number in the place of a name is counted, and never stored whole', async (context) => {
  const { store, clock } = scratchStore(context)
  const keys: string[] = []
  const watching = {
    ...store.lockouts,
    count: (input: Parameters<typeof store.lockouts.count>[0]) => {
      keys.push(...input.counters.map(({ key }) => key))
      return store.lockouts.count(input)
    },
  }
  const lockout = createLockout({ store: watching, clock, scrub })
  await lockout.failed({ person: '4111111111111111', source: '10.0.0.1' })
  assert.deepEqual(keys, ['person:411111******1111', 'source:10.0.0.1'])
})
