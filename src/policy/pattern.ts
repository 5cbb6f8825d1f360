/**
 * A small language of regular expressions whose matching takes at most `pattern × text` steps, whatever both are: letters, `.`, classes such as
 * `[A-Z0-9]`, `\d \w \s`, groups, `|` and the quantifiers `? * + {n} {n,} {n,m}`. A pattern stands for the whole text, with or without `^` and `$`.
 */
export interface Pattern {
  matches(text: string): boolean
}

/** A pattern, or in words what is wrong with it. */
export function compilePattern(source: string): Pattern | string {
  if (source.length > MAX_PATTERN) return `is longer than ${MAX_PATTERN} characters`
  try {
    const reader = new Reader(unanchored(source))
    const program = new Program()
    program.add(reader.whole())
    return { matches: (text) => program.run(text) }
  } catch (thrown) {
    if (thrown instanceof PatternFault) return thrown.message
    throw thrown
  }
}

// A ticket's form is a line that a reviewer reads; counted repetitions are written out, so their product is bounded as well.
const MAX_PATTERN = 200
const MAX_STEPS = 2000
const MAX_COUNT = 64

class PatternFault extends Error {}

type Test = (sign: string) => boolean

type Node =
  | { readonly kind: 'sign'; readonly test: Test }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number }

const unanchored = (source: string): string => source.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')

const CLASSES: Readonly<Record<string, Test>> = {
  d: (sign) => sign >= '0' && sign <= '9',
  w: (sign) => /^[A-Za-z0-9_]$/.test(sign),
  s: (sign) => sign === ' ' || sign === '\t',
}
const COUNT = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/

/** Reads from left to right; every fault says what it met. */
class Reader {
  readonly #signs: readonly string[]
  #at = 0

  constructor(source: string) {
    this.#signs = Array.from(source)
  }

