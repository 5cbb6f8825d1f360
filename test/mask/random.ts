/** A small seeded generator: the same numbers at every run. */
export function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Bytes cut at random places, empty pieces included. */
export function cutUp(bytes: Buffer, random: (below: number) => number, most: number): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const next = at + random(most + 1)
    pieces.push(bytes.subarray(at, next))
    at = next
  }
  return pieces
}
