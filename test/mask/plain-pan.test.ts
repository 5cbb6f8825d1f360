import assert from 'node:assert/strict'
import test from 'node:test'
import { createCellMasks } from '../../src/mask/cell.ts'
import { findPans } from '../../src/mask/pan.ts'
import { isPlainPan, starPlain } from '../../src/mask/plain-pan.ts'
import { showPan } from '../../src/mask/scrub.ts'
import { seeded } from '../support/random.ts'

const STARTS = ['4', '51', '34', '37', '6011', '3528', '62', '2200', '9', '0', '1', '']

test('what counts as plainly a card number is the one hit that the long way finds, shown alike', () => {
  const random = seeded(7)
  let plain = 0
  for (let round = 0; round < 40_000; round += 1) {
    let text = STARTS[random.below(STARTS.length)] ?? ''
    const length = 12 + random.below(9)
    while (text.length < length) text += String(random.below(10))
    const cell = Buffer.from(text)
    const hits = findPans(text)
    const whole = hits.length === 1 && hits[0]?.kind === 'pan' && hits[0].start === 0 && hits[0].end === text.length
    const [hit] = hits
    if (!isPlainPan(cell)) {
      assert.ok(!whole || text.length < 15, text.length.toString())
      continue
    }
    plain += 1
    assert.ok(whole && hit !== undefined)
    assert.equal(starPlain(cell, 6).toString(), showPan(text, hit, 'bin+last4'))
    assert.equal(starPlain(cell, 0).toString(), showPan(text, hit, 'last4'))
  }
  assert.ok(plain > 500, `only ${plain} cells took the short way`)
})

test('anything beside the digits goes the long way', () => {
  for (const text of ['4111 1111 1111 1111', '4111111111111111 ', '+4111111111111111', '411111111111111１', ''])
    assert.equal(isPlainPan(Buffer.from(text)), false, text)
})

test('a masked cell does not write into the bytes that it was given', () => {
  const cell = Buffer.from('4111111111111111')
  const treatment = { kind: 'mask', class: 'pan', shape: 'bin+last4' } as const
  const masks = createCellMasks({ tag: () => '', onFault: () => assert.fail() })
  const mask = masks.cellMask({ name: 'pan', typeOid: 1043, format: 'text', treatment })
  assert.equal(mask?.(cell)?.toString(), '411111******1111')
  assert.equal(cell.toString(), '4111111111111111')
})
