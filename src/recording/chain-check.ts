import { createHash, type Hash } from 'node:crypto'
import { brokenAt, parseEnvelope, type Envelope } from './envelope.ts'
import type { Line } from './lines.ts'
import type { Problem, ProblemCode } from './problem.ts'
import { sha256 } from './session-file.ts'

interface Link {
  readonly seq: number
  readonly hash: string
  readonly number: number
  readonly offset: number
  readonly length: number
}

/** Gaps beyond this many are counted as one. */
const MAX_GAPS = 100

/**
 * Walks a chain of lines once, in constant memory, and says what happened to it. A mismatch between two lines leaves open which of them was
 * changed, until the next line, a signature or the known head vouches for the second.
 */
export class ChainCheck {
  readonly #where: string
  readonly #found: (problem: Problem) => void
  #expected = 0
  #last: Link | undefined
  readonly #start: string | undefined
  #suspect: { readonly before: Link | undefined; readonly here: Link } | undefined
  readonly #gaps: { from: number; to: number; line: number }[] = []
  #bad: { readonly first: Line; lines: number; bytes: number; hash: Hash; complete: boolean } | undefined
  #reported = 0

  /** `start` is the `prev` of the first line, undefined where nobody knows it. */
  constructor(deps: { where: string; start: string | undefined; found: (problem: Problem) => void }) {
    this.#where = deps.where
    this.#start = deps.start
    this.#found = deps.found
  }

  /** How many lines the chain has by its own count. */
  get events(): number {
    return this.#expected
  }

  get head(): string {
    return this.#last?.hash ?? this.#start ?? ''
  }

  /** The next line as a value, or undefined where it is none. */
  line(line: Line): Envelope | undefined {
    const envelope = line.complete ? parseEnvelope(line.bytes) : undefined
    if (envelope === undefined) {
      this.#unreadable(line)
      return undefined
    }
    this.#settleBad(envelope)
    const here = {
      seq: envelope.seq,
      hash: sha256(line.bytes),
      number: line.number,
      offset: line.offset,
      length: line.bytes.length,
    }
    if (envelope.seq === this.#expected) this.#inOrder(here, envelope.prev)
    else this.#outOfOrder(here)
    this.#last = here
    return envelope
  }

  /** The line read last carries a valid signature over its `prev`: it is genuine. */
  vouch(): void {
    if (this.#suspect !== undefined && this.#suspect.here === this.#last) this.#blameBefore(this.#suspect)
  }

  /** To be called once at the end; `head` is the last hash as a signed summary or the ledger tells it. */
  finish(head?: string): void {
    this.#settleBad(undefined)
    if (this.#suspect !== undefined) {
      if (this.#suspect.here.hash === head) this.#blameBefore(this.#suspect)
      else this.#blame(this.#suspect.here)
    }
    for (const gap of this.#gaps) this.#report('dropped', gap, `${named(gap)} missing before line ${gap.line}`)
  }

  /** The last line differs from what was signed although the count is right. */
  blameLast(): void {
    if (this.#last !== undefined) this.#blame(this.#last)
  }

  #inOrder(here: Link, prev: string): void {
    const before = this.#last
    const known = before === undefined ? this.#start : before.seq === here.seq - 1 ? before.hash : undefined
    this.#expected = here.seq + 1
    const linked = known === undefined || prev === known
    if (this.#suspect !== undefined) {
      if (linked) this.#blameBefore(this.#suspect)
      else this.#blame(this.#suspect.here)
    }
    this.#suspect = linked ? undefined : { before, here }
  }

  #outOfOrder(here: Link): void {
    this.#suspect = undefined
    if (here.seq > this.#expected) {
      if (this.#gaps.length < MAX_GAPS) this.#gaps.push({ from: this.#expected, to: here.seq - 1, line: here.number })
      this.#expected = here.seq + 1
      return
    }
    const gap = this.#gaps.findIndex(({ from, to }) => here.seq >= from && here.seq <= to)
    if (gap < 0) {
      this.#report('duplicated', here, `line ${here.number} repeats event ${here.seq}`)
      return
    }
    this.#fill(gap, here.seq)
    this.#report('reordered', here, `event ${here.seq} stands at line ${here.number}, behind later ones`)
  }

  #fill(index: number, seq: number): void {
    const gap = this.#gaps[index]
    if (gap === undefined) return
    const parts = [
      { ...gap, to: seq - 1 },
      { ...gap, from: seq + 1 },
    ]
    this.#gaps.splice(index, 1, ...parts.filter(({ from, to }) => from <= to))
  }

  #unreadable(line: Line): void {
    this.#bad ??= { first: line, lines: 0, bytes: 0, hash: createHash('sha256'), complete: true }
    this.#bad.lines += 1
    this.#bad.bytes += line.bytes.length
    this.#bad.complete = line.complete
    this.#bad.hash.update(line.bytes)
  }

  // Half a line is no fault where the next entry names exactly those bytes as torn by a crash.
  #settleBad(next: Envelope | undefined): void {
    const bad = this.#bad
    if (bad === undefined) return
    this.#bad = undefined
    if (next?.kind === 'torn' && isTorn(next['detail'], { bytes: bad.bytes, sha256: bad.hash.digest('hex') })) return
    const { number, offset, bytes } = bad.first
    if (next === undefined && !bad.complete && bad.lines === 1) {
      this.#report('cut', { number, offset }, `line ${number} ends in its middle`)
    } else {
      const place = brokenAt(bytes)
      const byte = offset + (place ?? 0)
      const exact = place === undefined ? '' : ` (byte ${byte})`
      this.#report('unreadable', { number, offset: byte }, `line ${number} is no event${exact}`)
    }
    this.#expected += bad.lines
    this.#last = undefined
    this.#suspect = undefined
  }

  #blameBefore({ before }: { before: Link | undefined }): void {
    this.#suspect = undefined
    if (before !== undefined) {
      this.#blame(before)
      return
    }
    this.#report('session-changed', undefined, 'the first line does not belong to what stands before it')
  }

  #blame(link: Link): void {
    this.#suspect = undefined
    if (this.#reported === link.number) return
    this.#reported = link.number
    const span = `bytes ${link.offset} to ${link.offset + link.length - 1}`
    this.#report('changed', link, `line ${link.number} was changed (${span})`)
  }

  #report(code: ProblemCode, at: { number?: number; line?: number; offset?: number } | undefined, text: string): void {
    const line = at?.number ?? at?.line
    this.#found({
      code,
      where: this.#where,
      ...(line === undefined ? {} : { line }),
      ...(at?.offset === undefined ? {} : { byte: at.offset }),
      text,
    })
  }
}

const named = ({ from, to }: { from: number; to: number }): string =>
  from === to ? `event ${from} is` : `events ${from} to ${to} are`

function isTorn(detail: unknown, torn: { bytes: number; sha256: string }): boolean {
  if (typeof detail !== 'object' || detail === null) return false
  return 'bytes' in detail && detail.bytes === torn.bytes && 'sha256' in detail && detail.sha256 === torn.sha256
}
