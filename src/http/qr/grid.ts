/** The square of modules: what is dark, and what belongs to the fixed patterns, which no mask touches. */
export class Grid {
  readonly size: number
  readonly #dark: Uint8Array
  readonly #fixed: Uint8Array

  constructor(version: number) {
    this.size = 17 + 4 * version
    this.#dark = new Uint8Array(this.size ** 2)
    this.#fixed = new Uint8Array(this.size ** 2)
  }

  isDark(x: number, y: number): boolean {
    return this.#dark[y * this.size + x] === 1
  }

  isFixed(x: number, y: number): boolean {
    return this.#fixed[y * this.size + x] === 1
  }

  /** Outside of the square nothing happens. */
  fix(x: number, y: number, dark: boolean): void {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return
    this.#fixed[y * this.size + x] = 1
    this.set(x, y, dark)
  }

  set(x: number, y: number, dark: boolean): void {
    this.#dark[y * this.size + x] = dark ? 1 : 0
  }
}

/** Centres of the alignment patterns (ISO/IEC 18004, annex E); versions 1 to 9. */
const CENTRES: readonly (readonly number[])[] = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
]

/** A grid with finders, timing, alignment and version in place, and room kept for the format. */
export function blankGrid(version: number): Grid {
  const grid = new Grid(version)
  const far = grid.size - 7
  for (let at = 0; at < grid.size; at += 1) {
    grid.fix(at, 6, at % 2 === 0)
    grid.fix(6, at, at % 2 === 0)
  }
  const corners: readonly (readonly [number, number])[] = [
    [0, 0],
    [far, 0],
    [0, far],
  ]
  for (const [x, y] of corners) finder(grid, x + 3, y + 3)
  const centres = CENTRES[version - 1] ?? []
  for (const x of centres) for (const y of centres) if (!isCorner(x, y, far)) alignment(grid, x, y)
  if (version >= 7) versionBits(grid, version)
  drawFormat(grid, 0)
  return grid
}

const isCorner = (x: number, y: number, far: number): boolean =>
  (x < 8 && y < 8) || (x > far - 2 && y < 8) || (x < 8 && y > far - 2)

/** With its white border. */
function finder(grid: Grid, x: number, y: number): void {
  for (let dx = -4; dx <= 4; dx += 1)
    for (let dy = -4; dy <= 4; dy += 1) {
      const ring = Math.max(Math.abs(dx), Math.abs(dy))
      grid.fix(x + dx, y + dy, ring !== 2 && ring !== 4)
    }
}

function alignment(grid: Grid, x: number, y: number): void {
  for (let dx = -2; dx <= 2; dx += 1)
    for (let dy = -2; dy <= 2; dy += 1) grid.fix(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1)
}

/** `value` with the remainder of its BCH code behind it. */
export function withRemainder(value: number, generator: number): number {
  const width = 31 - Math.clz32(generator)
  let rest = value << width
  for (let bit = 31; bit >= width; bit -= 1) if ((rest >>> bit) & 1) rest ^= generator << (bit - width)
  return (value << width) | rest
}

const bitOf = (bits: number, at: number): boolean => ((bits >>> at) & 1) === 1

function versionBits(grid: Grid, version: number): void {
  const bits = withRemainder(version, 0x1f25)
  for (let at = 0; at < 18; at += 1) {
    const [near, far] = [Math.floor(at / 3), grid.size - 11 + (at % 3)]
    grid.fix(near, far, bitOf(bits, at))
    grid.fix(far, near, bitOf(bits, at))
  }
}

/** Level M, whose two bits are 0, and the number of the mask, twice (ISO/IEC 18004, 7.9). */
export function drawFormat(grid: Grid, mask: number): void {
  const bits = withRemainder(mask, 0x537) ^ 0x5412
  const last = grid.size - 1
  for (let at = 0; at < 15; at += 1) {
    const dark = bitOf(bits, at)
    const near = at < 6 ? at : at < 8 ? at + 1 : 14 - at
    if (at < 8) {
      grid.fix(8, near, dark)
      grid.fix(last - at, 8, dark)
    } else {
      grid.fix(at === 8 ? 7 : near, 8, dark)
      grid.fix(8, last - 14 + at, dark)
    }
  }
  grid.fix(8, grid.size - 8, true)
}
