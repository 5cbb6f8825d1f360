import { Lru } from '../../std/lru.ts'
import type { Raw } from './tree.ts'

/** Masks that are kept; an application has some dozens. */
const MASKS = 128
/** A longer text is parsed whenever it comes. */
const LONGEST = 512
/** Digits that always make a whole number of 32 bits. */
const MOST_DIGITS = 9

interface Twin {
  /** Of our own, to be lent; undefined: such a text came by once. */
  readonly statements: readonly Raw[] | undefined
  /** Where each number stands in it, in the order of the text; undefined where one stands in no such place. */
  readonly places: readonly { ival: number }[] | undefined
  /** The tree with another text's numbers was the one that the parser made of that text. */
  isProven: boolean
}

/**
 * Trees of texts that differ from an earlier one in nothing but the digits of whole numbers behind an equals sign, made without the parser. Why that is the same
 * tree: such a text has no quote, comment, parameter or sign beyond names, numbers, spaces and a few operators, so each number is one token for the server's
 * lexer, an integer constant not zero, at the same place and as long as in the other text; all other tokens are the same. The grammar goes by the
 * kinds of tokens, and what it makes of an integer constant behind `=` is a constant node with this value and this place. A mask is used only once that node was
 * found for every number, alone at its place, and once a second text has shown that nothing else in the tree moves with them.
 */
export class TwinTexts {
  readonly #kept = new Lru<string, Twin>(MASKS)
  #mask = ''
  #values: number[] = []
  #starts: number[] = []

  /** The statements of the text, good until the next call; undefined where the parser has to be asked. */
  find(text: string): readonly Raw[] | undefined {
    this.#mask = this.#maskOf(text)
    const twin = this.#mask === '' ? undefined : this.#kept.get(this.#mask)
    if (twin?.isProven !== true) return undefined
    fill(twin, this.#values)
    return twin.statements
  }

  /** What the parser made of the text that `find` was asked for last. */
  note(statements: readonly Raw[]): void {
    if (this.#mask === '') return
    const twin = this.#kept.get(this.#mask)
    if (twin === undefined) this.#kept.set(this.#mask, { statements: undefined, places: undefined, isProven: false })
    else if (twin.statements === undefined) this.#kept.set(this.#mask, this.#twinOf(statements))
    else if (twin.places !== undefined && !twin.isProven) {
      fill(twin, this.#values)
      twin.isProven = JSON.stringify(twin.statements) === JSON.stringify(statements)
      if (!twin.isProven) this.#kept.set(this.#mask, { ...twin, places: undefined })
    }
  }

  #twinOf(statements: readonly Raw[]): Twin {
    const own = structuredClone(statements)
    const found = this.#starts.map((start, at) => constantAt(own, start, this.#values[at]))
    const places = found.filter((place) => place !== undefined)
    return { statements: own, places: places.length === found.length ? places : undefined, isProven: false }
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

function fill({ places }: Twin, values: readonly number[]): void {
  places?.forEach((place, at) => {
    place.ival = values[at] ?? 0
  })
}

/** The one constant node of this place and value; undefined where there is none or more than one. */
function constantAt(tree: unknown, start: number, value: number | undefined): { ival: number } | undefined {
  const found: { ival: number }[] = []
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

const isHolder = (node: unknown): node is { ival: number } =>
  typeof node === 'object' && node !== null && 'ival' in node && Object.keys(node).length === 1
