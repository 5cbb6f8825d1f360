import xterm, { type IBufferCell, type IMarker, type Terminal } from '@xterm/headless'
import { lineText, piecesOf, type ScreenLine } from './screen-cells.ts'

/** What a screen shows at one moment. */
export interface Picture {
  readonly columns: number
  readonly rows: number
  /** One entry for each row. */
  readonly lines: readonly ScreenLine[]
  readonly cursor: { readonly row: number; readonly column: number }
  /** A full-screen program has it. */
  readonly isAlternate: boolean
}

/** Bounds of a window, as the proxy clamps them; a file that was tampered with has none. */
const MOST_SIDE = 1000
/** Largest number in a control sequence that means anything on such a screen. */
const MOST_NUMBER = 1000
/** Marks on one character that reach the emulator. */
const MOST_MARKS = 8
/** Longest beginning of a control sequence that is waited for. */
const MOST_CARRY = 128

/**
 * A terminal's screen, as an emulator without a face makes it of a recorded stream. Whatever the stream holds, it only changes this model: nothing is answered, fetched, copied,
 * opened or rung.
 */
export class Screen {
  readonly #terminal: Terminal
  #carry = ''
  #cell: IBufferCell | undefined
  #above: IMarker | undefined

  /** `terminal`: false for output that has line feeds alone at the ends of its lines. `scrollback`: lines that are kept when they have left the screen. */
  constructor(of: { columns: number; rows: number; terminal: boolean; scrollback?: number }) {
    this.#terminal = new xterm.Terminal({
      cols: side(of.columns),
      rows: side(of.rows),
      scrollback: of.scrollback ?? 0,
      convertEol: !of.terminal,
      allowProposedApi: true,
      logLevel: 'off',
    })
  }

  /** Resolves when all of it has been taken in. */
  write(text: string): Promise<void> {
    const bounded = this.#bounded(text)
    return new Promise((resolve) => this.#terminal.write(bounded, resolve))
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(side(columns), side(rows))
  }

  picture(): Picture {
    const { active } = this.#terminal.buffer
    const { cols: columns, rows } = this.#terminal
    const lines = Array.from({ length: rows }, (_, row) => this.#line(active.baseY + row))
    const cursor = { row: active.cursorY, column: Math.min(active.cursorX, columns - 1) }
    return { columns, rows, lines, cursor, isAlternate: active.type === 'alternate' }
  }

  /** Lines of the ordinary screen that left it at its top since the call before, oldest first; as many as `scrollback` are remembered. */
  departed(): readonly string[] {
    const { active, normal } = this.#terminal.buffer
    if (active.type === 'alternate') return []
    const before = this.#above
    // Lines that are forgotten move every number; a marker moves with its line: the last one above the screen, which erasing does not touch.
    this.#above = normal.baseY === 0 ? undefined : this.#terminal.registerMarker(-normal.cursorY - 1)
    // Gone, or none: everything above the screen came there since.
    const from = before === undefined ? 0 : before.line + 1
    before?.dispose()
    return Array.from({ length: normal.baseY - from }, (_, index) => lineText(this.#line(from + index)))
  }

  close(): void {
    this.#terminal.dispose()
  }

  #line(at: number): ScreenLine {
    const line = this.#terminal.buffer.active.getLine(at)
    return line === undefined ? [] : piecesOf(line, this.#terminal.cols, this.#scratch())
  }

  #scratch(): IBufferCell {
    return (this.#cell ??= this.#terminal.buffer.normal.getNullCell())
  }

  /** The stream with nothing in it that would keep the emulator busy or fill its memory: a number of lines beyond any screen, a thousand marks on one letter. */
  #bounded(text: string): string {
    const whole = this.#carry + text
    const cut = UNFINISHED.exec(whole.slice(-MOST_CARRY))
    const end = cut === null ? whole.length : whole.length - cut[0].length
    this.#carry = whole.slice(end)
    return whole
      .slice(0, end)
      .replace(LONG_NUMBER, (number) => (Number(number) > MOST_NUMBER ? String(MOST_NUMBER) : number))
      .replace(MANY_MARKS, (marks) => Array.from(marks).slice(0, MOST_MARKS).join(''))
  }
}

const side = (length: number): number => Math.min(MOST_SIDE, Math.max(1, Math.trunc(length) || 1))

const UNFINISHED = /(?:\u001b|(?:\u001b\[|\u009b)[0-?]*)$/u
// Private modes have numbers of four digits, and repeat nothing.
const LONG_NUMBER = /\d{4,}(?<=(?:\u001b\[|\u009b)(?:\d{0,12}[;:]){0,16}\d{4,})/gu
const MANY_MARKS = new RegExp(`\\p{M}{${MOST_MARKS},}`, 'gu')
