import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Patch } from '../../../src/bytes/patch.ts'
import { decodeBackend } from '../../../src/protocol/postgres/decode.ts'
import { encodeBackend } from '../../../src/protocol/postgres/encode.ts'
import type { Cell } from '../../../src/protocol/postgres/messages.ts'
import { ProtocolError } from '../../../src/protocol/postgres/protocol-error.ts'
import { rewriteColumnNames } from '../../../src/protocol/postgres/row-description.ts'
import { UPSTREAM_SESSION } from '../../../src/protocol/postgres/limits.ts'
import {
  cellCount,
  type CellGlance,
  type CellMask,
  forEachCell,
  patchRow,
  rewriteRow,
  type RowMasks,
} from '../../../src/protocol/postgres/rows.ts'
import { FrameScanner } from '../../../src/protocol/postgres/scanner.ts'
import { seeded } from '../../support/random.ts'

const cell = (text: string | null): Cell => (text === null ? null : Buffer.from(text))
const row = (...texts: (string | null)[]): Buffer => encodeBackend({ name: 'dataRow', cells: texts.map(cell) })
const cellsOf = (bytes: Buffer): (string | null)[] =>
  decodeBackend({ name: 'dataRow', bytes }).cells.map((value) => value?.toString() ?? null)

const say =
  (text: string | null): CellMask =>
  () =>
    cell(text)
const same: CellMask = (value) => value
const copy: CellMask = (value) => Buffer.from(value)
const never: CellMask = () => assert.fail('a mask was called')

describe('rewriting a row', () => {
  test('gives the same buffer where no mask changes anything', () => {
    const frame = row('1', null, '')
    assert.equal(rewriteRow(frame, [undefined, undefined, undefined]), frame)
    assert.equal(rewriteRow(frame, [same, same, same]), frame)
    assert.equal(rewriteRow(frame, [copy, copy, copy]), frame)
    assert.equal(rewriteRow(frame, [undefined, undefined, undefined], same), frame)
  })

  const cases: readonly (readonly [string, readonly (string | null)[]])[] = [
    ['longer', ['1', '411111******1111', 'z']],
    ['shorter', ['1', '*', 'z']],
    ['empty', ['1', '', 'z']],
    ['NULL', ['1', null, 'z']],
  ]
  for (const [about, expected] of cases) {
    test(`gives a row that parses again where a cell becomes ${about}`, () => {
      const shown = rewriteRow(row('1', '4111', 'z'), [undefined, say(expected[1] ?? null), undefined])
      assert.deepEqual(cellsOf(shown), expected)
    })
  }

  test('leaves NULL cells and their masks alone', () => {
    const frame = row(null, 'a', null)
    assert.deepEqual(cellsOf(rewriteRow(frame, [never, say('b'), never], never)), [null, 'b', null])
  })

  test('shows every cell without a mask to the mask for all', () => {
    const seen: string[] = []
    const watch: CellMask = (value) => {
      seen.push(value.toString())
      return value
    }
    assert.deepEqual(cellsOf(rewriteRow(row('a', 'b', 'c'), [undefined, say('x'), undefined], watch)), ['a', 'x', 'c'])
    assert.deepEqual(seen, ['a', 'c'])
  })

  test('does not change the frame it was given', () => {
    const frame = row('a', 'b')
    const before = Buffer.from(frame)
    rewriteRow(frame, [say('longer'), say(null)])
    assert.deepEqual(frame, before)
  })

  test('is a ProtocolError for another number of columns, more or less', () => {
    assert.throws(() => rewriteRow(row('a', 'b'), [undefined]), ProtocolError)
    assert.throws(() => rewriteRow(row('a'), [undefined, undefined]), ProtocolError)
  })

  test('is a ProtocolError for a row with a lying length, and no mask sees bytes of another row', () => {
    const frame = row('abc', 'def')
    for (const [offset, value] of [
      [7, 4],
      [7, -2],
      [7, 2 ** 31 - 1],
      [14, 2],
      [14, 4],
      [1, frame.length],
      [1, 3],
    ] as const) {
      const bad = Buffer.from(frame)
      bad.writeInt32BE(value, offset)
      assert.throws(() => rewriteRow(bad, [same, same]), ProtocolError, `${value} at ${offset}`)
    }
    for (let length = 0; length < frame.length; length++) {
      assert.throws(() => rewriteRow(frame.subarray(0, length), [same, same]), ProtocolError)
    }
    assert.throws(() => rewriteRow(Buffer.concat([frame, Buffer.alloc(1)]), [same, same]), ProtocolError)
  })

  test('keeps to its row under random changes of bytes', () => {
    const random = seeded(5)
    const frame = row('1', '4111111111111111', null, '')
    for (let round = 0; round < 5_000; round++) {
      const bad = Buffer.from(frame)
      bad.writeUInt8(random.below(256), random.below(bad.length))
      try {
        assert.equal(cellsOf(rewriteRow(bad, [copy, say('x'), copy, copy])).length, 4)
      } catch (error) {
        assert.ok(error instanceof ProtocolError, bad.toString('hex'))
      }
    }
  })
})

