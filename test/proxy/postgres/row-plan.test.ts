import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCellMasks } from '../../../src/mask/cell.ts'
import { mayHoldPan } from '../../../src/mask/prefilter.ts'
import type { ResultColumn, Treatment } from '../../../src/model/column.ts'
import type { CopyPlan } from '../../../src/protocol/postgres/copy-plan.ts'
import { createCopyMasker } from '../../../src/protocol/postgres/copy-rows.ts'
import { encodeBackend } from '../../../src/protocol/postgres/encode.ts'
import { UPSTREAM_SESSION } from '../../../src/protocol/postgres/limits.ts'
import { patchRow, rewriteRow } from '../../../src/protocol/postgres/rows.ts'
import { FrameScanner } from '../../../src/protocol/postgres/scanner.ts'
import { Spans } from '../../../src/protocol/postgres/spans.ts'
import { rowPlan, type MaskCount, type RowPlan } from '../../../src/proxy/postgres/row-plan.ts'
import { cardCell } from '../../support/card-cells.ts'
import { seeded, type Random } from '../../support/random.ts'

const ROUNDS = 400
const TYPES = [25, 1043, 1042, 18, 20, 23, 1700, 701, 114, 17, 790]
const TREATMENTS: readonly Treatment[] = [
  { kind: 'clear' },
  { kind: 'clear' },
  { kind: 'hidden' },
  ...(['bin+last4', 'last4', 'hide', 'token', 'null'] as const).map((shape): Treatment => ({
    kind: 'mask',
    class: 'pan',
    shape,
  })),
]
const CLEAR: readonly Treatment[] = [{ kind: 'clear' }]

type Row = readonly (Buffer | null)[]

interface Table {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly Row[]
}

/** Every other table has nothing but clear columns. */
function tableOf(random: Random, format: ResultColumn['format']): Table {
  const treatments = random.below(2) === 0 ? CLEAR : TREATMENTS
  const columns = Array.from({ length: 1 + random.below(4) }, (_, at): ResultColumn => {
    const treatment = treatments[random.below(treatments.length)] ?? { kind: 'hidden' }
    return { name: `c${at}`, typeOid: TYPES[random.below(TYPES.length)] ?? 25, format, treatment }
  })
  const rows = Array.from({ length: 1 + random.below(20) }, () =>
    columns.map(() => (random.below(8) === 0 ? null : cardCell(random))),
  )
  return { columns, rows }
}

interface Shown extends MaskCount {
  readonly bytes: string
}

/** What a way of masking gives, with its counts. */
function shownBy(columns: readonly ResultColumn[], way: (plan: RowPlan) => Buffer): Shown {
  const count = { masked: 0, pans: 0 }
  const cells = createCellMasks({ tag: (value) => `${value.length}`, onFault: () => assert.fail() })
  const bytes = way(rowPlan(columns, cells, count)).toString('hex')
  return { bytes, ...count }
}

test('rows that are masked together in their chunk show and count what each shows and counts by itself', () => {
  const random = seeded(31)
  let found = 0
  for (let round = 0; round < ROUNDS; round++) {
    const { columns, rows } = tableOf(random, round % 3 === 0 ? 'binary' : 'text')
    const frames = rows.map((cells) => encodeBackend({ name: 'dataRow', cells }))
    const chunk = Buffer.concat(frames)
    const alone = shownBy(columns, ({ masks }) => Buffer.concat(frames.map((frame) => rewriteRow(frame, masks))))
    const together = shownBy(columns, (plan) => {
      const scanner = new FrameScanner({ side: 'backend', limits: UPSTREAM_SESSION })
      const spans = new Spans()
      scanner.push(chunk)
      while (scanner.next()) {
        patchRow(scanner, plan, spans.patchFrom(scanner.buffer, scanner.start))
        spans.keep(scanner.buffer, scanner.start, scanner.end)
      }
      const pieces = spans.take()
      assert.equal(pieces.length, 1)
      return Buffer.concat(pieces)
    })
    assert.deepEqual(together, alone)
    assert.deepEqual(chunk, Buffer.concat(frames))
    found += alone.pans + alone.masked
  }
  assert.ok(found > 1_000)
})

const ESCAPES = new Map(
  ['\bb', '\tt', '\nn', '\vv', '\ff', '\rr', '\\\\'].map((pair) => [pair[0], `\\${pair[1] ?? ''}`]),
)
const ENCODERS = {
  text: (row: Row): Buffer =>
    line(row.map((cell) => cell?.toString('latin1').replace(/[\b\t\n\v\f\r\\]/g, (one) => ESCAPES.get(one) ?? one) ?? '\\N'), '\t'), // prettier-ignore
  csv: (row: Row): Buffer =>
    line(
      row.map((cell) => (cell === null ? '' : `"${cell.toString('latin1').replaceAll('"', '""')}"`)),
      ',',
    ),
  binary: (row: Row): Buffer => encodeBackend({ name: 'dataRow', cells: row }).subarray(5),
}
const line = (cells: readonly string[], delimiter: string): Buffer =>
  Buffer.from(`${cells.join(delimiter)}\n`, 'latin1')
const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')

test('a copy shows and counts the same whether or not most of its cells are told at a glance', () => {
  const random = seeded(32)
  let found = 0
  for (let round = 0; round < ROUNDS; round++) {
    const format = (['text', 'csv', 'binary'] as const)[round % 3] ?? 'text'
    const { columns, rows } = tableOf(random, format === 'binary' ? 'binary' : 'text')
    const bodies = rows.map((row) => ENCODERS[format](row))
    if (format === 'binary') bodies.unshift(HEADER)
    const copied = (plan: Omit<CopyPlan, 'format' | 'header'>): Buffer => {
      const masker = createCopyMasker({ format, header: false, ...plan })
      return Buffer.concat(bodies.map((body) => masker.push(body)))
    }
    const long = shownBy(columns, ({ masks }) => copied({ masks }))
    const short = shownBy(columns, ({ masks, glances, everyRow }) =>
      copied({ masks, glances, suspects: everyRow ? undefined : mayHoldPan }),
    )
    assert.deepEqual(short, long)
    found += long.pans + long.masked
  }
  assert.ok(found > 1_000)
})
