import { Hold } from './terminal-hold.ts'
import { holdsPan, isDigit, judge, type Judged } from './terminal-judge.ts'
import { VisibleRun, type Cell, type Span } from './terminal-run.ts'
import { SequenceReader, STEP, type Step } from './terminal-sequences.ts'
import { Skim } from './terminal-skim.ts'

/**
 * Takes card numbers out of what a terminal shows, at the same width: BIN and last four stay, the digits between become `*`. Escape sequences pass untouched, and a number is
 * found whatever sequences stand between its digits and however the stream is cut. The first six digits of a run pass at once; the rest of one that may become a
 * card number waits for the run's end, or until `passWaiting` says that it took too long.
 */
export interface TerminalScrubber {
  /** Bytes that may leave now; at most `MAX_WAITING` bytes stay back. The chunk itself where nothing was found in it. */
  push(chunk: Buffer): Buffer
  /** What stayed back, scrubbed. The stream is over. */
  flush(): Buffer
  /** Bytes stay back that `passWaiting` would let go. Call it 50 ms later if nothing came. */
  readonly waiting: boolean
  /**
   * Lets go of what waited too long: a number that is whole is hidden, digits that may become one pass up to the twelfth (the tenth, where the issuer's numbers are
   * shorter than 16). What is left waits for the end of the run alone, so that a number that is typed is never there whole.
   */
  passWaiting(): Buffer
  /** Card numbers that were hidden. */
  readonly found: number
}

/** Most bytes that wait: a run of digits with the sequences in it, or what could be the rest of a track. */
export const MAX_WAITING = 8192
/** Bytes in front of a run that tell a card number from the middle of a digest, a phone number or a decimal. */
const LOOK_BACK = 130
/** Characters behind a card number that are looked at, for the same reason and for the rest of a track. */
const LOOK_AHEAD = 130

