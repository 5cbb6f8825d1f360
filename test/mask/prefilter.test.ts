import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OTHER, SEPARATOR, kindOf } from '../../src/mask/digits.ts'
import { NOWHERE, mayHoldPan, seekRun } from '../../src/mask/prefilter.ts'
import { seeded } from './random.ts'

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

/** The definition, character by character: 13 digits, at most two separators between two of them. Gives the byte of the first digit. */
function plainly(bytes: Buffer): number {
  let [at, digits, gap, first] = [0, 0, 0, 0]
  for (const char of decoded(bytes)) {
    const kind = kindOf(char.codePointAt(0) ?? 0)
    gap = kind === SEPARATOR ? gap + 1 : 0
    if (kind === OTHER || gap > 2) digits = 0
    if (kind !== OTHER && kind !== SEPARATOR && digits++ === 0) first = at
    if (digits === 13) return first
    at += Buffer.byteLength(char)
  }
  return NOWHERE
}

/** What is no well-formed character, byte by byte as something that is no digit and takes one byte. */
function* decoded(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length;) {
    const size = [1, 2, 3, 4].find((length) => {
      const piece = bytes.subarray(at, at + length)
      return (
        piece.length === length && Array.from(piece.toString()).length === 1 && !piece.toString().includes('\u{fffd}')
      )
    })
    yield size === undefined ? 'x' : bytes.toString('utf8', at, at + size)
    at += size ?? 1
  }
}

const PIECES: readonly Buffer[] = [
  ...[
    '4',
    '42',
    '4111',
    '41111111',
    '222222222222',
    '4222222222222',
    ' ',
    '-',
    '.',
    '  ',
    '---',
    '/',
    '_',
    'x',
    '\n',
    '\0',
  ],
  ...['é', '\u00a0', '\u200b', '\u{e0100}', '٤', '中', '\u{1d7d2}', '٤١١١١١١'],
].map((text) => Buffer.from(text))
const BROKEN = ['80', 'c2', 'e280', 'ff', 'f09d', 'eda080', 'f4908080', 'c080'].map((hex) => Buffer.from(hex, 'hex'))

test('it says and finds exactly what the definition says, over every part of random text, broken characters included', () => {
  const random = seeded(17)
  for (let round = 0; round < 1500; round++) {
    const from = round % 3 === 0 ? [...PIECES, ...BROKEN] : PIECES
    const bytes = Buffer.concat(Array.from({ length: 1 + random(16) }, () => from[random(from.length)] ?? Buffer.of(0)))
    for (let start = 0; start < Math.min(bytes.length, 20); start++)
      for (const end of [bytes.length, bytes.length - random(bytes.length - start + 1)]) {
        const part = bytes.subarray(start, end)
        const expected = plainly(part)
        const found = seekRun(bytes, start, Math.max(start, end))
        assert.equal(found === NOWHERE ? NOWHERE : found - start, expected, part.toString('hex'))
      }
  }
})
