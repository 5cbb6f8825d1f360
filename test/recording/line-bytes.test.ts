import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineBytes, MAX_LINE } from '../../src/recording/line-bytes.ts'
import { RecorderError } from '../../src/recording/recorder-error.ts'
import { seeded } from '../support/random.ts'

const written = (write: (line: LineBytes) => void): string => {
  const line = new LineBytes()
  write(line.begin(0))
  return line.view(0, line.length).toString('utf8')
}

const NUMBERS = [
  ...[0, -0, 1, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 2 ** 31, 2 ** 32, 123_456_000_001, 1e15 - 1, 1e15, 2 ** 53],
  ...[0.01, 0.1, 0.07, 1.5, 12.34, 99.99, 0.005, 1 / 3, 9_999_999.99, 10_000_000.01, 1e21, 5e-7, -1, -0.5, Number.NaN],
]

for (const number of NUMBERS)
  test(`${number} is written as JavaScript writes it`, () =>
    assert.equal(
      written((line) => line.number(number)),
      String(number),
    ))

test('numbers of every length are written as JavaScript writes them', () => {
  const random = seeded(7)
  for (let count = 0; count < 20_000; count += 1) {
    const number = (random.below(2 ** 32) * random.below(2 ** 20)) % 10 ** random.below(17)
    const hundredths = (number % 1e9) / 100
    assert.equal(
      written((line) => line.number(number).ascii(' ').number(hundredths)),
      `${number} ${hundredths}`,
    )
  }
})

test('six digits have their zeros', () => {
  const six = (value: number): string => written((line) => line.sixDigits(value))
  assert.deepEqual([0, 7, 12_345, 999_999].map(six), ['000000', '000007', '012345', '999999'])
})

test('texts, signs and bytes stand one behind the other, however long they are', () => {
  const parts = ['', 'a', 'é€\u{1f600}', 'x'.repeat(40), 'ü'.repeat(9000), '"\\\n']
  const whole = written((line) => {
    for (const part of parts) line.text(part).bytes(Buffer.from(part)).ascii('-'.repeat(part.length))
  })
  assert.equal(whole, parts.map((part) => part + part + '-'.repeat(part.length)).join(''))
})

test('a line that gets too long throws, and the next one begins where it began', () => {
  const line = new LineBytes()
  line.begin(0).text('kept')
  const end = line.length
  const half = 'x'.repeat(MAX_LINE / 2)
  assert.throws(() => line.begin(end).text(half).text(half).ascii('y'), RecorderError)
  line.begin(end).text(' on')
  assert.equal(line.view(0, line.length).toString(), 'kept on')
})

test('a digest of one sign a byte is written as the hex digits of its bytes', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at))
  assert.equal(
    written((line) => void line.hex(bytes.toString('latin1'))),
    bytes.toString('hex'),
  )
})
