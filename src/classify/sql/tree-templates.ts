import { Lru } from '../../std/lru.ts'
import { TreeTemplate, viewOf } from './tree-template.ts'

/** Shapes of statements that are kept; an application has some hundreds, a person's come once. */
const SHAPES = 512
/** JSON longer than this is parsed anew each time. */
const LONGEST = 8192
/** So many texts in a row that look like the template's and are not make room for another. */
const PATIENCE = 8

interface Kept {
  /** undefined: texts that look so came by once. */
  template: TreeTemplate | undefined
  misses: number
}

/** Templates of the shapes that came by lately, found by a guess from the text, which the template itself then proves or refutes. */
export class TreeTemplates {
  readonly #kept = new Lru<number, Kept>(SHAPES)
  #heap: DataView = new DataView(new ArrayBuffer(0))

  /** The tree of the parser's JSON at `address`, if its shape is kept: good until the next call. */
  find(look: number, heap: Uint8Array, address: number): unknown {
    const kept = this.#kept.get(look)
    if (kept?.template === undefined) return undefined
    // The memory is another buffer once it has grown.
    if (this.#heap.buffer !== heap.buffer) this.#heap = viewOf(heap)
    const tree = kept.template.fill(this.#heap, address)
    kept.misses = tree === undefined ? kept.misses + 1 : 0
    return tree
  }

  /** Notes the JSON of a text that was not found; kept from the second one of its look on. */
  note(look: number, json: string): void {
    const kept = this.#kept.get(look)
    if (kept === undefined) this.#kept.set(look, { template: undefined, misses: 0 })
    else if ((kept.template === undefined || kept.misses > PATIENCE) && isKept(json))
      this.#kept.set(look, { template: new TreeTemplate(json), misses: 0 })
  }
}

const isKept = (json: string): boolean => json.length <= LONGEST && !BEYOND_ASCII.test(json)
const BEYOND_ASCII = /[^\0-\x7f]/

/**
 * A hash that is nearly always the same for texts that differ in their literals alone. Only a guess where to look: it knows nothing of comments, escapes or
 * dollar quotes, and nothing rests on it.
 */
export function lookOf(text: string): number {
  let hash = 0x811c9dc5 | 0
  let inWord = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (isDigit(unit) && !inWord) {
      const end = numberEnd(text, at)
      hash = Math.imul(hash ^ numberLook(text, at, end), PRIME)
      at = end - 1
    } else if (unit === APOSTROPHE) {
      const end = text.indexOf("'", at + 1)
      hash = Math.imul(hash ^ (end === at + 1 ? EMPTY : APOSTROPHE), PRIME)
      at = end < 0 ? text.length : end
      inWord = false
    } else {
      hash = Math.imul(hash ^ unit, PRIME)
      inWord = isWord(unit)
    }
  }
  return hash
}

const PRIME = 0x01000193
const APOSTROPHE = 39
const EMPTY = 1

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57
const isWord = (unit: number): boolean =>
  isDigit(unit) || (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || unit === 95 || unit === 36

function numberEnd(text: string, from: number): number {
  let end = from + 1
  while (end < text.length && isDigit(text.charCodeAt(end))) end++
  return end
}

/** The parser leaves out a zero and writes what is no 32-bit number as a text: each has a look of its own. */
function numberLook(text: string, start: number, end: number): number {
  if (end === start + 1 && text.charCodeAt(start) === 48) return 2
  return end - start < 10 ? 3 : end - start === 10 ? 4 : 5
}
