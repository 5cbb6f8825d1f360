import { correction } from './reed-solomon.ts'

/** Level M of each version: correction codewords of a block, and how many blocks hold how many data codewords (ISO/IEC 18004, table 9). */
interface Layout {
  readonly correction: number
  readonly blocks: readonly number[]
}

const times = (count: number, size: number): number[] => Array.from({ length: count }, () => size)

const LAYOUTS: readonly Layout[] = [
  { correction: 10, blocks: [16] },
  { correction: 16, blocks: [28] },
  { correction: 26, blocks: [44] },
  { correction: 18, blocks: times(2, 32) },
  { correction: 24, blocks: times(2, 43) },
  { correction: 16, blocks: times(4, 27) },
  { correction: 18, blocks: times(4, 31) },
  { correction: 22, blocks: [...times(2, 38), ...times(2, 39)] },
  { correction: 22, blocks: [...times(3, 36), ...times(2, 37)] },
]

/** Mode and length in front of the bytes, 12 bits together up to version 9. */
const HEAD_BYTES = 2

export interface Codewords {
  /** 1 to 9. */
  readonly version: number
  /** Data and correction, interleaved as they are drawn. */
  readonly bytes: Uint8Array
}

/** A text of at most 180 bytes in byte mode and correction level M. Throws RangeError for a longer one. */
export function codewords(text: string): Codewords {
  const bytes = Buffer.from(text)
  const index = LAYOUTS.findIndex(({ blocks }) => bytes.length + HEAD_BYTES <= sum(blocks))
  const layout = LAYOUTS[index]
  if (layout === undefined) throw new RangeError('too long for a code of this size')
  return { version: index + 1, bytes: interleaved(padded(bytes, sum(layout.blocks)), layout) }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** Mode 4 and the length in twelve bits, the bytes, a terminator of four bits, and the standard's filling. */
function padded(bytes: Uint8Array, size: number): Uint8Array {
  const data = new Uint8Array(size)
  const nibbles = [4, bytes.length >> 4, bytes.length & 15, ...[...bytes].flatMap((byte) => [byte >> 4, byte & 15]), 0]
  for (let at = 0; at < nibbles.length; at += 2) data[at / 2] = ((nibbles[at] ?? 0) << 4) | (nibbles[at + 1] ?? 0)
  for (let at = nibbles.length / 2, odd = false; at < size; at += 1, odd = !odd) data[at] = odd ? 0x11 : 0xec
  return data
}

function interleaved(data: Uint8Array, layout: Layout): Uint8Array {
  let start = 0
  const blocks = layout.blocks.map((size) => data.subarray(start, (start += size)))
  return Uint8Array.from([...columns(blocks), ...columns(blocks.map((block) => correction(block, layout.correction)))])
}

/** The first of each block, then the second of each, and so on; short blocks are passed over at the end. */
function columns(blocks: readonly Uint8Array[]): number[] {
  const longest = Math.max(...blocks.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) =>
    blocks.flatMap((block) => (at < block.length ? [block[at] ?? 0] : [])),
  ).flat()
}
