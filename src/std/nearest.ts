/** The one of `known` that takes the fewest single-character edits to reach from `word`; undefined if `known` is empty. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly edits: number } | undefined
  for (const name of known) {
    const edits = distance(word.toLowerCase(), name.toLowerCase())
    if (best === undefined || edits < best.edits) best = { name, edits }
  }
  return best?.name
}

/** Those of `known` that are nearest to `word`, the nearest first; at most `most`. */
export const nearestFew = (word: string, known: readonly string[], most: number): readonly string[] =>
  known
    .map((name) => ({ name, edits: distance(word.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, most)
    .map(({ name }) => name)

// Levenshtein over two rows. Words of a configuration file are short; a longer one is cut so that a hostile key costs nothing.
function distance(left: string, right: string): number {
  const [a, b] = [left.slice(0, 64), right.slice(0, 64)]
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(swap, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    above = row
  }
  return above[b.length] ?? 0
}
