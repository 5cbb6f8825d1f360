import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overlapping } from '../../../src/classify/shell/wild-bits.ts'
import { ANY, BELOW, ONE, overlaps, RUN, shown } from '../../../src/classify/shell/wildcards.ts'
import { seeded } from '../../mask/random.ts'

const CHARS = ['a', 'b', 'c', '.', '/', ANY, RUN, ONE, BELOW, 'é', '\u{1f600}']

test('patterns that many are compared with meet the same others as step by step', () => {
  const random = seeded(7)
  const written = (most: number): string =>
    Array.from({ length: random(most) }, () => CHARS[random(CHARS.length)] ?? '').join('')
  const met = { yes: 0, no: 0 }
  for (let round = 0; round < 60_000; round++) {
    const [one, other] = [written(9), written(round % 50 === 0 ? 34 : 8)]
    const expected = overlaps(one, other)
    assert.equal(overlapping(other)(one), expected, `${shown(one)} and ${shown(other)}`)
    met[expected ? 'yes' : 'no'] += 1
  }
  assert.ok(met.yes > 5000 && met.no > 5000)
})
