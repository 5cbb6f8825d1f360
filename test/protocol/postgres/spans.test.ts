import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Spans } from '../../../src/protocol/postgres/spans.ts'
import { seeded } from '../../support/random.ts'

const STAR = 0x2a
const chunk = Buffer.from('aaabbbcccddd')
const said = (pieces: readonly Buffer[]): string[] => pieces.map((piece) => piece.toString())

test('frames that are patched and frames that are not leave as one piece', () => {
  const spans = new Spans()
  spans.keep(chunk, 0, 3)
  spans.patchFrom(chunk, 3).fill(4, 5, STAR)
  spans.keep(chunk, 3, 6)
  spans.keep(chunk, 6, 9)
  spans.patchFrom(chunk, 9).cut(9, 11).bytes(Buffer.from('longer'))
  spans.keep(chunk, 9, 12)
  assert.equal(spans.length, 16)
  assert.deepEqual(said(spans.take()), ['aaab*bccclongerd'])
  assert.equal(chunk.toString(), 'aaabbbcccddd')
})

test('a patch that changed nothing is a slice of the buffer', () => {
  const spans = new Spans()
  spans.patchFrom(chunk, 3)
  spans.keep(chunk, 3, 6)
  const [piece] = spans.take()
  assert.equal(piece?.toString(), 'bbb')
  assert.equal(piece.buffer, chunk.buffer)
})

test('what was patched for a frame that nobody keeps does not leave', () => {
  const spans = new Spans()
  spans.keep(chunk, 0, 3)
  spans.patchFrom(chunk, 3).fill(3, 6, STAR).i32(1)
  assert.equal(spans.length, 3)
  assert.deepEqual(said(spans.take()), ['aaa'])
  spans.patchFrom(chunk, 3).fill(3, 4, STAR)
  spans.keep(chunk, 6, 9)
  assert.deepEqual(said(spans.take()), ['ccc'])
})

test('a frame that is tried again is patched from its beginning', () => {
  const spans = new Spans()
  spans.patchFrom(chunk, 0).fill(0, 3, STAR)
  spans.patchFrom(chunk, 0).fill(1, 2, STAR)
  spans.keep(chunk, 0, 3)
  assert.deepEqual(said(spans.take()), ['a*a'])
})

test('other bytes between patched frames keep their place', () => {
  const spans = new Spans()
  spans.patchFrom(chunk, 0).fill(0, 3, STAR)
  spans.keep(chunk, 0, 3)
  spans.put(Buffer.from('x'))
  spans.patchFrom(chunk, 3).fill(5, 6, STAR)
  spans.keep(chunk, 3, 6)
  spans.patchFrom(chunk, 9).fill(9, 10, STAR)
  spans.keep(chunk, 9, 12)
  assert.deepEqual(said(spans.take()), ['***', 'x', 'bb*', '*dd'])
})

/** Ways to treat the frame that begins at `at`, with what is to leave then. */
const WAYS: readonly ((spans: Spans, at: number) => string)[] = [
  (spans, at) => {
    spans.keep(chunk, at, at + 3)
    return chunk.toString('latin1', at, at + 3)
  },
  (spans, at) => {
    spans
      .patchFrom(chunk, at)
      .fill(at, at + 2, STAR)
      .i32(1)
    return ''
  },
  (spans, at) => {
    spans.patchFrom(chunk, at).fill(at, at + 3, STAR)
    spans.keep(chunk, at, at + 3)
    return '***'
  },
  (spans, at) => {
    spans
      .patchFrom(chunk, at)
      .cut(at, at + 3)
      .bytes(Buffer.from('longer'))
    spans.keep(chunk, at, at + 3)
    return 'longer'
  },
  (spans) => {
    spans.put(Buffer.from('put'))
    return 'put'
  },
]

test('any order of keeping, dropping, patching and putting gives the frames that were meant, and counts their bytes', () => {
  const random = seeded(3)
  for (let round = 0; round < 500; round++) {
    const spans = new Spans()
    let expected = ''
    for (let at = 0; at < chunk.length; at += 3) {
      expected += WAYS[random.below(WAYS.length)]?.(spans, at) ?? ''
      assert.equal(spans.length, expected.length)
    }
    assert.equal(spans.take().join(''), expected)
  }
})
