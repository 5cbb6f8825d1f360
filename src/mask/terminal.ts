import { charTable } from './char-table.ts'
import { Hold } from './terminal-hold.ts'
import { holdsPan, isDigit, judge, judgeBytes, NOT_JUDGED, type Judged } from './terminal-judge.ts'
import { LookBack } from './terminal-look-back.ts'
import { VisibleRun } from './terminal-run.ts'
import { MOTION, SequenceReader, STEP, type Step } from './terminal-sequences.ts'
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
  /** The same, and what comes next is another stream: nothing is remembered but what was found. */
  restart(): Buffer
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
/** Characters behind a card number that are looked at, for the same reason and for the rest of a track. */
const LOOK_AHEAD = 130

const DIGITS_AND_LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

const EXPONENTS = charTable('eE')
const MAY_GO_ON = charTable('ABCDEFabcdef^=')
const TOKEN = charTable(`${DIGITS_AND_LETTERS}+?-`)
const TRACK_1 = charTable(`${DIGITS_AND_LETTERS} /.'^?-`)
const CARET = 0x5e
/** Most characters that one sequence repeats one by one: more are beyond any number. */
const MOST_REPEATED = 40
/** No sequence stands among bytes that wait. */
const NOWHERE = -1

export const createTerminalScrubber = (): TerminalScrubber => new Scrubber()

const EMPTY: Buffer = Buffer.alloc(0)

class Scrubber implements TerminalScrubber {
  found = 0
  readonly #reader = new SequenceReader()
  readonly #hold = new Hold()
  readonly #skim = new Skim()
  readonly #lookBack = new LookBack()
  #run = new VisibleRun()
  /** The run on the screen while the text of a sequence is read, where nothing of it waits. */
  #outer: VisibleRun | undefined
  #isHolding = false
  /** Place up to which bytes may leave. */
  #passed = 0
  /** Where the sequence began that stands among bytes that wait. */
  #held = NOWHERE
  /** What may follow the number that is whole already. */
  #goesOn: Uint8Array | undefined
  #ahead = 0
  /** Place behind the byte that was read last, and of the chunk's first. */
  #end = 0
  #base = 0
  /** Where the character began that is being read, and the sequence, as places in the stream. */
  #charAt = 0
  #sequenceAt = 0
  #sequenceEnd = 0

