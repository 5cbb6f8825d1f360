/** What a person did at the keyboard, as far as bytes tell. */
export type Key =
  /** One character that was typed. */
  | { readonly kind: 'text'; readonly text: string }
  /** A key by its name: `enter`, `left`, `ctrl-a`, `alt-b`, `ctrl-left`, `delete`. */
  | { readonly kind: 'press'; readonly name: string }
  /** One character that is meant as it is, whatever it is: Ctrl-V was pressed before it. */
  | { readonly kind: 'literal'; readonly text: string }
  /** Pasted text; line ends are `\n`, bytes that are no UTF-8 are U+FFFD. `cut` where it was longer than may be taken. */
  | { readonly kind: 'paste'; readonly text: string; readonly cut: boolean }

/** Longest control sequence of a real terminal is some twenty bytes. */
const MAX_SEQUENCE = 64
/** Answers of terminals (OSC, DCS) are longer; whatever is longer still is no answer. */
const MAX_STRING = 4096
/** Longest paste, in bytes. It must fit with its surroundings into one argument of a program (128 KiB on Linux). */
export const MAX_PASTE = 32_768

const ESC = 0x1b
const CTRL_V = 0x16
const PASTE_END = Buffer.from('\x1b[201~', 'latin1')
/** A sequence that means nothing here: a terminal's answer, a mouse, a key without a duty. */
const NOISE: Key = { kind: 'press', name: 'noise' }
const EMPTY = Buffer.alloc(0)

/**
 * Bytes of a terminal to keys. How the bytes are cut into chunks changes nothing. A lone escape waits for the key that it belongs to.
 *
 * Where a paste ends is told by bytes that the pasted text may hold as well, so its end is believed only once nothing has followed for a while: until
 * `settle` is called, everything behind an end marker still counts as pasted.
 */
export class KeyReader {
  #waiting: Buffer = EMPTY
  #mode: 'keys' | 'paste' | 'after-paste' = 'keys'
  #pasted: Buffer[] = []
  #pastedBytes = 0
  #afterReturn = false
  #literal = false

