import assert from 'node:assert/strict'
import { type Random, seeded } from './random.ts'

/** How a peer's bytes may arrive. */
export interface Cut {
  readonly about: string
  readonly chunks: readonly Buffer[]
}

/** Ways to cut a stream of bytes into chunks: whole, one by one, and `rounds` times at random places of a seeded generator. Each chunk has its own memory. */
export function cutsOf(bytes: Buffer, { seed = 1, rounds = 20 }: { seed?: number; rounds?: number } = {}): Cut[] {
  const random = seeded(seed)
  return [
    { about: 'whole', chunks: [Buffer.from(bytes)] },
    { about: 'byte by byte', chunks: Array.from(bytes, (byte) => Buffer.of(byte)) },
    ...Array.from({ length: rounds }, (_, round) => ({
      about: `random cut ${round} of seed ${seed}`,
      chunks: randomCut(bytes, random),
    })),
  ]
}

/** Fails unless `decode` gives the same for the bytes whole and for every other cut of them. */
export function assertSplitInvariant(bytes: Buffer, decode: (chunks: readonly Buffer[]) => unknown): void {
  const expected = decode([Buffer.from(bytes)])
  for (const { about, chunks } of cutsOf(bytes)) assert.deepEqual(decode(chunks), expected, about)
}

function randomCut(bytes: Buffer, random: Random): Buffer[] {
  const chunks: Buffer[] = []
  const longest = 1 + random.below(Math.max(1, Math.min(bytes.length, 100)))
  for (let start = 0; start < bytes.length;) {
    const end = start + 1 + random.below(longest)
    chunks.push(Buffer.from(bytes.subarray(start, end)))
    start = end
  }
  return chunks
}
