/** A place of a tree whose value differs from text to text. */
interface Slot {
  readonly holder: Record<string, unknown>
  readonly field: string
  readonly kind: 'number' | 'text'
  /** Bytes of the skeleton that stand in front of it: up to here from the end of the slot before. */
  readonly end: number
}

/**
 * The parser's JSON for one shape of statement, kept as its bytes without the values (numbers and the texts of constants) and as the tree that
 * JSON.parse made of it. For JSON with the same bytes around its values the values are put into that tree, which is then what JSON.parse would
 * have given, at a tenth of the price and without an allocation. Every byte is compared, so nothing is taken for alike that is not.
 */
export class TreeTemplate {
  readonly #skeleton: DataView
  readonly #slots: readonly Slot[]
  readonly #tree: unknown
  #at = 0

  /** `json`: of ASCII alone, so that its characters are its bytes. */
  constructor(json: string) {
    const values: [Record<string, unknown>, string][] = []
    this.#tree = JSON.parse(json, function (this: Record<string, unknown>, field, value: unknown) {
      if (typeof value === 'number' || typeof value === 'string') values.push([this, field])
      return value
    })
    let skeleton = ''
    let from = 0
    this.#slots = valueTokens(json).flatMap(({ start, end }, index) => {
      const value = values[index]
      const kind = kindAt(json, start)
      if (value === undefined || kind === undefined) return []
      skeleton += json.slice(from, start)
      from = end
      return [{ holder: value[0], field: value[1], kind, end: skeleton.length }]
    })
    this.#skeleton = viewOf(Buffer.from(skeleton + json.slice(from) + '\0', 'latin1'))
  }

  /** The tree of the NUL-terminated JSON at `address`, good until the next call; undefined where the JSON is of another shape. */
  fill(heap: DataView, address: number): unknown {
    this.#at = address
    let from = 0
    for (const slot of this.#slots) {
      if (!this.#matches(heap, from, slot.end)) return undefined
      const value = slot.kind === 'number' ? this.#number(heap) : this.#text(heap)
      if (value === undefined) return undefined
      slot.holder[slot.field] = value
      from = slot.end
    }
    return this.#matches(heap, from, this.#skeleton.byteLength) ? this.#tree : undefined
  }

  /** Four bytes at a time: most of the work is done here. */
  #matches(heap: DataView, from: number, end: number): boolean {
    const skeleton = this.#skeleton
    let at = this.#at
    let place = from
    if (at + end - from > heap.byteLength) return false
    for (; place + 4 <= end; place += 4, at += 4) if (heap.getInt32(at) !== skeleton.getInt32(place)) return false
    for (; place < end; place++, at++) if (heap.getUint8(at) !== skeleton.getUint8(place)) return false
    this.#at = at
    return true
  }

  /** Whole numbers that a double holds; what else JSON may have is left to JSON.parse. */
  #number(heap: DataView): number | undefined {
    const start = this.#at + (byteAt(heap, this.#at) === MINUS ? 1 : 0)
    let at = start
    let value = 0
    for (let digit = digitAt(heap, at); digit >= 0; digit = digitAt(heap, ++at)) value = value * 10 + digit
    if (at === start || at - start > MOST_DIGITS) return undefined
    const negative = start > this.#at
    this.#at = at
    return negative ? -value : value
  }

  #text(heap: DataView): string | undefined {
    const start = this.#at
    if (byteAt(heap, start) !== QUOTE) return undefined
    let at = start + 1
    let plain = true
    for (let byte = byteAt(heap, at); byte !== QUOTE; byte = byteAt(heap, ++at)) {
      if (byte === 0) return undefined
      if (byte === BACKSLASH) at++
      if (byte === BACKSLASH || byte > LAST_ASCII) plain = false
    }
    this.#at = at + 1
    const bytes = Buffer.from(heap.buffer, heap.byteOffset + start, at + 1 - start)
    return plain ? bytes.toString('latin1', 1, bytes.length - 1) : String(JSON.parse(bytes.toString('utf8')))
  }
}

const MINUS = 45
const QUOTE = 34
const BACKSLASH = 92
const LAST_ASCII = 127
const MOST_DIGITS = 15

/** The bytes of a parser's memory, or of a skeleton, to be compared several at once. */
export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength)

/** 0, which ends the JSON, behind the end of the memory as well. */
const byteAt = (heap: DataView, at: number): number => (at < heap.byteLength ? heap.getUint8(at) : 0)

const digitAt = (heap: DataView, at: number): number => {
  const digit = byteAt(heap, at) - 48
  return digit <= 9 ? digit : -1
}

interface Token {
  readonly start: number
  readonly end: number
}

/** Every number and string of the JSON that is a value, in the order in which JSON.parse hands them to its reviver. */
const valueTokens = (json: string): readonly Token[] =>
  Array.from(json.matchAll(TOKEN), ({ index, 0: token }) => ({ start: index, end: index + token.length })).filter(
    ({ end }) => json[end] !== ':',
  )

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

/** Which values are taken out: every number, and the text of a constant. Names stay. */
function kindAt(json: string, start: number): Slot['kind'] | undefined {
  if (json[start] !== '"') return 'number'
  return CONSTANTS.some((before) => json.startsWith(before, start - before.length)) ? 'text' : undefined
}

const CONSTANTS = ['"sval":{"sval":', '"fval":{"fval":']
