import { codewords } from './codewords.ts'
import { blankGrid, drawFormat } from './grid.ts'
import type { Grid } from './grid.ts'

/** The eight masks of ISO/IEC 18004, 7.8.2: where one says yes, a module changes its colour. */
const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

/** A QR code of a text of at most 180 bytes, as rows of dark modules. Throws RangeError for a longer text. */
export function qrCode(text: string): readonly (readonly boolean[])[] {
  const { version, bytes } = codewords(text)
  const drawn = MASKS.map((_, mask) => draw(version, bytes, mask))
  const best = drawn.reduce((a, b) => (penalty(b) < penalty(a) ? b : a))
  return rowsOf(best)
}

/** The same as a picture that scales, dark on light whatever the page's colours, with the quiet zone that scanners need. */
export function qrSvg(text: string): { readonly viewBox: string; readonly path: string } {
  const rows = qrCode(text)
  const quiet = 4
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x + quiet} ${y + quiet}h1v1h-1z`] : [])))
  const size = rows.length + 2 * quiet
  return { viewBox: `0 0 ${size} ${size}`, path: path.join('') }
}

const rowsOf = (grid: Grid): boolean[][] =>
  Array.from({ length: grid.size }, (_, y) => Array.from({ length: grid.size }, (__, x) => grid.isDark(x, y)))

function draw(version: number, bytes: Uint8Array, mask: number): Grid {
  const grid = blankGrid(version)
  const changes = MASKS[mask] ?? (() => false)
  let bit = 0
  for (const [x, y] of path(grid.size)) {
    if (grid.isFixed(x, y)) continue
    const dark = (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1
    grid.set(x, y, dark !== changes(x, y))
    bit += 1
  }
  drawFormat(grid, mask)
  return grid
}

/** Pairs of columns from the right, upwards and downwards in turn; the timing column is passed over. */
function* path(size: number): Generator<readonly [number, number]> {
  let upwards = true
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step += 1) {
      const y = upwards ? size - 1 - step : step
      yield [right, y]
      yield [right - 1, y]
    }
    upwards = !upwards
  }
}

/** How hard a code is to read (ISO/IEC 18004, 7.8.3): runs, blocks, what looks like a finder, and imbalance. */
function penalty(grid: Grid): number {
  const rows = rowsOf(grid)
  const columns = rows.map((_, x) => rows.map((row) => row[x] ?? false))
  const lines = [...rows, ...columns].map((line) => line.map((dark) => (dark ? '1' : '0')).join(''))
  const total = grid.size ** 2
  const dark = lines.slice(0, grid.size).join('').replaceAll('0', '').length
  return (
    lines.reduce((sum, line) => sum + runs(line) + finders(line), 0) +
    blocks(rows) +
    10 * Math.floor(Math.abs(dark * 20 - total * 10) / total)
  )
}

const runs = (line: string): number =>
  [...line.matchAll(/0{5,}|1{5,}/g)].reduce((sum, [run]) => sum + run.length - 2, 0)

const finders = (line: string): number => 40 * [...line.matchAll(/(?=10111010000|00001011101)/g)].length

function blocks(rows: readonly (readonly boolean[])[]): number {
  const at = (x: number, y: number): boolean => rows[y]?.[x] ?? false
  let count = 0
  for (let y = 1; y < rows.length; y += 1)
    for (let x = 1; x < rows.length; x += 1)
      if ([at(x - 1, y), at(x, y - 1), at(x - 1, y - 1)].every((dark) => dark === at(x, y))) count += 1
  return 3 * count
}
