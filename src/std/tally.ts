/** Counts how often each of a few fixed words came up, from the start of the process. */
export class Tally<Word extends string> {
  readonly #counts: Record<Word, number>

  constructor(words: readonly Word[]) {
    this.#counts = Object.fromEntries(words.map((word) => [word, 0])) as Record<Word, number>
  }

  count(word: Word): void {
    this.#counts[word] += 1
  }

  /** Every word, those that never came up too. */
  entries(): readonly (readonly [word: string, count: number])[] {
    return Object.entries<number>(this.#counts)
  }
}
