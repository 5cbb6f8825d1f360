import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Channel, Letter, Sent } from '../../src/notify/channel.ts'
import { createOutbox } from '../../src/notify/outbox.ts'
import type { Delivery, OutboxStore } from '../../src/model/outbox.ts'
import type { Clock } from '../../src/std/clock.ts'

function fakeClock() {
  let now = 1_000_000
  const timers = new Set<{ readonly at: number; readonly call: () => void }>()
  const clock: Clock = {
    now: () => now,
    nowMicros: () => BigInt(now) * 1000n,
    monoMicros: () => now * 1000,
    after(ms, call) {
      const timer = { at: now + ms, call }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  }
  /** To the next timer, and past everything that it starts. */
  const next = async (): Promise<number> => {
    const [first] = [...timers].toSorted((a, b) => a.at - b.at)
    if (first === undefined) return -1
    const waited = first.at - now
    now = Math.max(now, first.at)
    timers.delete(first)
    first.call()
    await settle()
    return waited
  }
  return { clock, next, timers }
}

/** Lets every promise that can settle do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function memoryStore(rows = new Map<string, Delivery>()): OutboxStore & { readonly rows: Map<string, Delivery> } {
  const waiting = (): readonly Delivery[] => [...rows.values()].filter(({ state }) => state === 'waiting')
  return {
    rows,
    add({ deliveries }) {
      for (const one of deliveries) rows.set(one.id, one)
      return Promise.resolve()
    },
    due: ({ now, limit }) =>
      Promise.resolve(
        waiting()
          .filter(({ nextAt }) => nextAt <= now)
          .slice(0, limit),
      ),
    nextDue: () =>
      Promise.resolve(
        waiting()
          .map(({ nextAt }) => nextAt)
          .toSorted((a, b) => a - b)[0],
      ),
    update(change) {
      const row = rows.get(change.id)
      if (row !== undefined) rows.set(change.id, { ...row, ...change })
      return Promise.resolve()
    },
    recent: ({ limit }) => Promise.resolve([...rows.values()].toReversed().slice(0, limit)),
  }
}

function channel(name: string, answers: readonly Sent[]) {
  const letters: Letter[] = []
  const made: Channel = {
    name,
    send(letter) {
      letters.push(letter)
      return Promise.resolve(answers[letters.length - 1] ?? { outcome: 'delivered' })
    },
  }
  return { ...made, letters }
}

function outbox(channels: readonly Channel[], store = memoryStore()) {
  const faults: unknown[] = []
  let id = 0
  const time = fakeClock()
  const made = createOutbox({
    store,
    channels,
    clock: time.clock,
    newId: () => `n_${++id}`,
    random: () => 0.5,
    onFault: (error) => faults.push(error),
  })
  return { ...made, ...time, store, faults }
}

const LATER: Sent = { outcome: 'later', reason: 'status 503' }

test('a message goes to the named channels, or to all where none is named', async () => {
  const [first, second] = [channel('first', []), channel('second', [])]
  const box = outbox([first, second])
  assert.deepEqual(await box.post({ n: 1 }, ['second', 'unknown']), ['n_1'])
  assert.deepEqual(await box.post({ n: 2 }, []), ['n_2', 'n_3'])
  await settle()
  assert.deepEqual(
    first.letters.map(({ body }) => body),
    ['{"n":2}'],
  )
  assert.deepEqual(
    second.letters.map(({ body }) => body),
    ['{"n":1}', '{"n":2}'],
  )
})

test('a message is durable before post resolves, and is not sent before', async () => {
  const sent = channel('one', [])
  const store = memoryStore()
  const box = outbox([sent], { ...store, add: () => Promise.reject(new Error('disk full')) })
  await assert.rejects(box.post({ n: 1 }, []), /disk full/)
  await settle()
  assert.deepEqual(sent.letters, [])
})

test('what fails comes again with growing pauses under the same id, until it arrives', async () => {
  const busy = channel('busy', [LATER, LATER, LATER])
  const box = outbox([busy])
  await box.post({ n: 1 }, [])
  await settle()
  assert.deepEqual([await box.next(), await box.next(), await box.next(), await box.next()], [1500, 3000, 6000, -1])
  assert.deepEqual(
    busy.letters.map(({ id }) => id),
    ['n_1', 'n_1', 'n_1', 'n_1'],
  )
  const [row] = await box.recent(1)
  assert.deepEqual([row?.state, row?.attempts, row?.reason], ['delivered', 4, undefined])
})

test('after ten attempts a delivery is failed and stays visible with its reason', async () => {
  const dead = channel(
    'dead',
    Array.from({ length: 50 }, () => LATER),
  )
  const box = outbox([dead])
  await box.post({ n: 1 }, [])
  await settle()
  let waits = 0
  while ((await box.next()) >= 0) waits += 1
  assert.equal(waits, 9)
  assert.equal(dead.letters.length, 10)
  const [row] = await box.recent(1)
  assert.deepEqual([row?.state, row?.reason], ['failed', 'status 503'])
})

test('what is refused is not tried again', async () => {
  const gone = channel('gone', [{ outcome: 'refused', reason: 'status 410' }])
  const box = outbox([gone])
  await box.post({ n: 1 }, [])
  await settle()
  assert.equal(await box.next(), -1)
  assert.equal((await box.recent(1))[0]?.state, 'failed')
})

test('a restart takes up what waits; a channel that is gone fails it', async () => {
  const store = memoryStore()
  const before = outbox([channel('old', [LATER]), channel('kept', [LATER])], store)
  await before.post({ n: 1 }, [])
  await settle()
  await before.stop()
  assert.equal(before.timers.size, 0)
  const kept = channel('kept', [])
  const box = outbox([kept], store)
  box.start()
  await settle()
  await box.next()
  assert.deepEqual(
    kept.letters.map(({ body }) => body),
    ['{"n":1}'],
  )
  assert.deepEqual(
    [...store.rows.values()].map(({ state, reason }) => [state, reason]),
    [
      ['failed', 'the channel is no longer configured'],
      ['delivered', undefined],
    ],
  )
})

test('a store that fails for a while loses nothing', async () => {
  const store = memoryStore()
  const due = store.due.bind(store)
  let broken = true
  const one = channel('one', [])
  const box = outbox([one], { ...store, due: (input) => (broken ? Promise.reject(new Error('locked')) : due(input)) })
  await box.post({ n: 1 }, [])
  await settle()
  assert.equal(box.faults.length, 1)
  broken = false
  await box.next()
  assert.equal(one.letters.length, 1)
})

test('a slow channel is not given a second copy of what is under way', async () => {
  const release: ((sent: Sent) => void)[] = []
  const slow: Channel = { name: 'slow', send: () => new Promise((resolve) => release.push(resolve)) }
  const box = outbox([slow])
  await box.post({ n: 1 }, [])
  await settle()
  await box.post({ n: 2 }, [])
  await settle()
  assert.equal(release.length, 1)
  release[0]?.({ outcome: 'delivered' })
  await settle()
  assert.equal(release.length, 2)
})