  /** The keys that these bytes make, with those that waited for them. */
  push(chunk: Buffer): readonly Key[] {
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk])
    const keys: Key[] = []
    for (let key = this.#next(); key !== undefined; key = this.#next()) if (key !== NOISE) keys.push(key)
    return keys
  }

  /** Whether the end of a paste is still to be believed, by a call of `settle` after a moment of silence. */
  get unsettled(): boolean {
    return this.#mode === 'after-paste'
  }

  /** Nothing came for a while: what comes from now on is typed. Bytes of an unfinished character are given up. */
  settle(): Key | undefined {
    if (this.#mode !== 'after-paste') return undefined
    this.#mode = 'keys'
    if (this.#waiting.length === 0) return undefined
    this.#waiting = EMPTY
    return { kind: 'paste', text: '\ufffd', cut: false }
  }

  /** The next key; undefined where more bytes are needed. */
  #next(): Key | undefined {
    if (this.#mode === 'paste') return this.#paste()
    if (this.#mode === 'after-paste') return this.#afterPaste()
    const first = this.#waiting[0]
    if (first === undefined) return undefined
    if (this.#literal) return this.#nextLiteral(first)
    const afterReturn = this.#afterReturn
    this.#afterReturn = first === 0x0d
    // A carriage return and a line feed in one are one press of Enter.
    if (first === 0x0a && afterReturn) return this.#took(1, NOISE)
    if (first === ESC) return this.#escape()
    if (first < 0x20 || first === 0x7f) return this.#control(first)
    return this.#character()
  }

  #control(byte: number): Key {
    this.#literal = byte === CTRL_V
    return this.#took(1, this.#literal ? NOISE : press(controlName(byte)))
  }

  #nextLiteral(first: number): Key | undefined {
    const key = first < 0x80 ? this.#took(1, { kind: 'text', text: String.fromCharCode(first) }) : this.#character()
    if (key === undefined) return undefined
    this.#literal = false
    return key.kind === 'text' ? { kind: 'literal', text: key.text } : key
  }

  #took(bytes: number, key: Key): Key {
    this.#waiting = this.#waiting.subarray(bytes)
    return key
  }

  #character(): Key | undefined {
    const length = sequenceLength(this.#waiting)
    if (length === 'more') return undefined
    if (length === 'bad') return this.#took(1, NOISE)
    const text = this.#waiting.toString('utf8', 0, length)
    return this.#took(length, isC1(text) ? NOISE : { kind: 'text', text })
  }

  #escape(): Key | undefined {
    const second = this.#waiting[1]
    switch (second) {
      case undefined:
        return undefined
      case ESC:
        return this.#took(1, NOISE)
      case 0x5b: // [
        return this.#controlSequence()
      case 0x4f: // O
        return this.#single()
      case 0x50: // P
      case 0x58: // X
      case 0x5d: // ]
      case 0x5e: // ^
      case 0x5f: // _
        return this.#string()
      default:
        return hasAlt(second) ? this.#took(2, press(altName(second))) : this.#took(1, NOISE)
    }
  }

  /** SS3: `ESC O`, and one byte. */
  #single(): Key | undefined {
    const final = this.#waiting[2]
    if (final === undefined) return undefined
    if (final < 0x20 || final > 0x7e) return this.#took(2, NOISE)
    return this.#took(3, named(FINALS[String.fromCharCode(final)]))
  }

  /** CSI of ECMA-48, 5.4: parameters, intermediates, one final byte. Anything else breaks it off, and counts for itself. */
  #controlSequence(): Key | undefined {
    for (let at = 2; at < this.#waiting.length; at += 1) {
      const byte = this.#waiting[at] ?? 0
      if (byte >= 0x40 && byte <= 0x7e) return this.#finished(at)
      if (byte < 0x20 || byte > 0x7e) return this.#took(at, NOISE)
      if (at >= MAX_SEQUENCE) return this.#took(at, NOISE)
    }
    return undefined
  }

  #finished(at: number): Key | undefined {
    const sequence = this.#waiting.toString('latin1', 2, at + 1)
    // The Linux console's function keys, and a mouse in its oldest form, go on behind what looks like their end.
    const more = sequence === '[' ? 1 : sequence === 'M' ? 3 : 0
    if (this.#waiting.length < at + 1 + more) return undefined
    if (sequence !== '200~') return this.#took(at + 1 + more, named(nameOf(sequence)))
    this.#took(at + 1, NOISE)
    this.#mode = 'paste'
    this.#afterReturn = false
    return this.#paste()
  }

  /** A terminal's answer: to BEL, ST or, so that nobody is locked out, to the next control character, which is dropped with it. */
  #string(): Key | undefined {
    for (let at = 2; at < this.#waiting.length; at += 1) {
      const byte = this.#waiting[at] ?? 0
      if (byte === 0x03) return this.#took(at, NOISE)
      if (byte === ESC) return this.#stringEnd(at)
      if (byte < 0x20 || at >= MAX_STRING) return this.#took(at + 1, NOISE)
    }
    return undefined
  }

  #stringEnd(at: number): Key | undefined {
    const last = this.#waiting[at + 1]
    if (last === undefined) return undefined
    return this.#took(last === 0x5c ? at + 2 : at, NOISE)
  }

  #paste(): Key | undefined {
    const end = this.#waiting.indexOf(PASTE_END)
    if (end < 0) {
      // What may be the beginning of the end marker stays.
      this.#keep(Math.max(0, this.#waiting.length - PASTE_END.length + 1))
      return undefined
    }
    this.#keep(end)
    this.#took(PASTE_END.length, NOISE)
    const key = pasteOf(Buffer.concat(this.#pasted), this.#pastedBytes > MAX_PASTE)
    this.#pasted = []
    this.#pastedBytes = 0
    this.#mode = 'after-paste'
    return key
  }

  #keep(bytes: number): void {
    if (bytes === 0) return
    if (this.#pastedBytes + bytes <= MAX_PASTE) this.#pasted.push(Buffer.from(this.#waiting.subarray(0, bytes)))
    this.#pastedBytes = Math.min(this.#pastedBytes + bytes, MAX_PASTE + 1)
    this.#waiting = this.#waiting.subarray(bytes)
  }

  /** Character by character, so that no cut through one can change what it is. */
  #afterPaste(): Key | undefined {
    if (this.#waiting.length === 0) return undefined
    const length = sequenceLength(this.#waiting)
    if (length === 'more') return undefined
    const text = length === 'bad' ? '\ufffd' : this.#waiting.toString('utf8', 0, length)
    const previousReturn = this.#afterReturn
    this.#afterReturn = text === '\r'
    const second = text === '\n' && previousReturn
    return this.#took(
      length === 'bad' ? 1 : length,
      second ? NOISE : { kind: 'paste', text: unified(text), cut: false },
    )
  }
}