  get waiting(): boolean {
    if (!this.#isHolding) return false
    if (this.#goesOn !== undefined || this.#holdsPan()) return true
    return this.#run.cells.placeOf(this.#run.waitsLongFrom()) > this.#passed
  }

  push(chunk: Buffer): Buffer {
    this.#hold.begin(chunk)
    this.#base = this.#hold.base
    this.#lookBack.begin(chunk, this.#base)
    if (!this.#isHolding) this.#passed = this.#base
    this.#skim.begin(chunk)
    for (let at = 0; at < chunk.length;) {
      if (this.#isIdle) at = this.#skim.from(at, this.#reader.isInText ? this.#skim.endOfText(at) : chunk.length)
      if (at < chunk.length) at = this.#exactly(chunk, at)
    }
    this.#end = this.#hold.end
    this.#sequenceEnd = this.#lastSequence
    this.#lookBack.finish()
    this.#run.cells.prune(this.#passed)
    return this.#left()
  }

  flush(): Buffer {
    if (this.#isHolding) this.#judged()
    this.#forget()
    return this.#left()
  }

  restart(): Buffer {
    const rest = this.flush()
    this.#reader.restart()
    this.#outer = undefined
    this.#held = NOWHERE
    this.#sequenceEnd = this.#end
    return rest
  }

  passWaiting(): Buffer {
    if (!this.#isHolding) return EMPTY
    const held = this.#held
    if (held !== NOWHERE) this.#scrubHeld()
    this.#late()
    if (held !== NOWHERE) this.#readOn(held)
    return this.#left()
  }

  /** What is left of a sequence that waits for its end is a stream of its own, where the run in front of it has left. */
  #readOn(held: number): void {
    if (this.#isHolding) this.#held = held
    else this.#stepIn()
  }

  #late(): void {
    if (!this.#isHolding) return
    if (this.#goesOn !== undefined || this.#holdsPan()) {
      this.#judged()
      if (this.#goesOn !== undefined) this.#forget()
    } else this.#pass(this.#run.cells.placeOf(this.#run.waitsLongFrom()))
  }

  /** Everything that may leave. */
  #left(): Buffer {
    return this.#hold.finish(this.#isHolding ? this.#passed : this.#end)
  }

  get #isIdle(): boolean {
    return !this.#isHolding && this.#run.isEmpty && this.#outer === undefined && this.#reader.isBetween
  }

  /** Reads on byte by byte until nothing is open; gives the place behind. */
  #exactly(chunk: Buffer, from: number): number {
    if (this.#isIdle) this.#charAt = this.#base + from
    for (let at = from; at < chunk.length;) {
      const step = this.#reader.step(chunk[at] ?? 0)
      const isAgain = this.#reader.again
      if (!isAgain) {
        // The first byte of a character that may be a digit too many waits.
        if (!this.#isHolding && this.#reader.isPart && this.#run.holdsNext) this.#beginHold(this.#base + at)
        at += 1
      }
      this.#end = this.#base + at
      this.#take(step)
      if (this.#isIdle) return at
    }
    return chunk.length
  }

  /** From this place on bytes wait. */
  #beginHold(from: number): void {
    this.#isHolding = true
    this.#passed = from
  }

  #take(step: Step): void {
    switch (step) {
      case STEP.part:
        if (this.#reader.isPart) return
        break
      case STEP.text:
        this.#text(this.#reader.code)
        break
      case STEP.content:
        if (this.#held === NOWHERE) this.#text(this.#reader.code)
        break
      case STEP.begin:
        this.#begin()
        break
      case STEP.end:
        this.#ends()
        break
      case STEP.control:
        this.#control(this.#reader.code)
        break
    }
    this.#charAt = this.#end
    if (this.#isHolding && this.#end - this.#passed > MAX_WAITING) this.#overflow()
  }

  /** A sequence that is longer than what may wait: the run that it stands in is judged as it is. */
  #overflow(): void {
    if (this.#held !== NOWHERE) this.#scrubHeld()
    this.#settle()
    if (this.#reader.isInside && this.#outer === undefined) this.#stepIn()
  }

  #stepIn(): void {
    this.#outer = this.#run
    this.#run = new VisibleRun()
  }

  #text(code: number): void {
    if (this.#goesOn !== undefined && this.#followed(code)) return
    const wasEmpty = this.#run.isEmpty
    if (!this.#run.print(code, this.#charAt, this.#end - this.#charAt)) {
      if (!this.#run.isEmpty) this.#ended(code)
      return
    }
    if (wasEmpty) this.#lookBack.from(this.#charAt, this.#lastSequence)
    this.#weigh()
    if (this.#run.isFull) this.#shorten()
  }

  #shorten(): void {
    if (this.#run.shorten()) return
    this.#settle()
    this.#run.cut()
  }

  /** Decides what of the run may pass now. */
  #weigh(): void {
    const place = this.#run.cells.placeOf(this.#run.waitsFrom())
    if (!this.#isHolding) {
      const from = Math.max(place, this.#passed)
      if (from < this.#end) this.#beginHold(from)
    } else if (place > this.#passed && this.#goesOn === undefined) this.#pass(place)
  }

  /** What stands in front of `place` waits no more. */
  #pass(place: number): void {
    this.#passed = Math.max(this.#passed, Math.min(place, this.#end))
    this.#isHolding = this.#passed < this.#end
  }

  /** A character has ended the run. One that may belong to a number that is whole is waited behind. */
  #ended(code: number): void {
    if (this.#isHolding && this.#mayGoOn(code)) {
      this.#goesOn = code === CARET ? TRACK_1 : TOKEN
      this.#ahead = 0
      this.#followed(code)
      return
    }
    this.#settle()
    this.#run.clear()
  }

  #mayGoOn(code: number): boolean {
    if (EXPONENTS[code] === 1) return this.#run.isLong
    return MAY_GO_ON[code] === 1 && this.#holdsPan()
  }

  /** Whether the character still belongs to what follows a whole number. */
  #followed(code: number): boolean {
    this.#ahead += 1
    if (this.#ahead === 1 || this.#belongs(code)) {
      this.#run.cells.append(code, this.#charAt, this.#end - this.#charAt)
      return true
    }
    this.#settle()
    this.#forget()
    return false
  }

  /** Digits are followed further than other characters: a number must not be parted here. */
  #belongs(code: number): boolean {
    if (isDigit(code)) return this.#ahead <= 2 * LOOK_AHEAD
    return this.#ahead <= LOOK_AHEAD && this.#goesOn?.[code] === 1
  }

  /** Judges the run as it stands and lets everything pass that waited. */
  #settle(): void {
    if (this.#isHolding) this.#judged()
    this.#held = NOWHERE
  }

  #judged(): void {
    const judged = this.#judgedRun()
    this.found += judged.found
    this.#hold.edit(judged.edits)
    this.#pass(this.#end)
  }

  #judgedRun(): Judged {
    if (!this.#mayHoldPan) return NOT_JUDGED
    return judge({ before: this.#lookBack.text, cells: this.#run.cells, sent: this.#passed })
  }

  #holdsPan(): boolean {
    return this.#mayHoldPan && holdsPan({ before: this.#lookBack.text, cells: this.#run.cells })
  }

  /** False where asking for card numbers would find none. */
  get #mayHoldPan(): boolean {
    return this.#goesOn !== undefined || this.#run.holdsAny || this.#lookBack.touches
  }

  #begin(): void {
    this.#sequenceAt = this.#charAt
    if (!this.#isHolding && this.#run.isEmpty) return
    // It may repeat a digit, or move to where the next one belongs: among digits a sequence waits until it is whole.
    if (!this.#isHolding) this.#beginHold(Math.max(this.#base, this.#charAt))
    this.#held = this.#charAt
  }

  #ends(): void {
    this.#sequenceEnd = this.#end
    const { motion, count } = this.#reader
    if (this.#held !== NOWHERE) this.#scrubHeld()
    else this.#backOut()
    if (motion === MOTION.none || this.#run.isEmpty) this.#weigh()
    else if (this.#goesOn !== undefined || motion === MOTION.away) this.#endOfLine()
    else if (motion === MOTION.repeat) this.#repeat(count)
    else if (!this.#run.move(motion === MOTION.forward ? count : -count)) this.#endOfLine()
    else this.#weigh()
  }

  /** Place behind the last sequence that is over: what stands in front of it is not in front of a run. */
  get #lastSequence(): number {
    const { sequenceEnd } = this.#skim
    return sequenceEnd === 0 ? this.#sequenceEnd : Math.max(this.#sequenceEnd, this.#base + sequenceEnd)
  }

  /** The text of a sequence has ended, and with it the run in it. */
  #backOut(): void {
    if (!this.#run.isEmpty) this.#endOfLine()
    if (this.#outer !== undefined) this.#run = this.#outer
    this.#outer = undefined
  }

  /** Text inside a sequence that stood among waiting bytes is judged by itself. */
  #scrubHeld(): void {
    const from = this.#held
    this.#held = NOWHERE
    const own = judgeBytes(this.#hold.between(from, this.#end), from)
    if (own.found === 0) return
    const outer = this.#judgedRun()
    this.found += own.found + outer.found
    this.#hold.edit([...own.edits, ...outer.edits].toSorted((one, other) => one.at - other.at))
    this.#pass(this.#end)
  }

  #repeat(count: number): void {
    const code = this.#run.last
    if (code === undefined) return
    const { cells } = this.#run
    for (let left = Math.min(count, MOST_REPEATED); left > 0; left--)
      if (!this.#run.print(code, this.#sequenceAt, this.#end - this.#sequenceAt)) {
        this.#endOfLine()
        return
      }
    if (count > MOST_REPEATED) {
      cells.repeats(this.#sequenceAt, count - MOST_REPEATED)
      this.#settle()
      this.#run.cut()
      return
    }
    this.#weigh()
    if (this.#run.isFull) this.#shorten()
  }

  #control(code: number): void {
    if (code === BACKSPACE && this.#goesOn === undefined && this.#run.move(-1)) return
    if (code === BACKSPACE || LINE_CONTROLS.has(code)) this.#endOfLine()
  }

  #endOfLine(): void {
    this.#settle()
    this.#forget()
  }

  #forget(): void {
    this.#run.clear()
    this.#goesOn = undefined
  }
}

const BACKSPACE = 8
/** TAB, LF, VT, FF, CR; IND, NEL, RI. */
const LINE_CONTROLS = new Set([9, 10, 11, 12, 13, 0x84, 0x85, 0x8d])
