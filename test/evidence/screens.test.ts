import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Frame } from '../../src/recording/screen-frames.ts'
import { clean, header, sessionId } from '../recording/node.ts'
import { ACTING, HOSTILE } from '../recording/hostile.ts'
import { ALICE, CAROL, deskWorld } from './world.ts'

const SESSION = sessionId('s_00000000000000000001')
const request = { columns: 40, rows: 5, command: clean('shell'), terminal: true }

const textsOf = (frame: Frame | undefined): readonly string[] =>
  frame?.lines.map(([, line]) => line.map(([text]) => text).join('')) ?? []

/** A session of so many seconds in which a line comes every second. */
async function world(context: TestContext, seconds = 10) {
  const all = await deskWorld(context)
  const recording = all.node.recorder.open(header(SESSION, { protocol: 'ssh' }))
  const startedAt = all.node.clock.now()
  const cast = recording.cast(1, request)
  for (let second = 0; second < seconds; second++) {
    cast.output(Buffer.from(`second ${second}\r\n`))
    all.node.clock.pass(1000)
  }
  return { ...all, recording, cast, startedAt }
}

test('channels tell what was kept, and how long it is', async (context) => {
  const { desk, recording, startedAt } = await world(context)
  await recording.close({ reason: 'client-left' })
  assert.deepEqual(await desk.channels(SESSION), [
    { channel: 1, startedAt, command: 'shell', terminal: true, lengthMs: 9000 },
  ])
})

test('a page begins with the whole screen of its moment and goes on with what changed; whoever looks stands in the ledger', async (context) => {
  const { desk, notes, startedAt } = await world(context)
  const page = await desk.screens({ recording: SESSION, channel: 1, from: { at: startedAt + 6500 } }, CAROL)
  const [first, second] = page?.frames ?? []
  assert.deepEqual([first?.ms, textsOf(first)], [6500, ['second 3', 'second 4', 'second 5', 'second 6', '']])
  assert.deepEqual([second?.ms, page?.frames.length, page?.atEnd], [7000, 4, true])
  assert.deepEqual(
    notes.map(({ kind }) => kind),
    ['recording.viewed'],
  )
})

test('a live channel goes on where the page before ended', async (context) => {
  const { desk, cast, startedAt } = await world(context, 3)
  const page = await desk.screens({ recording: SESSION, channel: 1, from: { at: startedAt } }, CAROL)
  assert.ok(page)
  cast.output(Buffer.from('later'))
  const more = await desk.screens({ recording: SESSION, channel: 1, from: { next: page.next } }, CAROL)
  assert.deepEqual(
    more?.frames.map((frame) => frame.lines),
    [[[3, [['later', '']]]]],
  )
  // Asked for the same place again, the emulator is made anew and tells the whole screen.
  const again = await desk.screens({ recording: SESSION, channel: 1, from: { next: page.next } }, CAROL)
  assert.deepEqual(again?.frames.map(textsOf), [['second 0', 'second 1', 'second 2', 'later', '']])
})

test('a long channel comes in pages', async (context) => {
  const { desk, startedAt } = await world(context, 450)
  let from: { at: number } | { next: number } = { at: startedAt }
  const counts: number[] = []
  for (let atEnd = false; !atEnd;) {
    const page = await desk.screens({ recording: SESSION, channel: 1, from }, CAROL)
    assert.ok(page)
    counts.push(page.frames.length)
    from = { next: page.next }
    atEnd = page.atEnd
  }
  assert.deepEqual(counts, [201, 200, 49])
})

test('a text is found on the screen, and the search stands in the ledger', async (context) => {
  const { desk, notes, startedAt } = await world(context, 30)
  const found = await desk.sights({ recording: SESSION, channel: 1, text: 'SECOND 17' }, CAROL)
  assert.deepEqual(found, { startedAt, items: [{ ms: 17_000, line: 'second 17' }], next: null })
  assert.deepEqual(
    notes.map(({ kind }) => kind),
    ['recording.searched'],
  )
})

test('a channel of which nothing was kept has no screen, and nobody sees another’s', async (context) => {
  const { desk, startedAt } = await world(context)
  assert.equal(await desk.screens({ recording: SESSION, channel: 2, from: { at: startedAt } }, CAROL), undefined)
  const bob = { ...ALICE, sees: { person: CAROL.by } }
  assert.equal(await desk.screens({ recording: SESSION, channel: 1, from: { at: startedAt } }, bob), undefined)
  assert.equal(await desk.sights({ recording: SESSION, channel: 1, text: 'x' }, bob), undefined)
})

test('of hostile output the frames hold text that stands there and nothing else', async (context) => {
  const { desk, cast, startedAt, node } = await world(context, 1)
  for (const { text } of HOSTILE) {
    node.clock.pass(100)
    cast.output(Buffer.from(text.slice(0, 5000)))
  }
  cast.output(Buffer.from('\u{1b}\\\u{1b}c end'))
  const page = await desk.screens({ recording: SESSION, channel: 1, from: { at: startedAt } }, CAROL)
  assert.ok(page && page.frames.length > 1)
  const texts = page.frames.flatMap(textsOf)
  assert.ok(texts.some((text) => text.includes('end')))
  for (const text of texts) assert.doesNotMatch(text, ACTING)
})