const EXPONENT = /^e$/i
const MAY_GO_ON = /^[A-Fa-f^=]$/
const TRACK_1 = /^[A-Za-z0-9 /.'^?-]$/
const TOKEN = /^[0-9A-Za-z+?-]$/

export const createTerminalScrubber = (): TerminalScrubber => new Scrubber()

const EMPTY: Buffer = Buffer.alloc(0)

class Scrubber implements TerminalScrubber {
  found = 0
  readonly #reader = new SequenceReader()
  readonly #hold = new Hold()
  readonly #skim = new Skim()
  #run = new VisibleRun()
  /** The run on the screen while the text of a sequence is read, where nothing of it waits. */
  #outer: VisibleRun | undefined
  /** Where the sequence began that stands among bytes that wait. */
  #held: number | undefined
  /** What may follow the number that is whole already. */
  #goesOn: RegExp | undefined
  #ahead = 0
  #past = EMPTY
  #before = ''
  /** Place of the chunk's first byte in the stream. */
  #base = 0
  #chunk = EMPTY
  #passFrom = 0
  #out: Buffer[] = []
  /** Where the character began that is being read, and the sequence, as places in the stream. */
  #charAt = 0
  #sequenceAt = 0

  get waiting(): boolean {
    if (this.#hold.length === 0) return false
    if (this.#goesOn !== undefined || holdsPan(this.#stretch())) return true
    return this.#placeOf(this.#run.waitsLongFrom()) > this.#hold.at
  }

  push(chunk: Buffer): Buffer {
    this.#chunk = chunk
    this.#out = []
    this.#passFrom = 0
    this.#skim.begin(chunk)
    for (let at = 0; at < chunk.length;) {
      if (this.#isIdle) at = this.#skim.from(at, this.#reader.isInText ? this.#skim.endOfText(at) : chunk.length)
      if (at < chunk.length) at = this.#exactly(at)
    }
    if (this.#hold.length === 0 && this.#passFrom < chunk.length) this.#out.push(chunk.subarray(this.#passFrom))
    this.#base += chunk.length
    this.#past = lastOf(this.#past, chunk)
    this.#chunk = EMPTY
    return joined(this.#out)
  }

  flush(): Buffer {
    const rest = this.#hold.length === 0 ? EMPTY : this.#judged()
    this.#forget()
    return rest
  }

  passWaiting(): Buffer {
    if (this.#hold.length === 0) return EMPTY
    const before = this.#held === undefined ? EMPTY : this.#sequenceLeft()
    return before.length === 0 ? this.#late() : Buffer.concat([before, this.#late()])
  }

  #late(): Buffer {
    if (this.#hold.length === 0) return EMPTY
    if (this.#goesOn !== undefined || holdsPan(this.#stretch())) {
      const rest = this.#judged()
      if (this.#goesOn !== undefined) this.#forget()
      return rest
    }
    return this.#hold.takeUpTo(this.#placeOf(this.#run.waitsLongFrom()))
  }

  /** A sequence that waits for its end is read on as a stream of its own. */
  #sequenceLeft(): Buffer {
    this.#out = []
    this.#scrubHeld(0)
    this.#stepIn()
    return joined(this.#out)
  }

  get #isIdle(): boolean {
    return this.#run.isEmpty && this.#hold.length === 0 && this.#outer === undefined && this.#reader.isBetween
  }

  /** Reads on byte by byte until nothing is open; gives the place behind. */
  #exactly(from: number): number {
    if (this.#isIdle) this.#charAt = this.#base + from
    for (let at = from; at < this.#chunk.length;) {
      const step = this.#reader.step(this.#chunk[at] ?? 0)
      const isAgain = this.#reader.again
      if (!isAgain) this.#keep(at)
      this.#take(step, isAgain ? at : at + 1)
      if (!isAgain) at += 1
      if (this.#isIdle) return at
    }
    return this.#chunk.length
  }

  /** A byte that comes behind others that wait, waits; so does the first of a character that may be a digit too many. */
  #keep(at: number): void {
    const isPart = this.#reader.isPart && this.#run.holdsNext
    if (this.#hold.length > 0) this.#hold.append(this.#chunk[at] ?? 0, this.#base + at)
    else if (isPart) this.#beginHold(at, at)
  }

  /** From `from` on, up to and including `to`, bytes of this chunk wait. */
  #beginHold(from: number, to: number): void {
    if (from > this.#passFrom) this.#out.push(this.#chunk.subarray(this.#passFrom, from))
    for (let at = from; at <= to; at++) this.#hold.append(this.#chunk[at] ?? 0, this.#base + at)
    this.#passFrom = this.#chunk.length
  }

  /** `end` is the place in the chunk behind what the step completed. */
  #take(step: Step, end: number): void {
    const { code } = this.#reader
    switch (step) {
      case STEP.part:
        if (this.#reader.isPart) return
        break
      case STEP.text:
        this.#text(code, end)
        break
      case STEP.content:
        if (this.#held === undefined) this.#text(code, end)
        break
      case STEP.begin:
        this.#begin(end)
        break
      case STEP.end:
        this.#end(end)
        break
      case STEP.control:
        this.#control(code, end)
        break
    }
    this.#charAt = this.#base + end
    if (this.#hold.length > MAX_WAITING) this.#overflow(end)
  }

  /** A sequence that is longer than what may wait: the run that it stands in is judged as it is. */
  #overflow(end: number): void {
    if (this.#held !== undefined) this.#scrubHeld(end)
    this.#settle(end)
    if (this.#reader.isInside && this.#outer === undefined) this.#stepIn()
  }

  #stepIn(): void {
    this.#outer = this.#run
    this.#run = new VisibleRun()
  }

  #text(code: number, end: number): void {
    if (this.#goesOn !== undefined && this.#followed(code, end)) return
    const span: Span = { at: this.#charAt, length: this.#base + end - this.#charAt }
    const wasEmpty = this.#run.isEmpty
    if (!this.#run.print(code, span)) {
      if (!this.#run.isEmpty) this.#ended(code, end)
      return
    }
    if (wasEmpty) this.#before = this.#lookBack(this.#charAt - this.#base)
    this.#weigh(end)
    if (!this.#run.isFull || this.#run.shorten()) return
    this.#settle(end)
    this.#run.cut()
  }

  /** Decides what of the run may pass now. */
  #weigh(end: number): void {
    const place = this.#placeOf(this.#run.waitsFrom())
    if (this.#hold.length > 0) {
      if (place <= this.#hold.at || this.#goesOn !== undefined) return
      this.#out.push(this.#hold.takeUpTo(place))
      if (this.#hold.length === 0) this.#passFrom = end
      return
    }
    const from = Math.max(place - this.#base, this.#passFrom)
    if (from < end) this.#beginHold(from, end - 1)
  }

  /** Where the bytes of a cell begin, of a blank one those of the next; Infinity where there is none. */
  #placeOf(cell: number | undefined): number {
    if (cell === undefined) return Infinity
    for (const { spans } of this.#run.cells.slice(cell)) for (const { at } of spans) return at
    return Infinity
  }

  /** A character has ended the run. One that may belong to a number that is whole is waited behind. */
  #ended(code: number, end: number): void {
    const char = String.fromCodePoint(code)
    const mayGoOn = MAY_GO_ON.test(char) && (EXPONENT.test(char) ? this.#run.isLong : holdsPan(this.#stretch()))
    if (this.#hold.length > 0 && mayGoOn) {
      this.#goesOn = char === '^' ? TRACK_1 : TOKEN
      this.#ahead = 0
      this.#followed(code, end)
      return
    }
    this.#settle(end)
    this.#run.clear()
  }

  /** Whether the character still belongs to what follows a whole number. */
  #followed(code: number, end: number): boolean {
    this.#ahead += 1
    if (this.#ahead === 1 || this.#belongs(code)) {
      const span: Span = { at: this.#charAt, length: this.#base + end - this.#charAt }
      this.#run.cells.push({ code, spans: [span] })
      return true
    }
    this.#settle(end)
    this.#forget()
    return false
  }

  /** Digits are followed further than other characters: a number must not be parted here. */
  #belongs(code: number): boolean {
    if (isDigit(code)) return this.#ahead <= 2 * LOOK_AHEAD
    return this.#ahead <= LOOK_AHEAD && this.#goesOn?.test(String.fromCodePoint(code)) === true
  }

  /** Judges the run as it stands and lets everything pass that waited. */
  #settle(end: number): void {
    if (this.#hold.length > 0) {
      this.#out.push(this.#judged())
      this.#passFrom = end
    }
    this.#held = undefined
  }

  #judged(): Buffer {
    const judged = judge({ ...this.#stretch(), sent: this.#hold.at })
    this.found += judged.found
    return this.#hold.takeAll(judged.edits)
  }

  #begin(end: number): void {
    this.#sequenceAt = this.#charAt
    if (this.#run.isEmpty && this.#hold.length === 0) return
    // It may repeat a digit, or move to where the next one belongs: among digits a sequence waits until it is whole.
    if (this.#hold.length === 0) this.#beginHold(Math.max(0, this.#charAt - this.#base), end - 1)
    this.#held = this.#charAt
  }

  #end(end: number): void {
    const { motion, count } = this.#reader
    if (this.#held !== undefined) this.#scrubHeld(end)
    else this.#backOut(end)
    if (motion === 'none' || this.#run.isEmpty) this.#weigh(end)
    else if (this.#goesOn !== undefined) this.#endOfLine(end)
    else if (motion === 'repeat') this.#repeat(count, end)
    else if (motion === 'away' || !this.#run.move(motion === 'forward' ? count : -count)) this.#endOfLine(end)
    else this.#weigh(end)
  }

  /** The text of a sequence has ended, and with it the run in it. */
  #backOut(end: number): void {
    if (!this.#run.isEmpty) this.#endOfLine(end)
    if (this.#outer !== undefined) this.#run = this.#outer
    this.#outer = undefined
  }

  /** Text inside a sequence that stood among waiting bytes is judged by itself. */
  #scrubHeld(end: number): void {
    const from = this.#held ?? 0
    this.#held = undefined
    const text = this.#hold.since(from)
    if (!isLong(text)) return
    const own = judgeText(text, from)
    if (own.found === 0) return
    const outer = judge({ ...this.#stretch(), sent: this.#hold.at })
    this.found += own.found + outer.found
    this.#out.push(this.#hold.takeAll([...own.edits, ...outer.edits]))
    this.#passFrom = end
  }

  #repeat(count: number, end: number): void {
    const last = this.#run.last
    if (last === undefined) return
    const span: Span = { at: this.#sequenceAt, length: this.#base + end - this.#sequenceAt }
    for (let left = count; left > 0; left--) {
      if (!this.#run.print(last.code, span)) {
        this.#endOfLine(end)
        return
      }
    }
    this.#weigh(end)
  }

  #control(code: number, end: number): void {
    if (code === BACKSPACE && this.#goesOn === undefined && this.#run.move(-1)) return
    if (code === BACKSPACE || LINE_CONTROLS.has(code)) this.#endOfLine(end)
  }

  #endOfLine(end: number): void {
    this.#settle(end)
    this.#forget()
  }

  #forget(): void {
    this.#run.clear()
    this.#goesOn = undefined
  }

  #stretch(): { before: string; cells: readonly Cell[] } {
    return { before: this.#before, cells: this.#run.cells }
  }

  /** What stands directly in front of a place of this chunk, as far as it may belong to the same token. */
  #lookBack(at: number): string {
    const last = at > 0 ? this.#chunk[at - 1] : this.#past.at(-1)
    if (last === undefined || !IN_TOKEN.test(String.fromCharCode(last))) return ''
    const near = this.#chunk.subarray(Math.max(0, at - LOOK_BACK), Math.max(0, at))
    const far = this.#past.subarray(this.#past.length - Math.max(0, LOOK_BACK - near.length))
    const text = (near.length >= LOOK_BACK ? '' : far.toString('latin1')) + near.toString('latin1')
    return /[0-9A-Fa-f.+-]*$/.exec(text)?.[0] ?? ''
  }
}

const BACKSPACE = 8
const IN_TOKEN = /[0-9A-Fa-f.+-]/
/** TAB, LF, VT, FF, CR; IND, NEL, RI. */
const LINE_CONTROLS = new Set([9, 10, 11, 12, 13, 0x84, 0x85, 0x8d])

const isLong = (bytes: Buffer): boolean => bytes.length > 13

function judgeText(text: Buffer, from: number): Judged {
  const cells = Array.from(text, (byte, at) => ({ code: byte, spans: [{ at: from + at, length: 1 }] }))
  return judge({ before: '', cells, sent: from })
}

const joined = (pieces: readonly Buffer[]): Buffer =>
  pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)

const lastOf = (past: Buffer, chunk: Buffer): Buffer =>
  chunk.length >= LOOK_BACK
    ? Buffer.from(chunk.subarray(chunk.length - LOOK_BACK))
    : Buffer.concat([past.subarray(Math.max(0, past.length + chunk.length - LOOK_BACK)), chunk])
