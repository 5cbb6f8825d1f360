import { MAX_DIGITS, MIN_DIGITS, lengthsOf } from './brands.ts'

/** What a digit adds to Luhn's sum at every second place. */
export const DOUBLED: Uint8Array = Uint8Array.of(0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
/** Digits of the longest prefix that issuers are told by. */
const PREFIX = 6
const NONE: Int32Array = new Int32Array(0)
const LEAST_ROOM = 64

function widened(row: Int32Array, room: number): Int32Array {
  const wide = new Int32Array(room + 1)
  wide.set(row)
  return wide
}

/**
 * The digits of a run in the order in which they stand, in groups that touch. Sums are kept up to each digit, so that Luhn's of any stretch is one subtraction:
 * asking for every number that may begin at every digit takes time linear in their count.
 */
export class DigitRow {
  count = 0
  #room = 0
  #values = NONE
  /** Luhn's sum of all digits in front of each, once with those at even places doubled and once with the others; worked out up to `summed` digits. */
  #evens = NONE
  #odds = NONE
  #summed = 0
  /** First digit of the group that each belongs to. */
  #groups = NONE
  /** Behind the last digit of a group, and its leading zeros, at the place of the group's first digit. */
  #closes = NONE
  #zeros = NONE

  clear(): void {
    this.cut(0)
  }

  /** Forgets all digits but the first so many. A group that is cut in its middle ends there. */
  cut(count: number): void {
    this.count = count
    if (this.#summed > count) this.#summed = count
    if (count === 0) return
    const group = this.#groups[count - 1] ?? 0
    this.#closes[group] = count
    this.#zeros[group] = Math.min(this.#zeros[group] ?? 0, count - group)
  }

  /** One more digit; `opens` where it does not touch the one before it. */
  add(value: number, opens: boolean): void {
    const at = this.count
    if (at === this.#room) this.#widen()
    const group = opens || at === 0 ? at : (this.#groups[at - 1] ?? 0)
    this.#values[at] = value
    this.#groups[at] = group
    this.#closes[group] = at + 1
    if (group === at) this.#zeros[at] = value === 0 ? 1 : 0
    else if (value === 0 && this.#zeros[group] === at - group) this.#zeros[group] = at - group + 1
    this.count = at + 1
  }

  #widen(): void {
    this.#room = Math.max(LEAST_ROOM, 2 * this.#room)
    this.#values = widened(this.#values, this.#room)
    this.#evens = widened(this.#evens, this.#room)
    this.#odds = widened(this.#odds, this.#room)
    this.#groups = widened(this.#groups, this.#room)
    this.#closes = widened(this.#closes, this.#room)
    this.#zeros = widened(this.#zeros, this.#room)
  }

  /** Another digit in the place of one; the groups stay. */
  replace(at: number, value: number): void {
    const group = this.groupOf(at)
    this.#values[at] = value
    if (this.#summed > at) this.#summed = at
    let zeros = 0
    while (group + zeros < this.closeOf(group) && this.#values[group + zeros] === 0) zeros += 1
    this.#zeros[group] = zeros
  }

  value(at: number): number {
    return at < this.count ? (this.#values[at] ?? 0) : 0
  }

  /** First digit of the group that a digit belongs to. */
  groupOf(at: number): number {
    return this.#groups[at] ?? 0
  }

  /** Index behind the last digit of the group that a digit belongs to. */
  closeOf(at: number): number {
    return this.#closes[this.#groups[at] ?? 0] ?? 0
  }

  /** Zeros that the group of this first digit begins with. */
  zerosOf(group: number): number {
    return this.#zeros[group] ?? 0
  }

  /** Whether a group ends in front of this place. */
  closesAt(end: number): boolean {
    return end === this.count || (end < this.count && this.#groups[end] === end)
  }

  /** Bit n is set where a number that begins here may have MIN_DIGITS + n digits. */
  lengthsAt(first: number): number {
    let prefix = 0
    for (let at = first; at < first + PREFIX; at++) prefix = prefix * 10 + this.value(at)
    return lengthsOf(prefix)
  }

  /** The checksum of ISO/IEC 7812 over `length` digits from `first` on. */
  passesLuhn(first: number, length: number): boolean {
    if (this.#summed < first + length) this.#sum()
    const sums = ((first + length) & 1) === 0 ? this.#evens : this.#odds
    return ((sums[first + length] ?? 0) - (sums[first] ?? 0)) % 10 === 0
  }

  #sum(): void {
    for (let at = this.#summed; at < this.count; at++) {
      const value = this.#values[at] ?? 0
      const doubled = DOUBLED[value] ?? 0
      const isOdd = (at & 1) === 1
      this.#evens[at + 1] = (this.#evens[at] ?? 0) + (isOdd ? value : doubled)
      this.#odds[at + 1] = (this.#odds[at] ?? 0) + (isOdd ? doubled : value)
    }
    this.#summed = this.count
  }

  /** Issuer prefix, a length of that issuer, and Luhn. */
  fits(first: number, length: number): boolean {
    return isIn(this.lengthsAt(first), length) && this.passesLuhn(first, length)
  }

  /** Whether there is any card number among the digits. */
  get holdsAny(): boolean {
    for (let open = 0; open < this.count; open = this.closeOf(open)) if (this.#holdsAt(open)) return true
    return false
  }

  #holdsAt(open: number): boolean {
    const first = this.firstOf(open)
    if (this.closeOf(open) - open > MAX_DIGITS) return this.longHolds(first, this.closeOf(open))
    const lengths = this.count - first < MIN_DIGITS ? 0 : this.lengthsAt(first)
    if (lengths === 0) return false
    for (let end = first + MIN_DIGITS; end <= first + MAX_DIGITS && end <= this.count; end++)
      if (isIn(lengths, end - first) && this.closesAt(end) && this.passesLuhn(first, end - first)) return true
    return false
  }

  /** The digit of a group that a number may begin with: zeros in front of it do not count, but for the last digit. */
  firstOf(open: number): number {
    return Math.min(open + this.zerosOf(open), this.closeOf(open) - 1)
  }

  /** Whether a long group begins or ends with a card number (track data, concatenated numbers), or spells one in hex. */
  longHolds(first: number, end: number): boolean {
    const lengths = this.lengthsAt(first)
    for (let length = MIN_DIGITS; length <= MAX_DIGITS; length++) {
      if (isIn(lengths, length) && first + length <= end && this.passesLuhn(first, length)) return true
      if (this.passesLuhn(end - length, length) && isIn(this.lengthsAt(end - length), length)) return true
    }
    return this.#spellsInHex(first, end)
  }

  /** Card numbers written as the hex of their ASCII: every other digit is a 3. */
  #spellsInHex(first: number, end: number): boolean {
    const length = (end - first) / 2
    if (length < MIN_DIGITS || length > MAX_DIGITS || !Number.isInteger(length)) return false
    for (let at = first; at < end; at += 2) if (this.value(at) !== 3) return false
    const spelt = new DigitRow()
    for (let at = first + 1; at < end; at += 2) spelt.add(this.value(at), false)
    return spelt.fits(0, length)
  }
}

/** Whether lengths, as bits, have this one among them. */
export const isIn = (lengths: number, length: number): boolean => (lengths & (1 << (length - MIN_DIGITS))) !== 0
