import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { findPans, type PanHit } from './pan.ts'
import { showsBin } from './scrub.ts'
import { MIN_DIGITS } from './brands.ts'
import { MAX_GAP } from './runs.ts'
import { Cells } from './terminal-cells.ts'
import type { Edit } from './terminal-hold.ts'

/** What hides the card numbers of a stretch of a line. */
export interface Judged {
  readonly edits: readonly Edit[]
  readonly found: number
}

interface Stretch {
  /** Text in front of the cells that tells a card number from its lookalikes; ASCII. */
  readonly before: string
  readonly cells: Cells
  /** Place in the stream up to which bytes have left. */
  readonly sent: number
}

export const NOT_JUDGED: Judged = { edits: [], found: 0 }

/** Whether the cells hold a card number as they stand. */
export const holdsPan = ({ before, cells }: Omit<Stretch, 'sent'>): boolean =>
  findPans(before + cells.text).some(({ end }) => end > before.length)

/**
 * Finds card numbers in what is shown, and hides their digits in what has not left yet. BIN and last four stay; where more than the BIN has left already, or the number is
 * too short for its BIN to be told beside them, the last four go as well.
 */
export function judge({ before, cells, sent }: Stretch): Judged {
  const hits = findPans(before + cells.text)
  const hidden: number[] = []
  let [found, cell, at] = [0, 0, before.length]
  for (const hit of hits) {
    const within: number[] = []
    for (; cell < cells.count && at < hit.end; cell++) {
      if (at >= hit.start) within.push(cell)
      at += cells.codeAt(cell) > 0xffff ? 2 : 1
    }
    const fresh = hiddenOf(hit, within, { before, cells, sent }).filter((one) => cells.lastOf(one) >= sent)
    if (fresh.length > 0) found += 1
    hidden.push(...fresh)
  }
  if (found === 0) return NOT_JUDGED
  return { edits: cells.isPlain ? plainEdits(cells, hidden) : editsOf(cells, new Set(hidden), sent), found }
}

function hiddenOf(hit: PanHit, within: readonly number[], { cells, sent }: Stretch): readonly number[] {
  if (hit.kind === 'track')
    return within.filter((cell) => LETTER_OR_NUMBER.test(String.fromCodePoint(cells.codeAt(cell))))
  const digits = within.filter((cell) => isDigit(cells.codeAt(cell)))
  if (hit.kind === 'several') return digits
  const head = showsBin(hit.digits) ? 6 : 0
  const middle = digits.slice(head, -4)
  return middle.some((cell) => cells.startOf(cell) < sent) ? digits.slice(head) : middle
}

const LETTER_OR_NUMBER = /[\p{L}\p{N}]/u

/** Whether a character is a digit of any script. */
export function isDigit(code: number): boolean {
  const kind = kindOf(code)
  return kind !== OTHER && kind !== SEPARATOR
}

/** Where each cell has its own bytes, those that touch become one edit. */
function plainEdits(cells: Cells, hidden: readonly number[]): readonly Edit[] {
  const edits: Edit[] = []
  let [at, length, text] = [0, 0, '']
  for (const cell of hidden) {
    const start = cells.startOf(cell)
    if (at + length !== start) {
      if (length > 0) edits.push({ at, length, text })
      ;[at, length, text] = [start, 0, '']
    }
    length += cells.lengthOf(cell)
    text += starFor(cells.codeAt(cell))
  }
  if (length > 0) edits.push({ at, length, text })
  return edits
}

/** Every span of a hidden cell; one that made several cells is spelled out. */
function editsOf(cells: Cells, hidden: ReadonlySet<number>, sent: number): readonly Edit[] {
  const texts = new Map<number, { length: number; text: string; isHidden: boolean }>()
  for (let cell = 0; cell < cells.count; cell++) {
    const code = cells.codeAt(cell)
    const shown = hidden.has(cell) ? starFor(code) : String.fromCodePoint(code)
    for (const { at, length } of cells.spansOf(cell)) {
      if (at < sent) continue
      const known = texts.get(at)
      const text = (known?.text ?? '') + shown
      texts.set(at, { length, text, isHidden: hidden.has(cell) || known?.isHidden === true })
    }
  }
  return [...texts]
    .filter(([, { isHidden }]) => isHidden)
    .map(([at, { length, text }]) => ({ at, length, text: text + text.slice(-1).repeat(cells.moreOf(at)) }))
    .sort((one, other) => one.at - other.at)
}

/** As wide as the digit was: those of the full-width block take two columns. */
const starFor = (code: number): string => (code >= 0xff10 && code <= 0xff19 ? '＊' : '*')

/** The same over bytes by themselves, each taken for a character, which begin at a place in the stream. */
export function judgeBytes(bytes: Uint8Array, from: number): Judged {
  if (bytes.length <= MIN_DIGITS || !hasDigits(bytes)) return NOT_JUDGED
  const cells = new Cells()
  bytes.forEach((byte, at) => cells.append(byte, from + at, 1))
  return judge({ before: '', cells, sent: from })
}

/** Whether enough digits for a card number stand in a row. */
function hasDigits(bytes: Uint8Array): boolean {
  let [digits, gap] = [0, 0]
  for (const byte of bytes) {
    const kind = kindOf(byte)
    gap = kind === SEPARATOR ? gap + 1 : 0
    if (kind === OTHER || gap > MAX_GAP) digits = 0
    else if (gap === 0) digits += 1
    if (digits === MIN_DIGITS) return true
  }
  return false
}