  whole(): Node {
    const node = this.#choice()
    if (this.#at < this.#signs.length) throw new PatternFault('has a ) without its (')
    return node
  }

  #choice(): Node {
    const parts = [this.#sequence()]
    while (this.#took('|')) parts.push(this.#sequence())
    return { kind: 'choice', parts }
  }

  #sequence(): Node {
    const parts: Node[] = []
    for (let next = this.#next(); next !== undefined && next !== '|' && next !== ')'; next = this.#next())
      parts.push(this.#repeated(this.#atom()))
    return { kind: 'sequence', parts }
  }

  #atom(): Node {
    const sign = this.#take()
    if (sign === '(') return this.#group()
    if (sign === '[') return { kind: 'sign', test: this.#class() }
    if (sign === '.') return { kind: 'sign', test: () => true }
    if (sign === '\\') return { kind: 'sign', test: this.#escaped() }
    if ('*+?{}^$'.includes(sign)) throw new PatternFault(`has a ${sign} where a character or a group is wanted`)
    return { kind: 'sign', test: (one) => one === sign }
  }

  #group(): Node {
    if (this.#took('?') && !this.#took(':')) throw new PatternFault('may not look ahead or behind')
    const node = this.#choice()
    if (!this.#took(')')) throw new PatternFault('has a ( without its )')
    return node
  }

  #repeated(part: Node): Node {
    const bounds = this.#bounds()
    if (bounds === undefined) return part
    const [least, most] = bounds
    const counted = most === Infinity ? least : most
    if (counted > MAX_COUNT || most < least)
      throw new PatternFault(`may repeat at most ${MAX_COUNT} times, and not more at least than at most`)
    return { kind: 'repeat', part, least, most }
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#took('?')) return [0, 1]
    if (this.#took('*')) return [0, Infinity]
    if (this.#took('+')) return [1, Infinity]
    if (this.#next() !== '{') return undefined
    const [written, least, comma, most] = COUNT.exec(this.#signs.slice(this.#at).join('')) ?? []
    if (written === undefined) throw new PatternFault('has a { that is no count such as {3} or {1,5}')
    this.#at += written.length
    if (comma === undefined) return [Number(least), Number(least)]
    return [Number(least), most === undefined ? Infinity : Number(most)]
  }

  #class(): Test {
    const negated = this.#took('^')
    const tests: Test[] = []
    while (!this.#took(']')) tests.push(this.#range())
    if (tests.length === 0) throw new PatternFault('has an empty class')
    return (sign) => tests.some((test) => test(sign)) !== negated
  }

  #range(): Test {
    const first = this.#take()
    if (first === '\\') return this.#escaped()
    if (this.#next() !== '-' || this.#signs[this.#at + 1] === ']') return (sign) => sign === first
    this.#at += 1
    const last = this.#take()
    if (last === '\\' || last < first) throw new PatternFault(`has a range that is none: ${first}-${last}`)
    return (sign) => sign >= first && sign <= last
  }

  #escaped(): Test {
    const sign = this.#take()
    const known = CLASSES[sign]
    if (known !== undefined) return known
    if (/^[A-Za-z0-9]$/.test(sign)) throw new PatternFault(`does not know \\${sign}; \\d, \\w and \\s are known`)
    return (one) => one === sign
  }

  #next(): string | undefined {
    return this.#signs[this.#at]
  }

  #take(): string {
    const sign = this.#signs[this.#at]
    if (sign === undefined) throw new PatternFault('ends too early')
    this.#at += 1
    return sign
  }

  #took(sign: string): boolean {
    if (this.#next() !== sign) return false
    this.#at += 1
    return true
  }
}

/** `test` moves on with one character; without one it is a fork that costs nothing. */
interface Step {
  readonly test: Test | undefined
  to: readonly number[]
}

/** Every way through the pattern is followed at once, so no way is ever tried again. */
class Program {
  readonly #steps: Step[] = []

  add(node: Node): void {
    switch (node.kind) {
      case 'sign':
        this.#push(node.test)
        return
      case 'sequence':
        for (const part of node.parts) this.add(part)
        return
      case 'choice':
        this.#choice(node.parts)
        return
      case 'repeat':
        this.#repeat(node)
    }
  }

  run(text: string): boolean {
    let here = this.#reach([0])
    for (const sign of text) {
      const next = [...here].filter((at) => this.#steps[at]?.test?.(sign) === true).map((at) => at + 1)
      if (next.length === 0) return false
      here = this.#reach(next)
    }
    return here.has(this.#steps.length)
  }

  #choice(parts: readonly Node[]): void {
    const fork = this.#push(undefined)
    const starts: number[] = []
    const ends: Step[] = []
    for (const part of parts) {
      starts.push(this.#steps.length)
      this.add(part)
      ends.push(this.#push(undefined))
    }
    fork.to = starts
    for (const end of ends) end.to = [this.#steps.length]
  }

  #repeat({ part, least, most }: Extract<Node, { kind: 'repeat' }>): void {
    for (let count = 0; count < least; count += 1) this.add(part)
    if (most === Infinity) {
      const at = this.#steps.length
      const fork = this.#push(undefined)
      this.add(part)
      this.#push(undefined).to = [at]
      fork.to = [at + 1, this.#steps.length]
      return
    }
    for (let count = least; count < most; count += 1) {
      const fork = this.#push(undefined)
      const start = this.#steps.length
      this.add(part)
      fork.to = [start, this.#steps.length]
    }
  }

  #push(test: Test | undefined): Step {
    if (this.#steps.length >= MAX_STEPS) throw new PatternFault('repeats too much')
    const step: Step = { test, to: [] }
    this.#steps.push(step)
    return step
  }

  /** Every place that is reached without reading on. */
  #reach(from: readonly number[]): ReadonlySet<number> {
    const reached = new Set<number>()
    const waiting = [...from]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (reached.has(at)) continue
      reached.add(at)
      waiting.push(...(this.#steps[at]?.to ?? []))
    }
    return reached
  }
}
