import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Channel, Letter, Sent } from '../../src/notify/channel.ts'
import type { Notice } from '../../src/notify/notice.ts'
import { createOutbox } from '../../src/notify/outbox.ts'
import { LEFT_OUT } from '../../src/notify/floodgate.ts'
import { LONGEST_PAUSE, type Delivery, type OutboxStore } from '../../src/model/outbox.ts'
import type { Clock } from '../../src/std/clock.ts'

function fakeClock() {
  let now = 1_000_000
  const timers = new Set<{ at: number; readonly call: () => void }>()
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
  /** The wall clock is set; what was to happen after a while happens after that while. */
  const set = (ms: number): void => {
    now += ms
    for (const timer of timers) timer.at += ms
  }
  return { clock, next, timers, set }
}

/** Lets every promise that can settle do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function memoryStore(rows = new Map<string, Delivery>()): OutboxStore & { readonly rows: Map<string, Delivery> } {
  const waiting = (channel: string): readonly Delivery[] =>
    [...rows.values()].filter((row) => row.state === 'waiting' && row.channel === channel)
  const done = new Set<number>()
  return {
    rows,
    tidings: () => Promise.resolve([]),
    add({ tiding, deliveries }) {
      if (done.has(tiding)) return Promise.resolve(false)
      done.add(tiding)
      for (const one of deliveries) rows.set(one.id, one)
      return Promise.resolve(true)
    },
    due: ({ channel, now, limit }) =>
      Promise.resolve(
        waiting(channel)
          .filter(({ nextAt }) => nextAt <= now || nextAt > now + LONGEST_PAUSE)
          .slice(0, limit),
      ),
    nextDue: ({ channel }) =>
      Promise.resolve(
        waiting(channel)
          .map(({ nextAt }) => nextAt)
          .toSorted((a, b) => a - b)[0],
      ),
    abandon({ channels, reason }) {
      for (const row of [...rows.values()].filter(
        ({ state, channel }) => state === 'waiting' && !channels.includes(channel),
      ))
        rows.set(row.id, { ...row, state: 'failed', reason })
      return Promise.resolve()
    },
    about: ({ subject }) => Promise.resolve([...rows.values()].filter((row) => row.subject === subject)),
    setOff: ({ person, since }) =>
      Promise.resolve(
        [...rows.values()]
          .filter(
            (row) => row.person === person && row.createdAt > since && (row.state !== 'failed' || row.attempts > 0),
          )
          .map(({ channel, message }) => ({ channel, message, count: 1 })),
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
    compose: ({ payload }) => JSON.stringify(payload),
    send(letter) {
      letters.push(letter)
      return Promise.resolve(answers[letters.length - 1] ?? { outcome: 'delivered' })
    },
  }
  return { ...made, letters }
}

/** A notice that nobody bounds. */
const told = (payload: object): Notice => ({
  ...{ kind: 'stop.ordered', subject: undefined, weight: { kind: 'always' } },
  ...{ headline: 'h', lines: [], link: 'https://x/', payload },
})

const asking = (person: string, kind = 'approval.opened', subject = 'approval:a_1'): Notice => ({
  ...told({ kind, subject }),
  ...{ kind, subject, weight: { kind: 'asks', person } },
})

/** Sequences are the store's, and go on over restarts. */
let tidings = 0

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
    hourly: 3,
    flood: (person) => asking(person, 'messages.flood', 'flood'),
  })
  const bodies = ({ letters }: { letters: readonly Letter[] }): readonly string[] => letters.map(({ body }) => body)
  /** Each a tiding of its own. */
  const post = (notice: Notice, names: readonly string[]) => made.post((tidings += 1), [{ notice, channels: names }])
  return { ...made, ...time, store, faults, bodies, post, postAll: made.post.bind(made) }
}

const LATER: Sent = { outcome: 'later', reason: 'status 503' }

