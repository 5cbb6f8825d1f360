import { Lru } from '../../std/lru.ts'
import type { Raw } from './tree.ts'

/** Masks that are kept; an application has some dozens. */
const MASKS = 128
/** A longer text is parsed whenever it comes. */
const LONGEST = 512
/** Digits that always make a whole number of 32 bits. */
const MOST_DIGITS = 9

/** What is known of a mask: its text came by once, is always parsed, or has a tree of our own, not lent before another text has shown that nothing else moves. */
type Known =
  | { readonly kind: 'seen'; readonly twin?: undefined }
  | { readonly kind: 'unfit'; readonly twin?: undefined }
  | { readonly kind: 'unproven' | 'proven'; readonly twin: Twin }

/**
 * A tree that is lent for every text of one mask, with the numbers of the last of them in it. Whoever looks at one of the numbers is noticed: what was made of
 * the tree without a look is the same for all of its texts.
 */
export class Twin {
  readonly statements: readonly Raw[]
  #numbers: readonly number[] = []
  #wasLookedAt = false

  /** `places`: where each number stands in the tree, in the order of the text. */
  constructor(statements: readonly Raw[], places: readonly object[]) {
    this.statements = statements
    places.forEach((place, at) => Object.defineProperty(place, 'ival', { enumerable: true, get: () => this.#look(at) }))
  }

  lend(numbers: readonly number[]): void {
    this.#numbers = numbers
  }

  /** What `make` makes of the tree, and whether it came about without the numbers. */
  watch<Made>(make: () => Made): { readonly made: Made; readonly isBlind: boolean } {
    this.#wasLookedAt = false
    const made = make()
    return { made, isBlind: !this.#wasLookedAt }
  }

  #look(at: number): number {
    this.#wasLookedAt = true
    return this.#numbers[at] ?? 0
  }
}

const SEEN: Known = { kind: 'seen' }
const UNFIT: Known = { kind: 'unfit' }

/**
 * Trees of texts that differ from an earlier one in nothing but the digits of whole numbers behind an equals sign, made without the parser. Why that is the same
 * tree: such a text has no quote, comment, parameter or sign beyond names, numbers, spaces and a few operators, so each number is one token for the server's
 * lexer, an integer constant not zero, at the same place and as long as in the other text; all other tokens are the same. The grammar goes by the
 * kinds of tokens, and what it makes of an integer constant behind `=` is a constant node with this value and this place. A mask is used only once that node was
 * found for every number, alone at its place, and once a second text has shown that nothing else in the tree moves with them.
 */
export class TwinTexts {
  readonly #kept = new Lru<string, Known>(MASKS)
  #mask = ''
  #values: number[] = []
  #starts: number[] = []

  /** The tree of the text, good until the next call; undefined where the parser has to be asked. */
  find(text: string): Twin | undefined {
    this.#mask = this.#maskOf(text)
    const known = this.#mask === '' ? undefined : this.#kept.get(this.#mask)
    if (known?.kind !== 'proven') return undefined
    known.twin.lend(this.#values)
    return known.twin
  }

  /** What the parser made of the text that `find` was asked for last. */
  note(statements: readonly Raw[]): void {
    if (this.#mask === '') return
    const known = this.#kept.get(this.#mask)
    if (known?.kind !== 'unfit') this.#kept.set(this.#mask, this.#next(known, statements))
  }

  #next(known: Known | undefined, statements: readonly Raw[]): Known {
    if (known === undefined) return SEEN
    if (known.twin === undefined) return this.#twinOf(statements)
    known.twin.lend(this.#values)
    const isSame = JSON.stringify(known.twin.statements) === JSON.stringify(statements)
    return isSame ? { kind: 'proven', twin: known.twin } : UNFIT
  }

  #twinOf(statements: readonly Raw[]): Known {
    const own = structuredClone(statements)
    const found = this.#starts.map((start, at) => constantAt(own, start, this.#values[at]))
    const places = found.filter((place) => place !== undefined)
    return places.length === found.length ? { kind: 'unproven', twin: new Twin(own, places) } : UNFIT
  }

  /** The text with 1 for every digit of those numbers, which are noted; empty where it has none, or anything in it that takes more than a look. */
  #maskOf(text: string): string {
    this.#values = []
    this.#starts = []
    if (text.length > LONGEST || !STARTS.test(text)) return ''
    let mask = ''
    let from = 0
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at)
      if (signOf(unit) === OTHER) return ''
      if (unit !== EQUALS || signOf(text.charCodeAt(at - 1)) === OPERATOR) continue
      const start = text.charCodeAt(at + 1) === SPACE ? at + 2 : at + 1
      const end = numberEnd(text, start)
      if (end === start) continue
      this.#values.push(Number(text.slice(start, end)))
      this.#starts.push(start)
      mask += text.slice(from, start) + ONES.slice(0, end - start)
      from = end
      at = end - 1
    }
    return from === 0 ? '' : mask + text.slice(from)
  }
}

const STARTS = /^(?:select|update|delete) /i
const ONES = '1'.repeat(MOST_DIGITS)
const [EQUALS, SPACE, ZERO] = [61, 32, 48]

const [OTHER, NAME, OPERATOR, BREAK] = [0, 1, 2, 3]

/** What a sign can be a part of. Quotes, `$`, `-` and `/` are none of these: no text, comment or parameter begins with what is. */
const SIGNS = new Uint8Array(128)
const mark = (signs: string, as: number): void => {
  for (const sign of signs) SIGNS[sign.charCodeAt(0)] = as
}
mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.', NAME)
mark('=<>+*', OPERATOR)
mark(' \n\t,;()', BREAK)

const signOf = (unit: number): number => SIGNS[unit] ?? OTHER

/** End of a whole number that is one token: no zero in front, and nothing behind that a lexer would add to it. `start` where there is none. */
function numberEnd(text: string, start: number): number {
  let end = start
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1
  const isWhole = end > start && end - start <= MOST_DIGITS && text.charCodeAt(start) !== ZERO
  return isWhole && (end === text.length || signOf(text.charCodeAt(end)) === BREAK) ? end : start
}

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57

/** The one constant node of this place and value; undefined where there is none or more than one. */
function constantAt(tree: unknown, start: number, value: number | undefined): object | undefined {
  const found: object[] = []
  let others = 0
  JSON.stringify(tree, (key, node: unknown) => {
    if (!isPlaced(node) || node.location !== start) return node
    const holder = key === 'A_Const' ? node.ival : undefined
    if (isHolder(holder) && holder.ival === value && Object.keys(node).length === 2) found.push(holder)
    else others += 1
    return node
  })
  return found.length === 1 && others === 0 ? found[0] : undefined
}

const isPlaced = (node: unknown): node is { readonly location: unknown; readonly ival?: unknown } =>
  typeof node === 'object' && node !== null && 'location' in node

const isHolder = (node: unknown): node is { readonly ival: unknown } =>
  typeof node === 'object' && node !== null && 'ival' in node && Object.keys(node).length === 1
