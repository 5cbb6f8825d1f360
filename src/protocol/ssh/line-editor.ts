import type { Line } from './line-editor-buffer.ts'
import { listed } from './line-editor-choices.ts'
import { EditedLine, type KeyOutcome } from './line-editor-edited.ts'
import { EditorHistory } from './line-editor-history.ts'
import { KeyReader, type Key } from './line-editor-keys.ts'
import { layOut, type Picture } from './line-editor-layout.ts'
import { PlainView } from './line-editor-plain.ts'
import { EditorView, spoken, type ScreenSize, type View } from './line-editor-view.ts'

/** What the person asked for with a key, for whoever runs the editor. */
export type EditorAct =
  /** A finished line: exactly what the screen shows. The editor rests until `begin`. */
  | { readonly kind: 'line'; readonly text: string }
  /** Ctrl-C: the line is gone, and the editor rests until `begin`. */
  | { readonly kind: 'interrupt' }
  /** Ctrl-D on an empty line; the editor rests. */
  | { readonly kind: 'end' }
  /** Tab: the editor waits for `complete`; `again` where the key before was the same. */
  | { readonly kind: 'complete'; readonly line: Line; readonly again: boolean }
  | { readonly kind: 'pasted'; readonly characters: number; readonly lines: number }
  | { readonly kind: 'suspend-declined' }

/** What goes to the terminal, and what was asked for, in order. */
export interface EditorTurn {
  readonly screen: string
  readonly acts: readonly EditorAct[]
}

/** What completion found: text that takes the place of [from, cursor), and what to choose from. */
export interface Completed {
  readonly from: number
  readonly text: string
  readonly choices: readonly string[]
}

export interface LineEditorOptions {
  readonly size: ScreenSize
  /** Whether a text goes on in a further line: an open quote, a pipe at its end, a here-document without its last line. */
  readonly isUnfinished: (text: string) => boolean
  /** The terminal takes no sequences at all: `TERM=dumb`. */
  readonly isPlain?: boolean | undefined
}

const BELL = '\x07'
/** Bracketed paste, so that a terminal says what was pasted. */
const PASTING_ON = '\x1b[?2004h'
const PASTING_OFF = '\x1b[?2004l'
/** Keys that may wait while no line is edited. */
const MAX_AHEAD = 8192
const NOTHING: EditorTurn = { screen: '', acts: [] }

/**
 * A line editor for a terminal that somebody else holds: bytes of keys go in, bytes for the screen come out. Pure. What is finished is what the editor itself
 * has drawn; nothing of it reaches the terminal as anything but text, and nothing that was pasted finishes a line.
 */
export class LineEditor {
  readonly #keys = new KeyReader()
  readonly #view: View
  readonly #isPlain: boolean
  readonly #history = new EditorHistory()
  readonly #edited: EditedLine
  #size: ScreenSize
  #state: 'resting' | 'editing' | 'completing' = 'resting'
  #prompt = ''
  #ahead: Key[] = []
  #screen = ''
  #acts: EditorAct[] = []
  #pasted = false

  constructor({ size, isUnfinished, isPlain = false }: LineEditorOptions) {
    this.#isPlain = isPlain
    this.#view = isPlain ? new PlainView() : new EditorView()
    this.#edited = new EditedLine({ history: this.#history, isUnfinished })
    this.#size = size
  }

  /** Lines that can be called back, oldest first. */
  get history(): readonly string[] {
    return this.#history.lines
  }

  /** Lines from before, oldest first. */
  remember(lines: readonly string[]): void {
    for (const line of lines) this.#history.add(line)
  }

