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
export type Motion = 'none' | 'away' | 'forward' | 'back' | 'repeat'

const ESC = 0x1b
const BEL = 0x07
const ST = 0x9c
const MALFORMED = 0xfffd
/** Most cells that one sequence moves or repeats; more is beyond any number. */
const MAX_COUNT = 4096

// Finals of CSI that leave the cursor where it is: colours, modes, erasing, inserting and deleting in place, reports, styles.
const STILL = new Set(Array.from('@JKPXcghlmnpqtxyz', (char) => char.charCodeAt(0)))
const MOTIONS: Readonly<Record<string, Motion>> = { C: 'forward', a: 'forward', D: 'back', j: 'back', b: 'repeat' }
// Finals of ESC that do: IND, NEL, RI, restore, reset, and back and forward index.
const ESC_AWAY = new Set(Array.from('DEM8c69', (char) => char.charCodeAt(0)))
// Private modes that change the screen or put the cursor home.
const SCREEN_MODES = /(?:^|;)(?:3|6|47|1047|1048|1049)(?:;|$)/

/**
 * Follows ECMA-48 through a stream of bytes that are, or may be, UTF-8: ESC, CSI, OSC, DCS, SOS, PM, APC and the C1 controls, as two characters, as
 * UTF-8 or as single bytes. It keeps no text, so sequences may be of any length.
 */
export class SequenceReader {
  code = 0
  motion: Motion = 'none'
  count = 0
  /** The byte ended something malformed and has to be given once more. */
  again = false
  #state: 'ground' | 'escape' | 'designate' | 'csi' | 'string' | 'string-escape' = 'ground'
  #left = 0
  #size = 0
  #value = 0
  #parameters = ''

  /** Between two characters, outside of sequences or in the text of one. */
  get isBetween(): boolean {
    return this.#left === 0 && (this.#state === 'ground' || this.#state === 'string')
  }

  /** In the text of a sequence: a title, a link, a picture. */
  get isInText(): boolean {
    return this.#state === 'string'
  }

  get isInside(): boolean {
    return this.#state !== 'ground'
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
      case 'ground':
        return this.#ground(code)
      case 'escape':
        return this.#escape(code)
      case 'designate':
        return code >= 0x20 && code < 0x30 ? STEP.part : this.#ended('none')
      case 'csi':
        return this.#csi(code)
      case 'string':
        return this.#string(code)
      case 'string-escape':
        // Only a backslash ends the string; anything else begins a sequence of its own.
        return code === 0x5c ? this.#ended('none') : this.#escape(code)
    }
  }

  #ground(code: number): Step {
    if (code === ESC) return this.#begun('escape')
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
      this.#state = 'designate'
      return STEP.part
    }
    return this.#ended(code < 0x20 || ESC_AWAY.has(code) ? 'away' : 'none')
  }

  #csi(code: number): Step {
    if (code === ESC) {
      this.#state = 'escape'
      return STEP.part
    }
    if (code === 0x18 || code === 0x1a || (code >= 0x80 && code < 0xa0)) return this.#ended('away')
    if (code >= 0x40 && code < 0x7f) return this.#finished(code)
    if (this.#parameters.length < 40) this.#parameters += String.fromCharCode(code)
    return STEP.content
  }

  #string(code: number): Step {
    if (code === ESC) {
      this.#state = 'string-escape'
      return STEP.part
    }
    if (code === BEL || code === ST || code === 0x18 || code === 0x1a) return this.#ended('none')
    return STEP.content
  }

  #finished(final: number): Step {
    const parameters = this.#parameters
    if (final === 0x68 || final === 0x6c) {
      const isScreen = parameters.startsWith('?') && SCREEN_MODES.test(parameters.slice(1))
      return this.#ended(isScreen ? 'away' : 'none')
    }
    if (STILL.has(final)) return this.#ended('none')
    // With an intermediate or a private mark it is another sequence: styles of the cursor, scrolling.
    const motion = /^\d*$/.test(parameters) ? MOTIONS[String.fromCharCode(final)] : undefined
    this.count = Math.min(MAX_COUNT, Math.max(1, Number(parameters)))
    return this.#ended(motion ?? 'away')
  }

  #begun(state: 'escape' | 'csi' | 'string'): Step {
    this.#state = state
    this.#parameters = ''
    return STEP.begin
  }

  #ended(motion: Motion): Step {
    this.#state = 'ground'
    this.motion = motion
    return STEP.end
  }
}

/** What the second byte of an escape sequence opens; C1 has the same 64 further up. */
function stateOf(code: number): 'csi' | 'string' | undefined {
  if (code === 0x5b) return 'csi'
  return code === 0x50 || code === 0x58 || code === 0x5d || code === 0x5e || code === 0x5f ? 'string' : undefined
}
