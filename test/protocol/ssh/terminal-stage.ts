import xterm from '@xterm/headless'
import { LineEditor, type EditorAct, type EditorTurn } from '../../../src/protocol/ssh/line-editor.ts'
import { isUnfinished } from '../../../src/protocol/ssh/line-unfinished.ts'

/** A line editor before a terminal emulator, which says what a person would see. */
export class TerminalStage {
  readonly editor: LineEditor
  readonly terminal: xterm.Terminal
  readonly acts: EditorAct[] = []
  /** Everything that was sent to the terminal. */
  sent = ''

  constructor({ columns = 40, rows = 10, history = [] as readonly string[] } = {}) {
    this.editor = new LineEditor({ size: { columns, rows }, isUnfinished })
    this.editor.remember(history)
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
  }

  show({ screen, acts }: EditorTurn): this {
    this.sent += screen
    this.acts.push(...acts)
    this.terminal.write(screen)
    return this
  }

  begin(prompt = '$ '): this {
    return this.show(this.editor.begin(prompt))
  }

  type(keys: string | Buffer): this {
    return this.show(this.editor.push(typeof keys === 'string' ? Buffer.from(keys) : keys))
  }

  settle(): this {
    return this.show(this.editor.settle())
  }

  resize(columns: number, rows: number): this {
    this.terminal.resize(columns, rows)
    return this.show(this.editor.resize({ columns, rows }))
  }

  /** The finished lines. */
  get lines(): readonly string[] {
    return this.acts.flatMap((act) => (act.kind === 'line' ? [act.text] : []))
  }

  /** Rows of the screen, without blanks at their ends and without empty rows at the end; wide characters are followed by nothing. */
  async rows(): Promise<readonly string[]> {
    await this.drawn()
    const { buffer, rows } = this.terminal
    const all = Array.from({ length: rows }, (_, at) => buffer.active.getLine(buffer.active.baseY + at))
    const texts = all.map((line) => (line?.translateToString(true) ?? '').trimEnd())
    return texts.slice(0, texts.findLastIndex((text) => text !== '') + 1)
  }

  /** The same with what has scrolled away. */
  async everything(): Promise<readonly string[]> {
    await this.drawn()
    const { active } = this.terminal.buffer
    const texts = Array.from(
      { length: active.length },
      (_, at) => active.getLine(at)?.translateToString(true).trimEnd() ?? '',
    )
    return texts.slice(0, texts.findLastIndex((text) => text !== '') + 1)
  }

  /** Row and column of the cursor on the screen. */
  async cursor(): Promise<readonly [number, number]> {
    await this.drawn()
    const { cursorX, cursorY } = this.terminal.buffer.active
    return [cursorY, cursorX]
  }

  drawn(): Promise<void> {
    return new Promise((resolve) => {
      this.terminal.write('', resolve)
    })
  }
}

export const ALT = '\x1b'
export const LEFT = '\x1b[D'
export const RIGHT = '\x1b[C'
export const UP = '\x1b[A'
export const DOWN = '\x1b[B'
export const HOME = '\x1b[H'
export const END = '\x1b[F'
export const DELETE = '\x1b[3~'
export const CTRL_LEFT = '\x1b[1;5D'
export const CTRL_RIGHT = '\x1b[1;5C'
export const PASTE = '\x1b[200~'
export const PASTED = '\x1b[201~'
export const ctrl = (letter: string): string => String.fromCharCode(letter.toUpperCase().charCodeAt(0) - 0x40)
