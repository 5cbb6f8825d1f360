import { charTable } from './char-table.ts'

/** What one byte turned out to complete. */
export const STEP = {
  /** Part of a character or of the syntax of a sequence. */
  part: 0,
  /** A character that is printed: `code`. */
  text: 1,
  /** A character inside a sequence: a parameter, or text of a title, a link, a picture. */
  content: 2,
  /** The first byte of a sequence. */
  begin: 3,
  /** The last byte of a sequence: `motion` and `count` say what it does to the cursor. */
  end: 4,
  /** A control character on its own: `code`. */
  control: 5,
} as const
export type Step = (typeof STEP)[keyof typeof STEP]

/** What a sequence does to the place where the next character is printed. */
export const MOTION = { none: 0, away: 1, forward: 2, back: 3, repeat: 4 } as const
export type Motion = (typeof MOTION)[keyof typeof MOTION]

const ESC = 0x1b
const BEL = 0x07
const ST = 0x9c
const MALFORMED = 0xfffd
/** Most cells that one sequence moves or repeats; more is beyond any number. */
const MAX_COUNT = 4096

/** Most parameter characters of a CSI that are looked at. */
const MAX_PARAMETERS = 40
const [ZERO, NINE, SEMICOLON, QUESTION] = [0x30, 0x39, 0x3b, 0x3f]

// Finals of CSI that leave the cursor where it is: colours, modes, erasing, inserting and deleting in place, reports, styles.
const STILL = charTable('@JKPXcghlmnpqtxyz')
const MOTIONS: Readonly<Record<string, Motion>> = {
  C: MOTION.forward,
  a: MOTION.forward,
  D: MOTION.back,
  j: MOTION.back,
  b: MOTION.repeat,
}
// Finals of ESC that do: IND, NEL, RI, restore, reset, and back and forward index.
const ESC_AWAY = charTable('DEM8c69')
// Private modes that change the screen or put the cursor home.
const SCREEN_MODES = new Set([3, 6, 47, 1047, 1048, 1049])

const [GROUND, ESCAPE, DESIGNATE, CSI, STRING, STRING_ESCAPE] = [0, 1, 2, 3, 4, 5] as const
type State = typeof GROUND | typeof ESCAPE | typeof DESIGNATE | typeof CSI | typeof STRING | typeof STRING_ESCAPE

/**
 * Follows ECMA-48 through a stream of bytes that are, or may be, UTF-8: ESC, CSI, OSC, DCS, SOS, PM, APC and the C1 controls, as two characters, as
 * UTF-8 or as single bytes. It keeps no text, so sequences may be of any length.
 */
export class SequenceReader {
  code = 0
  motion: Motion = MOTION.none
  count = 0
  /** The byte ended something malformed and has to be given once more. */
  again = false
  #state: State = GROUND
  #left = 0
  #size = 0
  #value = 0
  readonly #parameters = new Uint16Array(MAX_PARAMETERS)
  #count = 0

  /** Another stream begins. */
  restart(): void {
    this.#state = GROUND
    this.#left = 0
  }

  /** Between two characters, outside of sequences or in the text of one. */
  get isBetween(): boolean {
    return this.#left === 0 && (this.#state === GROUND || this.#state === STRING)
  }

  /** In the text of a sequence: a title, a link, a picture. */
  get isInText(): boolean {
    return this.#state === STRING
  }

  get isInside(): boolean {
    return this.#state !== GROUND
  }

  /** Inside a character of several bytes. */
  get isPart(): boolean {
    return this.#left > 0
  }

