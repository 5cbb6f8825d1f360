import type { LineHistory } from '../../model/line-history.ts'
import type { Clock } from '../../std/clock.ts'
import { asError } from '../../std/errors.ts'

export interface MemoryDeps {
  readonly history: LineHistory
  /** What of a line may be kept: without card numbers and secrets; undefined where nothing of it may. */
  readonly scrub: (line: string) => string | undefined
  readonly clock: Clock
  /** For the operator's log. */
  readonly onFault: (error: Error) => void
}

/** Longest line that is kept, in UTF-16 units. */
const MAX_KEPT = 8_192

/** Lines from one session to the next. A store that fails costs the arrow keys, and nothing else. */
export class PromptMemory {
  readonly #deps: MemoryDeps
  readonly #of: { readonly person: string; readonly target: string }

  constructor(deps: MemoryDeps, { person, target }: { readonly person: string; readonly target: string }) {
    this.#deps = deps
    this.#of = { person, target }
  }

  async load(): Promise<readonly string[]> {
    try {
      return await this.#deps.history.load(this.#of)
    } catch (thrown) {
      this.#deps.onFault(asError(thrown))
      return []
    }
  }

  /** Keeps a line, unless it begins with a space, which is how people say that it is not to be kept. */
  async keep(line: string): Promise<void> {
    const { history, scrub, clock, onFault } = this.#deps
    if (line.startsWith(' ') || line.length > MAX_KEPT) return
    try {
      const text = scrub(line)
      if (text !== undefined) await history.add({ ...this.#of, text, at: clock.now() })
    } catch (thrown) {
      onFault(asError(thrown))
    }
  }
}
