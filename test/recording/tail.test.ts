import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { openTail, type Tail } from '../../src/recording/tail.ts'

const line = (seq: number, more: object = {}): string =>
  `${JSON.stringify({ seq, at: 'x', mono: seq, kind: 'statement', outcome: 'allowed', prev: '0'.repeat(64), ...more })}\n`

const seqs = async (tail: Tail): Promise<number[]> => (await tail.next()).map(({ seq }) => seq)

async function followed(
  start: string,
  run: (tail: Tail, add: (text: string | Uint8Array) => void) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-tail-'))
  const file = path.join(folder, 'events.ndjson')
  writeFileSync(file, start)
  const tail = await openTail(folder)
  if (tail === undefined) assert.fail('there is a recording')
  try {
    await run(tail, (text) => appendFileSync(file, text))
  } finally {
    await tail.close()
    rmSync(folder, { recursive: true })
  }
}

test('what is there comes first, then what is added, each line once', () =>
  followed(line(0) + line(1), async (tail, add) => {
    assert.deepEqual(await seqs(tail), [0, 1])
    assert.deepEqual(await seqs(tail), [])
    add(line(2))
    add(line(3))
    assert.deepEqual(await seqs(tail), [2, 3])
  }))

test('a line that is half written waits for its other half, wherever it is cut', async () => {
  const bytes = Buffer.from(line(1, { text: 'naïve €' }))
  for (let cut = 1; cut < bytes.length; cut += 5)
    await followed(line(0), async (tail, add) => {
      await tail.next()
      add(bytes.subarray(0, cut))
      assert.deepEqual(await seqs(tail), [])
      add(bytes.subarray(cut))
      assert.deepEqual(await seqs(tail), [1])
    })
})

test('of a recording that is long already the last lines come, and none of them is torn', () =>
  followed(Array.from({ length: 5000 }, (_, seq) => line(seq, { text: 'x'.repeat(100) })).join(''), async (tail) => {
    const found = await seqs(tail)
    assert.equal(found.at(-1), 4999)
    assert.ok(found.length > 500 && found.length < 2000, String(found.length))
    assert.deepEqual(
      found,
      [...found].sort((a, b) => a - b),
    )
  }))

test('a follower that is far behind goes on with the newest', () =>
  followed(line(0), async (tail, add) => {
    await tail.next()
    add(Array.from({ length: 9000 }, (_, at) => line(at + 1, { text: 'x'.repeat(100) })).join(''))
    const found = await seqs(tail)
    assert.equal(found.at(-1), 9000)
    assert.ok((found[0] ?? 0) > 5000)
    add(line(9001))
    assert.deepEqual(await seqs(tail), [9001])
  }))

test('what is no event is passed over', () =>
  followed(`${line(0)}garbage\n{"seq":"x"}\n${line(3)}`, async (tail) => {
    assert.deepEqual(await seqs(tail), [0, 3])
  }))

test('where there is no recording there is nothing to follow', async () => {
  assert.equal(await openTail(path.join(os.tmpdir(), 'countersign-no-such-recording')), undefined)
})
