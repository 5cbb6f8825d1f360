/** Bytes `[at, at + length)` of the stream. A repeated character shares its span with the others that the sequence made. */
export interface Span {
  readonly at: number
  readonly length: number
}

/** Lists of spans that are looked through before they have grown to so many are not. */
const LEAST_SPANS = 64

/** Places of a line as a terminal shows them, and which bytes made each: by their place in the stream, several where something was printed over. */
export class Cells {
  count = 0
  /** Every cell was made by bytes of its own, and once. */
  isPlain = true
  #codes = new Int32Array(ROOM)
  /** The first span of each; NaN where it was left blank. */
  #starts = new Float64Array(ROOM)
  #lengths = new Int32Array(ROOM)
  /** Those printed over it. */
  #over: Map<number, Span[]> | undefined
  #overs = 0
  #most = LEAST_SPANS
  /** Of a sequence that repeats, how many more there are than cells were made. */
  #more: Map<number, number> | undefined

  clear(): void {
    this.count = 0
    this.isPlain = true
    this.#over = undefined
    this.#overs = 0
    this.#more = undefined
  }

  append(code: number, at: number, length: number): void {
    if (this.count === this.#codes.length) this.#widen()
    if (this.count > 0 && this.#starts[this.count - 1] === at) this.isPlain = false
    this.#codes[this.count] = code
    this.#starts[this.count] = at
    this.#lengths[this.count] = length
    this.count += 1
  }

  overprint(cell: number, code: number, span: Span): void {
    this.#codes[cell] = code
    this.isPlain = false
    if (Number.isNaN(span.at)) return
    if (Number.isNaN(this.startOf(cell))) {
      this.#starts[cell] = span.at
      this.#lengths[cell] = span.length
      return
    }
    this.#over ??= new Map()
    const spans = this.#over.get(cell)
    if (spans === undefined) this.#over.set(cell, [span])
    else spans.push(span)
    this.#overs += 1
  }

  /** The sequence at this place made so many cells more, all like its last. */
  repeats(at: number, more: number): void {
    this.#more ??= new Map()
    this.#more.set(at, more)
  }

  moreOf(at: number): number {
    return this.#more?.get(at) ?? 0
  }

  /** What has left is not remembered span by span: the first one of each cell tells that some did. */
  prune(sent: number): void {
    if (this.#over === undefined || this.#overs < this.#most) return
    this.#overs = 0
    for (const [cell, spans] of this.#over) {
      const left = spans.filter(({ at }) => at >= sent)
      this.#over.set(cell, left)
      this.#overs += left.length
    }
    this.#most = Math.max(LEAST_SPANS, 2 * this.#overs)
  }

  drop(count: number): void {
    this.#codes.copyWithin(0, count, this.count)
    this.#starts.copyWithin(0, count, this.count)
    this.#lengths.copyWithin(0, count, this.count)
    this.count -= count
    this.#more = undefined
    if (this.#over !== undefined)
      this.#over = new Map(
        [...this.#over].map(([cell, spans]) => [cell - count, spans] as const).filter(([cell]) => cell >= 0),
      )
  }

  codeAt(cell: number): number {
    return this.#codes[cell] ?? 0
  }

  /** Place in the stream of the first byte that made a cell; NaN where it was left blank. */
  startOf(cell: number): number {
    return this.#starts[cell] ?? NaN
  }

  lengthOf(cell: number): number {
    return this.#lengths[cell] ?? 0
  }

  /** Place of the last span of a cell; NaN where it was left blank. */
  lastOf(cell: number): number {
    return this.#over?.get(cell)?.at(-1)?.at ?? this.startOf(cell)
  }

  /** Where the bytes of a cell begin, of a blank one those of the next; Infinity where there is none. */
  placeOf(cell: number): number {
    for (let at = cell; at >= 0 && at < this.count; at++) {
      const place = this.startOf(at)
      if (!Number.isNaN(place)) return place
    }
    return Infinity
  }

  /** All spans of a cell, those aside that left long ago. */
  spansOf(cell: number): readonly Span[] {
    const at = this.startOf(cell)
    const first = Number.isNaN(at) ? [] : [{ at, length: this.#lengths[cell] ?? 0 }]
    const over = this.#over?.get(cell)
    return over === undefined ? first : [...first, ...over]
  }

  get text(): string {
    let text = ''
    for (let at = 0; at < this.count; at++) text += String.fromCodePoint(this.#codes[at] ?? 0)
    return text
  }

  #widen(): void {
    this.#codes = grown(this.#codes, new Int32Array(2 * this.count))
    this.#starts = grown(this.#starts, new Float64Array(2 * this.count))
    this.#lengths = grown(this.#lengths, new Int32Array(2 * this.count))
  }
}

const ROOM = 64

function grown<Row extends Int32Array | Float64Array>(row: Row, wide: Row): Row {
  wide.set(row)
  return wide
}
