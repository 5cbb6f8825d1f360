import { charTable } from './char-table.ts'

/** Characters in front of a run that tell a card number from the middle of a digest, a phone number or a decimal. */
const LOOK_BACK = 130

const EMPTY = new Uint8Array(0)
/** Digits, with no more between them and the run than one number may have; or enough of them and what begins the rest of a track, or a power of ten. */
const TOUCHES = /[0-9][.-]{0,2}$|^(?:[^0-9]*[0-9]){12,}[dDeE]\+?$/

/** Remembers what stands directly in front of a run, as far as it may belong to the same token. It is read only where somebody asks. */
export class LookBack {
  #past = Buffer.alloc(LOOK_BACK)
  #pastLength = 0
  #chunk: Uint8Array = EMPTY
  #base = 0
  #text: string | undefined = ''
  #at = 0
  #floor = 0

  /** Bytes of the stream, which begin at `base`. */
  begin(chunk: Uint8Array, base: number): void {
    this.#chunk = chunk
    this.#base = base
  }

  /** A run begins at this place; what stands in front of `floor` is no text. */
  from(place: number, floor: number): void {
    this.#at = place
    this.#floor = floor
    this.#text = undefined
  }

  /** What stands in front of it; ASCII. */
  get text(): string {
    this.#text ??= this.#read()
    return this.#text
  }

  /** What stands in front of the run may make a card number, or a track, of its digits and others. */
  get touches(): boolean {
    return this.text !== '' && TOUCHES.test(this.text)
  }

  /** The chunk is read. */
  finish(): void {
    this.#text ??= this.#read()
    const fresh = this.#chunk.subarray(Math.max(0, this.#chunk.length - LOOK_BACK))
    const kept = Math.min(this.#pastLength, LOOK_BACK - fresh.length)
    this.#past.copyWithin(0, this.#pastLength - kept, this.#pastLength)
    this.#past.set(fresh, kept)
    this.#pastLength = kept + fresh.length
    this.#chunk = EMPTY
  }

  #read(): string {
    let text = ''
    const least = Math.max(this.#at - LOOK_BACK, this.#floor) - this.#base
    for (let at = this.#at - this.#base - 1; at >= least; at--) {
      const byte = at >= 0 ? this.#chunk[at] : this.#past[this.#pastLength + at]
      if (byte === undefined || IN_TOKEN[byte] !== 1) break
      text = String.fromCharCode(byte) + text
    }
    return text
  }
}

const IN_TOKEN = charTable('0123456789ABCDEFabcdef+-.')