  /** What the terminal is believed to show, as far as it has room: the prompt, the text, and the cursor in it. */
  get picture(): Picture {
    return { prompt: this.#edited.prompt ?? this.#prompt, ...this.#edited.line }
  }

  /** Whether `settle` is to be called once nothing has come for a moment. */
  get unsettled(): boolean {
    return this.#keys.unsettled
  }

  /** Draws a prompt on an empty line and goes on with keys that came in between. The cursor must stand at the beginning of a row. */
  begin(prompt: string): EditorTurn {
    this.#prompt = prompt
    this.#edited.begin()
    this.#view.reset()
    this.#state = 'editing'
    if (!this.#isPlain) this.#screen += PASTING_ON
    return this.#turn()
  }

  /** Bytes from the terminal. While the editor rests they wait, up to a limit. */
  push(chunk: Buffer): EditorTurn {
    const room = MAX_AHEAD - this.#ahead.length
    const keys = this.#keys.push(chunk)
    // While a line is edited none of them stays.
    const taken = this.#state === 'editing' ? keys : keys.slice(0, Math.max(0, room))
    if (taken.length < keys.length) this.#screen += BELL
    this.#ahead = this.#ahead.concat(taken)
    return this.#turn()
  }

  /** Nothing came for a moment: a paste is over. */
  settle(): EditorTurn {
    const rest = this.#keys.settle()
    if (rest !== undefined) this.#ahead.push(rest)
    return this.#turn()
  }

  /** Forgets keys that came while the editor rested. */
  drop(): void {
    this.#ahead = []
  }

  /** Another window: what is drawn is drawn anew. */
  resize(size: ScreenSize): EditorTurn {
    this.#size = size
    if (this.#state !== 'resting') this.#screen += this.#view.erase()
    return this.#turn()
  }

  /** Words above the line that is being edited; they are shown as text, whatever they hold. */
  say(text: string): EditorTurn {
    this.#note(text)
    return this.#turn()
  }

  /** The answer to Tab; undefined where there is none. */
  complete(found: Completed | undefined): EditorTurn {
    if (this.#state !== 'completing') return NOTHING
    this.#state = 'editing'
    this.#completed(found)
    return this.#turn()
  }

  #completed(found: Completed | undefined): void {
    const { text, cursor } = this.#edited.line
    const grows = found !== undefined && found.text !== text.slice(found.from, cursor)
    const fits = found !== undefined && this.#edited.replace(found.from, found.text)
    if (found !== undefined && found.choices.length > 0) this.#note(listed(found.choices, this.#size.columns))
    else if (!grows || !fits) this.#screen += BELL
  }

  /** Obeys keys as long as there are any, then draws once. */
  #turn(): EditorTurn {
    let taken = 0
    for (const key of this.#ahead) {
      if (this.#state !== 'editing') break
      this.#show(this.#edited.obey(key))
      taken += 1
    }
    this.#ahead = this.#ahead.slice(taken)
    if (this.#state !== 'resting') this.#draw()
    const turn = { screen: this.#screen, acts: this.#acts }
    this.#screen = ''
    this.#acts = []
    return turn
  }

  #show(outcome: KeyOutcome): void {
    switch (outcome.kind) {
      case 'changed':
        return
      case 'bell':
        this.#screen += BELL
        return
      case 'note':
        this.#note(outcome.text)
        return
      case 'suspend-declined':
        this.#note(outcome.text)
        this.#acts.push({ kind: 'suspend-declined' })
        return
      case 'clear':
        this.#screen += this.#isPlain ? this.#view.leave() : '\x1b[H\x1b[2J'
        this.#view.reset()
        return
      case 'pasted':
        this.#pasted = true
        this.#acts.push({ kind: 'pasted', characters: outcome.text.length, lines: outcome.text.split('\n').length })
        return
      case 'complete':
        this.#state = 'completing'
        this.#acts.push({ kind: 'complete', line: this.#edited.line, again: outcome.again })
        return
      case 'line':
        this.#finish(this.#edited.line.text)
        return
      case 'interrupt':
        this.#rest({ kind: 'interrupt' }, '^C')
        return
      case 'end':
        this.#rest({ kind: 'end' })
    }
  }

  #finish(text: string): void {
    this.#pasted = true
    this.#rest({ kind: 'line', text })
    this.#history.add(text)
  }

  /** Draws the line for the last time and goes below it. */
  #rest(act: EditorAct, behind = ''): void {
    this.#draw()
    this.#screen += behind + this.#view.leave() + (this.#isPlain ? '' : PASTING_OFF)
    this.#acts.push(act)
    this.#state = 'resting'
  }

  /** What was pasted, or is about to run, is shown whole, even where it is higher than the terminal. */
  #draw(): void {
    // Where nobody can go up a row, the terminal wraps by itself.
    const layout = layOut(this.picture, this.#isPlain ? Infinity : this.#size.columns)
    const whole = this.#pasted && layout.rows.length > this.#size.rows
    this.#screen += whole ? this.#view.drawWhole(layout, this.#size) : this.#view.draw(layout, this.#size)
    this.#pasted = false
  }

  #note(text: string): void {
    if (this.#state !== 'resting') this.#screen += this.#view.erase()
    this.#screen += spoken(text)
  }
}