const press = (name: string): Key => ({ kind: 'press', name })
const named = (name: string | undefined): Key => (name === undefined ? NOISE : press(name))

const pasteOf = (bytes: Buffer, cut: boolean): Key => ({
  kind: 'paste',
  text: cut ? '' : unified(bytes.toString('utf8')),
  cut,
})

const unified = (text: string): string => text.replaceAll(/\r\n?/g, '\n')

const isC1 = (text: string): boolean => text >= '\u0080' && text <= '\u009f'

const CONTROL_NAMES: Readonly<Record<number, string>> = {
  0x08: 'backspace',
  0x09: 'tab',
  0x0d: 'enter',
  0x7f: 'backspace',
}

const controlName = (byte: number): string =>
  CONTROL_NAMES[byte] ?? `ctrl-${String.fromCharCode(byte + 0x40).toLowerCase()}`

/** An escape before any other key is dropped: whoever pressed Escape and then Ctrl-C wants out. */
const hasAlt = (byte: number): boolean => (byte >= 0x20 && byte <= 0x7f) || byte === 0x08 || byte === 0x0d

const altName = (byte: number): string => `alt-${CONTROL_NAMES[byte] ?? String.fromCharCode(byte).toLowerCase()}`

/** Last byte of a sequence that names its key. */
const FINALS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  M: 'enter',
}
/** First number of a sequence that ends in `~`. */
const TILDES: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
}
/** Second number: one and the sum of shift 1, alt 2, control 4, meta 8. Shift alone changes nothing here. */
const MODIFIERS: Readonly<Record<string, string>> = {
  3: 'alt-',
  4: 'alt-',
  5: 'ctrl-',
  6: 'ctrl-',
  7: 'ctrl-',
  8: 'ctrl-',
}

const SHAPE = /^(\d*)(?:;(\d+))?([A-DFH~])$/

function nameOf(sequence: string): string | undefined {
  const shape = SHAPE.exec(sequence)
  if (shape === null) return undefined
  const [, number = '', modifier = '', final = ''] = shape
  const key = final === '~' ? TILDES[number] : FINALS[final]
  return key === undefined ? undefined : `${MODIFIERS[modifier] ?? ''}${key}`
}

/** Length in bytes of the UTF-8 character that stands first (RFC 3629, 4). */
function sequenceLength(bytes: Buffer): number | 'more' | 'bad' {
  const first = bytes[0] ?? 0
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length === 0) return 'bad'
  for (let at = 1; at < length; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) return 'more'
    if ((byte & 0xc0) !== 0x80) return 'bad'
    if (at === 1 && isOutside(first, byte)) return 'bad'
  }
  return length
}

/** Overlong forms, surrogates, and what is beyond U+10FFFF. */
const isOutside = (first: number, second: number): boolean =>
  (first === 0xe0 && second < 0xa0) ||
  (first === 0xed && second > 0x9f) ||
  (first === 0xf0 && second < 0x90) ||
  (first === 0xf4 && second > 0x8f)
