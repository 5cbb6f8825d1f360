import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDuration, printDuration } from '../../src/std/duration.ts'

const rows: readonly [text: string, ms: number | undefined][] = [
  ['250ms', 250],
  ['30s', 30_000],
  ['15m', 900_000],
  ['8h', 28_800_000],
  ['2d', 172_800_000],
  ['15', undefined],
  ['m', undefined],
  ['1.5h', undefined],
  ['-1s', undefined],
  ['15 m', undefined],
  ['15M', undefined],
  ['1h30m', undefined],
]

test('a duration is a whole number and a unit', () => {
  for (const [text, ms] of rows) {
    assert.equal(parseDuration(text), ms, text)
    if (ms !== undefined) assert.equal(printDuration(ms), text)
  }
})

test('a duration prints in the largest unit that divides it', () => {
  assert.deepEqual([90_000, 86_400_000, 1].map(printDuration), ['90s', '1d', '1ms'])
})
