import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayHoldPan } from '../../src/mask/prefilter.ts'

const DIGITS = '4222222222222'
/** What may stand between two digits of one number, in one byte and in several. */
const GAPS = ['', ' ', '-', '. ', '--', '  ', '\u00a0', '\u00a0-', '-\u00a0', '\u200b\u2011', '\u{e0100}_']
const suspected = (text: string): boolean => mayHoldPan(Buffer.from(text), 0, Buffer.byteLength(text))

test('thirteen digits are suspected wherever they begin and however they are grouped', () => {
  for (const gap of GAPS)
    for (let group = 1; group <= 7; group++)
      for (let lead = 0; lead < 30; lead++) {
        const number = DIGITS.replace(new RegExp(`.{${group}}(?=.)`, 'g'), `$&${gap}`)
        const bytes = Buffer.from(`${'x'.repeat(lead)}${number}y`)
        assert.ok(mayHoldPan(bytes, 0, bytes.length), `${lead} in front of ${JSON.stringify(number)}`)
        assert.ok(mayHoldPan(bytes, lead, bytes.length - 1), `${JSON.stringify(number)} and nothing around it`)
      }
})

test('twelve digits, blanks and lone separators are not', () => {
  for (const text of [
    DIGITS.slice(1),
    ' '.repeat(84),
    '- '.repeat(40),
    'a b-c.d/e_f'.repeat(9),
    '12   34   56   78   90   12   34',
  ])
    for (let lead = 0; lead < 14; lead++) assert.equal(suspected(`${'x'.repeat(lead)}${text}`), false, text)
})