  step(byte: number): Step {
    this.again = false
    if (this.#left > 0) return this.#continued(byte)
    if (byte < 0x80) return this.#take(byte)
    const size = byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 0
    // A single byte of C1 is malformed UTF-8, and a control to a terminal that does not speak UTF-8.
    if (size === 0) return this.#take(byte < 0xa0 ? byte : MALFORMED)
    this.#size = size
    this.#left = size - 1
    this.#value = byte & (0xff >> (size + 1))
    return STEP.part
  }

  #continued(byte: number): Step {
    if ((byte & 0xc0) !== 0x80) {
      this.#left = 0
      this.again = true
      return this.#take(MALFORMED)
    }
    this.#value = (this.#value << 6) | (byte & 0x3f)
    this.#left -= 1
    if (this.#left > 0) return STEP.part
    const size = this.#value < 0x80 ? 1 : this.#value < 0x800 ? 2 : this.#value < 0x10000 ? 3 : 4
    return this.#take(size === this.#size && this.#value <= 0x10ffff ? this.#value : MALFORMED)
  }

  #take(code: number): Step {
    this.code = code
    switch (this.#state) {
      case GROUND:
        return this.#ground(code)
      case ESCAPE:
        return this.#escape(code)
      case DESIGNATE:
        return code >= 0x20 && code < 0x30 ? STEP.part : this.#ended(MOTION.none)
      case CSI:
        return this.#csi(code)
      case STRING:
        return this.#string(code)
      case STRING_ESCAPE:
        // Only a backslash ends the string; anything else begins a sequence of its own.
        return code === 0x5c ? this.#ended(MOTION.none) : this.#escape(code)
    }
  }

  #ground(code: number): Step {
    if (code === ESC) return this.#begun(ESCAPE)
    if (code >= 0x80 && code < 0xa0) return this.#c1(code)
    return code < 0x20 || code === 0x7f ? STEP.control : STEP.text
  }

  #c1(code: number): Step {
    const state = stateOf(code - 0x40)
    return state === undefined ? STEP.control : this.#begun(state)
  }

  #escape(code: number): Step {
    const state = stateOf(code)
    if (state !== undefined) {
      this.#begun(state)
      return STEP.part
    }
    if (code === ESC) return STEP.part
    if (code >= 0x20 && code < 0x30) {
      this.#state = DESIGNATE
      return STEP.part
    }
    return this.#ended(code < 0x20 || ESC_AWAY[code] === 1 ? MOTION.away : MOTION.none)
  }

  #csi(code: number): Step {
    if (code === ESC) {
      this.#state = ESCAPE
      return STEP.part
    }
    if (code === 0x18 || code === 0x1a || (code >= 0x80 && code < 0xa0)) return this.#ended(MOTION.away)
    if (code >= 0x40 && code < 0x7f) return this.#finished(code)
    if (this.#count < MAX_PARAMETERS) this.#parameters[this.#count++] = code
    return STEP.content
  }

  #string(code: number): Step {
    if (code === ESC) {
      this.#state = STRING_ESCAPE
      return STEP.part
    }
    if (code === BEL || code === ST || code === 0x18 || code === 0x1a) return this.#ended(MOTION.none)
    return STEP.content
  }

  #finished(final: number): Step {
    if (final === 0x68 || final === 0x6c) return this.#ended(this.#isScreen ? MOTION.away : MOTION.none)
    if (STILL[final] === 1) return this.#ended(MOTION.none)
    // With an intermediate or a private mark it is another sequence: styles of the cursor, scrolling.
    const number = this.#number(0, this.#count)
    this.count = Math.min(MAX_COUNT, Math.max(1, number))
    return this.#ended(number < 0 ? MOTION.away : (MOTIONS[String.fromCharCode(final)] ?? MOTION.away))
  }

  /** Whether a private mode is among the parameters that changes the screen. */
  get #isScreen(): boolean {
    if (this.#count === 0 || this.#parameters[0] !== QUESTION) return false
    for (let at = 1, from = 1; at <= this.#count; at++) {
      if (at < this.#count && this.#parameters[at] !== SEMICOLON) continue
      if (SCREEN_MODES.has(this.#number(from, at))) return true
      from = at + 1
    }
    return false
  }

  /** The number that these parameter characters write; 0 without any, -1 where one is no digit. */
  #number(from: number, to: number): number {
    let number = 0
    for (let at = from; at < to; at++) {
      const char = this.#parameters[at] ?? 0
      if (char < ZERO || char > NINE) return -1
      number = number * 10 + char - ZERO
    }
    return number
  }

  #begun(state: State): Step {
    this.#state = state
    this.#count = 0
    return STEP.begin
  }

  #ended(motion: Motion): Step {
    this.#state = GROUND
    this.motion = motion
    return STEP.end
  }
}

/** What the second byte of an escape sequence opens; C1 has the same 64 further up. */
function stateOf(code: number): State | undefined {
  if (code === 0x5b) return CSI
  return code === 0x50 || code === 0x58 || code === 0x5d || code === 0x5e || code === 0x5f ? STRING : undefined
}