test('a message goes to the named channels, or to all where none is named', async () => {
  const [first, second] = [channel('first', []), channel('second', [])]
  const box = outbox([first, second])
  assert.deepEqual(await box.post(told({ n: 1 }), ['second', 'unknown']), ['n_1'])
  assert.deepEqual(await box.post(told({ n: 2 }), []), ['n_2', 'n_3'])
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

test('what one tiding comes to is posted once, whoever posts it', async () => {
  const sent = channel('one', [])
  const box = outbox([sent])
  const both = [told({ n: 1 }), told({ n: 2 })].map((notice) => ({ notice, channels: [] }))
  const posted = await Promise.all([box.postAll(-1, both), box.postAll(-1, both)])
  assert.deepEqual(posted, [['n_1', 'n_2'], []])
  await settle()
  assert.deepEqual(box.bodies(sent), ['{"n":1}', '{"n":2}'])
})

test('a message is durable before post resolves, and is not sent before', async () => {
  const sent = channel('one', [])
  const store = memoryStore()
  const box = outbox([sent], { ...store, add: () => Promise.reject(new Error('disk full')) })
  await assert.rejects(box.post(told({ n: 1 }), []), /disk full/)
  await settle()
  assert.deepEqual(sent.letters, [])
})

test('what fails comes again with growing pauses under the same id, until it arrives', async () => {
  const busy = channel('busy', [LATER, LATER, LATER])
  const box = outbox([busy])
  await box.post(told({ n: 1 }), [])
  await settle()
  assert.deepEqual([await box.next(), await box.next(), await box.next(), await box.next()], [1500, 3000, 6000, -1])
  assert.deepEqual(
    busy.letters.map(({ id }) => id),
    ['n_1', 'n_1', 'n_1', 'n_1'],
  )
  const [row] = await box.recent(1)
  assert.deepEqual([row?.state, row?.attempts, row?.reason], ['delivered', 4, undefined])
})

const GIVEN_UP: readonly (readonly [what: string, notice: Notice, hours: number])[] = [
  ['news', told({ n: 1 }), 24],
  ['an asking, which nobody could answer any more,', asking('alice'), 4],
]
for (const [what, notice, hours] of GIVEN_UP)
  test(`${what} is tried for ${hours} hours, at the last every quarter of an hour, then failed and visible with its reason`, async () => {
    const answers = Array.from({ length: 500 }, () => LATER)
    const dead = channel('dead', answers)
    const box = outbox([dead])
    await box.post(notice, [])
    await settle()
    const waits: number[] = []
    for (let wait = await box.next(); wait >= 0; wait = await box.next()) waits.push(wait)
    const spent = waits.reduce((sum, wait) => sum + wait, 0)
    assert.ok(spent > (hours - 0.25) * 3_600_000 && spent <= hours * 3_600_000, `${spent / 3_600_000} h`)
    assert.equal(Math.max(...waits), 675_000)
    const [row] = await box.recent(1)
    assert.deepEqual([row?.state, row?.attempts, row?.reason], ['failed', waits.length + 1, 'status 503'])
  })

test('a clock that is set back keeps no message waiting for as long as it was set back', async () => {
  const busy = channel('busy', [LATER])
  const box = outbox([busy])
  await box.post(told({ n: 1 }), [])
  await settle()
  box.set(-5 * 3_600_000)
  assert.equal(await box.next(), 1500)
  assert.equal((await box.recent(1))[0]?.state, 'delivered')
})

test('what seems to be due hours from now is sent at once after a restart', async () => {
  const store = memoryStore()
  const before = outbox([channel('one', [LATER])], store)
  before.set(5 * 3_600_000)
  await before.post(told({ n: 1 }), [])
  await settle()
  await before.stop()
  const one = channel('one', [])
  outbox([one], store).start()
  await settle()
  assert.equal(one.letters.length, 1)
})

test('what is refused is not tried again', async () => {
  const gone = channel('gone', [{ outcome: 'refused', reason: 'status 410' }])
  const box = outbox([gone])
  await box.post(told({ n: 1 }), [])
  await settle()
  assert.equal(await box.next(), -1)
  assert.equal((await box.recent(1))[0]?.state, 'failed')
})

test('a restart takes up what waits; a channel that is gone fails it', async () => {
  const store = memoryStore()
  const before = outbox([channel('old', [LATER]), channel('kept', [LATER])], store)
  await before.post(told({ n: 1 }), [])
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
  await box.post(told({ n: 1 }), [])
  await settle()
  assert.equal(box.faults.length, 1)
  broken = false
  await box.next()
  assert.equal(one.letters.length, 1)
})

test('a slow channel is not given a second copy of what is under way', async () => {
  const release: ((sent: Sent) => void)[] = []
  const slow: Channel = {
    name: 'slow',
    compose: () => '',
    send: () => new Promise((resolve) => release.push(resolve)),
  }
  const box = outbox([slow])
  await box.post(told({ n: 1 }), [])
  await settle()
  await box.post(told({ n: 2 }), [])
  await settle()
  assert.equal(release.length, 1)
  release[0]?.({ outcome: 'delivered' })
  await settle()
  assert.equal(release.length, 2)
})

test('one channel that hangs keeps no other waiting', async () => {
  const stuck: Channel = { name: 'stuck', compose: () => '', send: () => new Promise<never>(() => undefined) }
  const live = channel('live', [])
  const box = outbox([stuck, live])
  for (let n = 0; n < 20; n += 1) await box.post(told({ n }), [])
  await settle()
  assert.equal(live.letters.length, 20)
})

test('pauses are whole milliseconds, as the store takes them', async () => {
  const busy = channel('busy', [LATER, LATER, LATER])
  const store = memoryStore()
  const update = store.update.bind(store)
  const times: number[] = []
  const box = outbox([busy], {
    ...store,
    update: (change) => {
      times.push(change.nextAt)
      return update(change)
    },
  })
  await box.post(told({ n: 1 }), [])
  await settle()
  await box.next()
  assert.ok(times.length >= 2 && times.every((at) => Number.isInteger(at)))
})

test('above so many an hour a channel gets one message that tells of the rest, and nothing more of that person', async () => {
  const [chat, mail] = [channel('chat', []), channel('mail', [])]
  const box = outbox([chat, mail])
  for (let n = 1; n <= 9; n += 1) await box.post(asking('alice', 'approval.opened', `approval:a_${n}`), ['chat'])
  await box.post(asking('alice', 'approval.opened', 'approval:a_10'), ['mail'])
  await box.post(asking('bob', 'approval.opened', 'approval:a_11'), ['chat'])
  await settle()
  const kinds = chat.letters.map(({ body }) => body.replace(/.*"subject":"([^"]+)".*/, '$1'))
  assert.deepEqual(kinds, ['approval:a_1', 'approval:a_2', 'approval:a_3', 'flood', 'approval:a_11'])
  assert.equal(mail.letters.length, 1)
  const [left] = await box.about('approval:a_5')
  assert.deepEqual([left?.state, left?.attempts, left?.reason], ['failed', 0, LEFT_OUT])
})

test('the end of what was left out is left out too, and tells no other channel less', async () => {
  const [chat, mail] = [channel('chat', []), channel('mail', [])]
  const box = outbox([chat, mail])
  for (let n = 1; n <= 4; n += 1) await box.post(asking('alice', 'approval.opened', `approval:a_${n}`), ['chat'])
  const end = { ...told({ end: 4 }), subject: 'approval:a_4', weight: { kind: 'follows' as const } }
  await box.post(end, ['chat', 'mail'])
  await box.post({ ...end, subject: 'approval:a_3' }, ['chat'])
  await settle()
  assert.equal(box.bodies(chat).filter((body) => body.includes('end')).length, 1)
  assert.equal(mail.letters.length, 1)
})

test('after an hour a person is heard again', async () => {
  const chat = channel('chat', [])
  const store = memoryStore()
  const long = outbox([chat], store)
  for (let n = 1; n <= 5; n += 1) await long.post(asking('alice'), [])
  for (const [id, row] of store.rows) store.rows.set(id, { ...row, createdAt: row.createdAt - 3_600_001 })
  await long.post(asking('alice', 'approval.opened', 'approval:a_9'), [])
  await settle()
  assert.match(chat.letters.at(-1)?.body ?? '', /a_9/)
})

test('what nobody may be spared is not counted and not left out', async () => {
  const chat = channel('chat', [])
  const box = outbox([chat])
  for (let n = 1; n <= 30; n += 1) await box.post(told({ n }), [])
  await settle()
  assert.equal(chat.letters.length, 30)
})
