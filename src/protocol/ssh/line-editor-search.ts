import { atEnd, type Line } from './line-editor-buffer.ts'
import type { EditorHistory } from './line-editor-history.ts'

/** Longest words to look for. */
const MAX_WORDS = 200

/** What the search became after a key: still going on, given up, or taken with the key still to be obeyed. */
export type SearchStep = 'searching' | 'missed' | 'left' | 'taken'

/** Ctrl-R: looks in the history, from the newest line on, for words that grow as they are typed. */
export class HistorySearch {
  readonly #history: EditorHistory
  readonly #before: Line
  #words = ''
  #at: number
  #missed = false

  constructor(history: EditorHistory, before: Line) {
    this.#history = history
    this.#before = before
    this.#at = history.lines.length
  }

  get prompt(): string {
    return `(${this.#missed ? 'failed ' : ''}reverse-i-search)\`${this.#words}': `
  }

  /** The line that was found, the cursor on the words. */
  get line(): Line {
    const text = this.#history.lines[this.#at]
    if (text === undefined) return this.#before
    return { text, cursor: Math.max(0, text.indexOf(this.#words)) }
  }

  /** The line that stood there before. */
  get before(): Line {
    return this.#before
  }

  type(text: string): SearchStep {
    if (this.#words.length + text.length > MAX_WORDS) return 'missed'
    this.#words += text
    return this.#look(Math.min(this.#at, this.#history.lines.length - 1), -1)
  }

  press(name: string): SearchStep {
    switch (name) {
      case 'ctrl-r':
        return this.#look(this.#at - 1, -1)
      case 'ctrl-s':
        return this.#look(this.#at + 1, 1)
      case 'backspace':
        this.#words = Array.from(this.#words).slice(0, -1).join('')
        return this.#words === '' ? this.#restart() : this.#look(this.#history.lines.length - 1, -1)
      case 'ctrl-g':
        return 'left'
      default:
        return 'taken'
    }
  }

  /** What is taken over into the editor. */
  taken(): Line {
    const text = this.#history.lines[this.#at]
    return text === undefined ? this.#before : atEnd(text)
  }

  #restart(): SearchStep {
    this.#at = this.#history.lines.length
    this.#missed = false
    return 'searching'
  }

  #look(from: number, by: 1 | -1): SearchStep {
    if (this.#words === '') return 'missed'
    const found = this.#history.find(this.#words, from, by)
    this.#missed = found === undefined
    if (found === undefined) return 'missed'
    this.#at = found
    return 'searching'
  }
}
