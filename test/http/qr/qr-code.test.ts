import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codewords } from '../../../src/http/qr/codewords.ts'
import { withRemainder } from '../../../src/http/qr/grid.ts'
import { qrCode, qrSvg } from '../../../src/http/qr/qr-code.ts'
import { correction } from '../../../src/http/qr/reed-solomon.ts'

test('the correction codewords of a block are the known ones', () => {
  const data = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17]
  assert.deepEqual([...correction(Uint8Array.from(data), 10)], [196, 35, 39, 119, 235, 215, 231, 226, 93, 23])
})

test('format and version bits are those of the standard', () => {
  const format = (mask: number): string => (withRemainder(mask, 0x537) ^ 0x5412).toString(2).padStart(15, '0')
  assert.deepEqual([0, 5, 7].map(format), ['101010000010010', '100000011001110', '100101010100000'])
  assert.equal(withRemainder(7, 0x1f25).toString(2).padStart(18, '0'), '000111110010010100')
})

test('a text takes the smallest version that holds it, up to 180 bytes', () => {
  const sizes = [1, 14, 15, 26, 42, 62, 84, 106, 122, 152, 180]
  const versions = sizes.map((size) => codewords('x'.repeat(size)).version)
  assert.deepEqual(versions, [1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9])
  const totals = [26, 44, 70, 100, 134, 172, 196, 242, 292]
  for (const size of sizes) {
    const { version, bytes } = codewords('x'.repeat(size))
    assert.equal(bytes.length, totals[version - 1])
  }
  assert.throws(() => codewords('x'.repeat(181)), RangeError)
})

/** Reads a version 1 code back by the standard's own description: format, mask, the path from the lower right corner, and the byte mode. */
function readBack(rows: readonly (readonly boolean[])[]): string {
  const dark = (x: number, y: number): boolean => rows[y]?.[x] ?? false
  const near = [0, 1, 2, 3, 4, 5, 7, 8].map((y) => [8, y] as const)
  const cells = [...near, ...[7, 5, 4, 3, 2, 1, 0].map((x) => [x, 8] as const)]
  const format = cells.reduce((bits, [x, y], at) => bits | (dark(x, y) ? 1 << at : 0), 0) ^ 0x5412
  const mask = (format >> 10) & 7
  const flips = [
    (x: number, y: number) => (x + y) % 2 === 0,
    (_: number, y: number) => y % 2 === 0,
    (x: number) => x % 3 === 0,
    (x: number, y: number) => (x + y) % 3 === 0,
    (x: number, y: number) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
    (x: number, y: number) => ((x * y) % 2) + ((x * y) % 3) === 0,
    (x: number, y: number) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
    (x: number, y: number) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
  ]
  const flip = flips[mask] ?? assert.fail('no mask')
  let bits = ''
  for (const [turn, right] of [20, 18, 16, 14, 12, 10, 8, 5, 3, 1].entries())
    for (let step = 0; step < 21; step += 1)
      for (const x of [right, right - 1]) {
        const y = turn % 2 === 0 ? 20 - step : step
        const isFixed = x === 6 || y === 6 || (x < 9 && y < 9) || (x > 12 && y < 9) || (x < 9 && y > 12)
        if (!isFixed) bits += dark(x, y) !== flip(x, y) ? '1' : '0'
      }
  assert.equal(bits.slice(0, 4), '0100', 'byte mode')
  const length = Number.parseInt(bits.slice(4, 12), 2)
  const bytes = Array.from({ length }, (_, at) => Number.parseInt(bits.slice(12 + at * 8, 20 + at * 8), 2))
  return Buffer.from(bytes).toString()
}

test('what is drawn reads back as the text', () => {
  for (const text of ['a', 'hello world', 'Zoë', 'x'.repeat(14), '0123456789abcd'])
    assert.equal(readBack(qrCode(text)), text)
})

test('the finders, their borders, the timing and the dark module stand where scanners look', () => {
  for (const size of [1, 60, 122, 180]) {
    const rows = qrCode('x'.repeat(size))
    const line = (y: number): string => (rows[y] ?? []).map((dark) => (dark ? '#' : '.')).join('')
    assert.match(line(0), /^#######\..*\.#######$/)
    assert.match(line(3), /^#\.###\.#\..*\.#\.###\.#$/)
    assert.match(line(6), /^(#\.)*#$|^#######\.(#\.)*#######$/)
    assert.match(line(rows.length - 1), /^#######\./)
    assert.equal(rows[rows.length - 8]?.[8], true)
  }
})

test('the picture has a quiet zone of four modules and nothing but squares', () => {
  const { viewBox, path } = qrSvg('a')
  assert.equal(viewBox, '0 0 29 29')
  assert.match(path, /^(M\d+ \d+h1v1h-1z)+$/)
  assert.ok(path.startsWith('M4 4h'))
})