describe('patching rows in the buffer they lie in', () => {
  const rows = [row('1', '4111', null), row('2', null, 'x'), row('3', '5500', 'a longer one'), row('', '', '')]
  const masks = [undefined, say('****-****'), (cell: Buffer) => (cell.length > 3 ? null : cell)]

  /** All rows as one slice, walked as a pump does. */
  function patched(chunk: Buffer, rowMasks: RowMasks): Buffer {
    const scanner = new FrameScanner({ side: 'backend', limits: UPSTREAM_SESSION })
    scanner.push(chunk)
    const patch = new Patch(chunk)
    while (scanner.next()) patchRow(scanner, rowMasks, patch)
    return patch.finish(chunk.length)
  }

  test('gives the same bytes as rewriting each by itself', () => {
    const expected = Buffer.concat(rows.map((frame) => rewriteRow(frame, masks)))
    assert.deepEqual(patched(Buffer.concat(rows), { masks }), expected)
    assert.deepEqual(cellsOf(expected.subarray(0, expected.readInt32BE(1) + 1)), ['1', '****-****', null])
  })

  test('gives the buffer itself where nothing changes', () => {
    const chunk = Buffer.concat(rows)
    assert.equal(patched(chunk, { masks: [same, undefined, undefined], everyCell: same }).buffer, chunk.buffer)
  })

  test('is a ProtocolError for a row that reaches into the next one', () => {
    const bad = Buffer.concat(rows)
    bad.writeInt32BE(200, 7)
    assert.throws(() => patched(bad, { masks }), ProtocolError)
    assert.throws(
      () => patchRow({ buffer: bad, start: 0, end: bad.length + 1 }, { masks }, new Patch(bad)),
      ProtocolError,
    )
  })
})

describe('glances', () => {
  const frame = row('4111', null, 'b')
  const spanOf = (buffer: Buffer) => ({ buffer, start: 0, end: buffer.length })
  const shownBy = (glance: CellGlance, mask: CellMask): (string | null)[] => {
    const patch = new Patch(frame)
    patchRow(spanOf(frame), { masks: [mask, never, same], glances: [glance, glance, undefined] }, patch)
    return cellsOf(patch.finish(frame.length))
  }
  const star: CellGlance = (patch, start, end) => {
    patch.fill(start, end - 1, 0x2a)
    return 'overwritten'
  }

  test('spare a mask the cells that they know', () => {
    assert.deepEqual(
      shownBy(() => 'kept', never),
      ['4111', null, 'b'],
    )
    assert.deepEqual(shownBy(star, never), ['***1', null, 'b'])
    assert.deepEqual(
      shownBy(() => 'unsure', say('longer')),
      ['longer', null, 'b'],
    )
  })

  test('go with masks that give another length in the same row', () => {
    const wide = row('a', '4111', 'b')
    const patch = new Patch(wide)
    const masks = [say('longer'), never, say(null)]
    patchRow(spanOf(wide), { masks, glances: [undefined, star, () => 'unsure'] }, patch)
    assert.deepEqual(cellsOf(patch.finish(wide.length)), ['longer', '***1', null])
  })

  test('see no cell of a malformed row', () => {
    const bad = Buffer.from(frame)
    bad.writeInt32BE(2, frame.length - 5)
    const patch = new Patch(bad)
    const glances = [() => assert.fail('a glance was called')]
    assert.throws(() => patchRow(spanOf(bad), { masks: [never, never, never], glances }, patch), ProtocolError)
    assert.equal(patch.changed, false)
  })
})

describe('walking the cells', () => {
  test('gives the offsets of each cell and -1 for NULL', () => {
    const frame = row('ab', null, '')
    const seen: unknown[] = []
    const count = forEachCell(frame, (index, start, end) => seen.push([index, start, end]))
    assert.equal(count, 3)
    assert.equal(cellCount(frame), 3)
    assert.deepEqual(seen, [
      [0, 11, 13],
      [1, -1, -1],
      [2, 21, 21],
    ])
  })

  test('is a ProtocolError for another message', () => {
    assert.throws(() => cellCount(encodeBackend({ name: 'copyData', bytes: Buffer.alloc(10) })), ProtocolError)
  })
})

describe('column names', () => {
  const field = { tableOid: 1, attnum: 2, typeOid: 25, typeSize: -1, typeModifier: -1, format: 'text' } as const
  const bytes = encodeBackend({
    name: 'rowDescription',
    fields: [
      { ...field, name: 'a' },
      { ...field, name: '4111111111111111' },
    ],
  })
  const frame = { name: 'rowDescription', tag: 0x54, bytes } as const

  test('go on as they are where none is changed', () => {
    assert.equal(
      rewriteColumnNames(frame, (name) => name),
      bytes,
    )
  })

  test('are changed without touching the rest', () => {
    const shown = rewriteColumnNames(frame, (name) => (name === 'a' ? name : '411111******1111'))
    assert.deepEqual(decodeBackend({ name: 'rowDescription', bytes: shown }).fields, [
      { ...field, name: 'a' },
      { ...field, name: '411111******1111' },
    ])
  })
})
