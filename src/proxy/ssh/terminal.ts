import type { PseudoTtyInfo, PseudoTtyOptions, WindowChangeInfo } from 'ssh2'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** Windows of nothing and of the size of a wall both make programs misbehave. */
const SMALLEST = 1
const LARGEST = 1000
/** The most changes of size that are passed on, one each so many milliseconds; the last one always is. */
const RESIZE_MS = 50
/** What a terminal may be called; terminfo has nothing longer. */
const TERM = /^[A-Za-z0-9][A-Za-z0-9+._-]{0,63}$/
const PLAIN: ReadonlySet<string> = new Set(['dumb', 'unknown', 'network', 'emacs'])
/** Bounds of a pixel size, which hardly any client tells. */
const PIXELS = 100_000

export interface TerminalDeps {
  readonly after: (ms: number, callback: () => void) => () => void
}

/** The terminal of one channel as its client describes it, with every number made harmless. */
export class Terminal {
  readonly #deps: TerminalDeps
  readonly #asked: PseudoTtyInfo
  readonly #listeners = new Set<() => void>()
  #size: Size
  #isResting = false
  #changed = false

  constructor(asked: PseudoTtyInfo, deps: TerminalDeps) {
    this.#asked = asked
    this.#deps = deps
    this.#size = sizeOf(asked)
  }

  get size(): Size {
    return this.#size
  }

  /** It knows characters and line ends, and nothing that moves its cursor: Emacs, scripts, and clients that say nothing of it. */
  get isPlain(): boolean {
    return PLAIN.has(termOf(this.#asked))
  }

  /** What the target's own terminal is to be like. */
  get options(): PseudoTtyOptions {
    const { modes, width, height } = this.#asked
    const { columns, rows } = this.#size
    const term = termOf(this.#asked)
    return { term, modes, cols: columns, rows, width: bounded(width, 0, PIXELS), height: bounded(height, 0, PIXELS) }
  }

  /** The returned function ends it. */
  onResize(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  resize(asked: WindowChangeInfo): void {
    const size = sizeOf(asked)
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return
    this.#size = size
    this.#changed = true
    if (!this.#isResting) this.#tell()
  }

  #tell(): void {
    this.#changed = false
    this.#isResting = true
    this.#deps.after(RESIZE_MS, () => {
      this.#isResting = false
      if (this.#changed) this.#tell()
    })
    for (const listener of this.#listeners) listener()
  }
}

/** A client that tells no size at all has the one that terminals had first. */
const sizeOf = ({ cols, rows }: { cols: number; rows: number }): Size => ({
  columns: cols === 0 ? 80 : bounded(cols, SMALLEST, LARGEST),
  rows: rows === 0 ? 24 : bounded(rows, SMALLEST, LARGEST),
})

const bounded = (value: number, least: number, most: number): number =>
  Number.isInteger(value) ? Math.min(Math.max(value, least), most) : least

function termOf(asked: PseudoTtyInfo): string {
  const term: unknown = Reflect.get(asked, 'term')
  return typeof term === 'string' && TERM.test(term) ? term : 'dumb'
}
