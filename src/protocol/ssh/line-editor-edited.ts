import { atEnd, EDITS, EMPTY_LINE, inserted, KILLS, vertical, without, type Line } from './line-editor-buffer.ts'
import { holdsControl } from './line-editor-glyphs.ts'
import type { EditorHistory } from './line-editor-history.ts'
import type { Key } from './line-editor-keys.ts'
import { HistorySearch } from './line-editor-search.ts'

/** What came of a key. */
export type KeyOutcome =
  | { readonly kind: 'changed' }
  /** Nothing, and the person hears it. */
  | { readonly kind: 'bell' }
  | { readonly kind: 'pasted'; readonly text: string }
  /** Words for the person. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'suspend-declined'; readonly text: string }
  | { readonly kind: 'clear' }
  | { readonly kind: 'line' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'end' }
  | { readonly kind: 'complete'; readonly again: boolean }

const CHANGED: KeyOutcome = { kind: 'changed' }
const BELL: KeyOutcome = { kind: 'bell' }

const UNCLEAN =
  "Not run: the line holds control characters or bytes that are no text (drawn inverted). Take them out, or write them as $'\\e' and the like."
const TOO_LONG = 'The pasted text is too long for a line, and was left out.'
const NO_SUSPENDING = 'Ctrl-Z: nothing can be suspended here; each line runs by itself to its end.'

/** A line under the person's hands: keys go in, what came of them comes out. */
export class EditedLine {
  readonly #history: EditorHistory
  readonly #isUnfinished: (text: string) => boolean
  #line = EMPTY_LINE
  #search: HistorySearch | undefined
  #killed = ''
  #last = ''

  constructor({ history, isUnfinished }: { history: EditorHistory; isUnfinished: (text: string) => boolean }) {
    this.#history = history
    this.#isUnfinished = isUnfinished
  }

  /** What stands there now: the line that was found, while one is looked for. */
  get line(): Line {
    return this.#search?.line ?? this.#line
  }

  /** The prompt of a search, while there is one. */
  get prompt(): string | undefined {
    return this.#search?.prompt
  }

  /** Begins an empty line. */
  begin(): void {
    this.#line = EMPTY_LINE
    this.#search = undefined
    this.#last = ''
    this.#history.rest()
  }

  /** Puts text in place of [from, cursor); false where it does not fit. */
  replace(from: number, text: string): boolean {
    const line = inserted(without(this.#line, from, this.#line.cursor), text)
    if (line === undefined) return false
    this.#line = line
    return true
  }

  obey(key: Key): KeyOutcome {
    switch (key.kind) {
      case 'text':
        return this.#type(key.text)
      case 'literal':
        return this.#insert(key.text)
      case 'paste':
        return this.#paste(key)
      case 'press':
        return this.#press(key.name)
    }
  }

  #type(text: string): KeyOutcome {
    if (this.#search === undefined) return this.#insert(text)
    return this.#search.type(text) === 'missed' ? BELL : CHANGED
  }

  #insert(text: string): KeyOutcome {
    this.#leaveSearch()
    this.#last = 'text'
    return this.replace(this.#line.cursor, text) ? CHANGED : BELL
  }

  #paste({ text, cut }: { text: string; cut: boolean }): KeyOutcome {
    this.#leaveSearch()
    this.#last = 'paste'
    const fits = !cut && this.replace(this.#line.cursor, text)
    return fits ? { kind: 'pasted', text } : { kind: 'note', text: TOO_LONG }
  }

  #press(name: string): KeyOutcome {
    if (this.#search !== undefined) {
      const step = this.#search.press(name)
      if (step === 'left') this.#search = undefined
      if (step !== 'taken') return step === 'missed' ? BELL : CHANGED
      this.#leaveSearch()
    }
    const before = this.#last
    this.#last = name
    const edit = EDITS.get(name)
    if (edit !== undefined) return this.#edit(edit)
    const kill = KILLS.get(name)
    if (kill !== undefined) return this.#kill(kill(this.#line), KILLS.has(before))
    return this.#act(name, before)
  }

  #act(name: string, before: string): KeyOutcome {
    switch (name) {
      case 'enter':
      case 'ctrl-j':
        return this.#enter()
      case 'tab':
        return { kind: 'complete', again: before === 'tab' }
      case 'alt-enter':
        return this.#insert('\n')
      case 'up':
        return this.#vertical(-1)
      case 'down':
        return this.#vertical(1)
      case 'ctrl-p':
        return this.#recall(-1)
      case 'ctrl-n':
        return this.#recall(1)
      case 'ctrl-y':
        return this.#killed === '' ? BELL : this.#insert(this.#killed)
      case 'ctrl-c':
        this.#line = atEnd(this.#line.text)
        return { kind: 'interrupt' }
      case 'ctrl-d':
        return this.#line.text === '' ? { kind: 'end' } : this.#edit((line) => EDITS.get('delete')?.(line) ?? line)
      case 'ctrl-l':
        return { kind: 'clear' }
      case 'ctrl-z':
        return { kind: 'suspend-declined', text: NO_SUSPENDING }
      case 'ctrl-r':
        this.#search = new HistorySearch(this.#history, this.#line)
        return CHANGED
      default:
        return BELL
    }
  }

  #leaveSearch(): void {
    if (this.#search === undefined) return
    this.#line = this.#search.taken()
    this.#search = undefined
  }

  #edit(edit: (line: Line) => Line): KeyOutcome {
    const line = edit(this.#line)
    if (line.text === this.#line.text && line.cursor === this.#line.cursor) return BELL
    this.#line = line
    return CHANGED
  }

  /** Cuts one after the other are one text. */
  #kill([from, to]: readonly [number, number], goesOn: boolean): KeyOutcome {
    if (from === to) return BELL
    const text = this.#line.text.slice(from, to)
    const kept = goesOn ? this.#killed : ''
    this.#killed = from < this.#line.cursor ? text + kept : kept + text
    this.#line = without(this.#line, from, to)
    return CHANGED
  }

  #vertical(by: 1 | -1): KeyOutcome {
    const line = vertical(this.#line, by)
    if (line === undefined) return this.#recall(by)
    this.#line = line
    return CHANGED
  }

  #recall(by: 1 | -1): KeyOutcome {
    const text = this.#history.move(by, this.#line.text)
    if (text === undefined) return BELL
    this.#line = atEnd(text)
    return CHANGED
  }

  #enter(): KeyOutcome {
    const { text } = this.#line
    if (holdsControl(text)) return { kind: 'note', text: UNCLEAN }
    this.#line = atEnd(text)
    if (this.#isUnfinished(text)) return this.#insert('\n')
    return { kind: 'line' }
  }
}
