/** Lines kept in one session. */
const MAX_LINES = 2000

/** What was typed before, oldest first, and where in it the person is. Changes to an old line stay until a line is finished. */
export class EditorHistory {
  readonly #lines: string[] = []
  readonly #changed = new Map<number, string>()
  #at = 0

  get lines(): readonly string[] {
    return this.#lines
  }

  /** Keeps a finished line, unless it is the same as the one before, blank, or begins with a space, which is how people say that it is not to be kept. */
  add(line: string): boolean {
    this.rest()
    if (line.trim() === '' || line.startsWith(' ') || this.#lines.at(-1) === line) return false
    this.#lines.push(line)
    if (this.#lines.length > MAX_LINES) this.#lines.shift()
    this.rest()
    return true
  }

  /** Back to the line that is new. */
  rest(): void {
    this.#changed.clear()
    this.#at = this.#lines.length
  }

  /** The line before or behind, while `current` stands in the editor; undefined where there is none. */
  move(by: 1 | -1, current: string): string | undefined {
    const next = this.#at + by
    if (next < 0 || next > this.#lines.length) return undefined
    if (current !== this.#read(this.#at)) this.#changed.set(this.#at, current)
    this.#at = next
    return this.#read(next)
  }

  /** The nearest line from `from` on, downwards or upwards in age, that holds the words. */
  find(words: string, from: number, by: 1 | -1): number | undefined {
    for (let at = from; at >= 0 && at < this.#lines.length; at += by) {
      if (this.#lines[at]?.includes(words) === true) return at
    }
    return undefined
  }

  #read(at: number): string {
    return this.#changed.get(at) ?? this.#lines[at] ?? ''
  }
}
