import type { Veil } from './veil.ts'

export interface EchoWatchDeps {
  readonly after: (ms: number, callback: () => void) => () => void
  /** A line was typed, ended by Enter, and nothing of it was shown. */
  readonly onHidden: () => void
  /** Ctrl-Z was shown by the terminal, and nothing says that it stopped a program. */
  readonly onSuspend?: (() => void) | undefined
}

/** How long what was typed may take to be shown, in milliseconds: over any line on which somebody would type. */
const MOMENT_MS = 400
/** Keys at the beginning of a line that are looked for, lines that are looked for at once, and bytes of output in which. */
const HEAD = 32
const LINES = 64
const SHOWN = 64 * 1024
/** A program that is fed line by line without echo is told of so many times. */
const MOST_TOLD = 50

const [CTRL_C, LF, CR, CTRL_Z] = [0x03, 0x0a, 0x0d, 0x1a]
/** The longest sequence below, less one byte. */
const TAIL = 7
const FULL_SCREEN = /\x1b\[\?(?:1049|1047|47)([hl])/g
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])/g
/** What a shell says when Ctrl-Z did stop a program. */
const STOPPED = /stopped|suspended/i

/**
 * Tells that a target's terminal does not show what is typed, as for a password. Nobody announces that over SSH, so it is seen by what is missing: the keys at
 * the beginning of a line do not stand in the output until a moment after its Enter. What it says is therefore "not shown", never "a password": a program
 * that answers keys in its own way looks the same, except one that has the whole screen, which is left out. A single key without Enter is not told. The keys
 * themselves live here until that is decided, are overwritten then and go nowhere.
 */
export class EchoWatch {
  readonly #deps: EchoWatchDeps
  #head: number[] = []
  #isHead = true
  #lines: Buffer[] = []
  #suspends = false
  #shown: Buffer[] = []
  #size = 0
  #tail = ''
  #isFullScreen = false
  #told = 0
  #stop: () => void = () => undefined

  constructor(deps: EchoWatchDeps) {
    this.#deps = deps
  }

  /** What leaves for the target. */
  keys(chunk: Buffer): void {
    if (this.#isFullScreen) return
    for (const byte of chunk) this.#key(byte)
  }

  /** The same veil, whose input is seen on its way. */
  over(veil: Veil): Veil {
    return {
      push: (chunk) => {
        this.#output(chunk)
        return veil.push(chunk)
      },
      get waiting() {
        return veil.waiting
      },
      get found() {
        return veil.found
      },
      pass: () => veil.pass(),
      flush: () => veil.flush(),
    }
  }

  /** The program is over: what was entered is decided now. */
  end(): void {
    this.#suspends = false
    this.#decide()
    this.#forget()
  }

  #key(byte: number): void {
    if (byte === CR || byte === LF) this.#enter()
    else if (byte === CTRL_C) this.#forget()
    else if (byte === CTRL_Z && this.#deps.onSuspend !== undefined) this.#suspend()
    else if (byte < 0x20 || byte === 0x7f) this.#isHead = false
    else if (this.#isHead && this.#head.length < HEAD) this.#head.push(byte)
  }

  #enter(): void {
    if (this.#head.length > 0 && this.#lines.length < LINES) this.#lines.push(Buffer.from(this.#head))
    this.#forget()
    if (this.#lines.length > 0) this.#soon()
  }

  #suspend(): void {
    this.#isHead = false
    this.#suspends = true
    this.#soon()
  }

  #soon(): void {
    this.#stop()
    this.#stop = this.#deps.after(MOMENT_MS, () => this.#decide())
  }

  #output(chunk: Buffer): void {
    this.#followScreen(chunk)
    const isAwaited = this.#head.length > 0 || this.#lines.length > 0 || this.#suspends
    if (!isAwaited || this.#size >= SHOWN) return
    this.#shown.push(Buffer.from(chunk.subarray(0, SHOWN - this.#size)))
    this.#size += chunk.length
  }

  #followScreen(chunk: Buffer): void {
    if (this.#tail === '' && !chunk.includes(0x1b)) return
    const text = this.#tail + chunk.toString('latin1')
    const [, last] = [...text.matchAll(FULL_SCREEN)].at(-1) ?? []
    if (last !== undefined) this.#isFullScreen = last === 'h'
    const escape = text.lastIndexOf('\x1b')
    this.#tail = escape >= 0 && text.length - escape <= TAIL ? text.slice(escape) : ''
  }

  #decide(): void {
    this.#stop()
    const text = Buffer.concat(this.#shown).toString('latin1')
    const shown = Buffer.from(plain(text), 'latin1')
    const hidden = this.#lines.filter((line) => !shown.includes(line)).length
    for (const line of this.#lines) line.fill(0)
    const isStill = this.#suspends && text.includes('^Z') && !STOPPED.test(text)
    this.#lines = []
    this.#suspends = false
    if (this.#head.length === 0) this.#clear()
    for (let left = hidden; left > 0 && this.#told < MOST_TOLD; left -= 1) {
      this.#told += 1
      this.#deps.onHidden()
    }
    if (isStill) this.#deps.onSuspend?.()
  }

  #forget(): void {
    this.#head.fill(0)
    this.#head = []
    this.#isHead = true
    if (this.#lines.length === 0 && !this.#suspends) this.#clear()
  }

  #clear(): void {
    this.#shown = []
    this.#size = 0
  }
}

/** Without what moves the cursor or colours, and without the step by which a line editor wraps: the keys as they were shown, one after the other. */
const plain = (text: string): string =>
  text
    .replaceAll(SEQUENCE, '')
    .replaceAll(' \r', '')
    .replaceAll(/[\x00-\x1f\x7f]/g, '')
