import { OTHER, SEPARATOR, kindOf } from './digits.ts'
import { findPans, type PanHit } from './pan.ts'
import { showsBin } from './scrub.ts'
import type { Cell, Span } from './terminal-run.ts'
import type { Edit } from './terminal-hold.ts'

/** What hides the card numbers of a stretch of a line. */
export interface Judged {
  readonly edits: readonly Edit[]
  readonly found: number
}

interface Stretch {
  /** Text in front of the cells that tells a card number from its lookalikes; ASCII. */
  readonly before: string
  readonly cells: readonly Cell[]
  /** Place in the stream up to which bytes have left. */
  readonly sent: number
}

/** Whether the cells hold a card number as they stand. */
export const holdsPan = ({ before, cells }: Omit<Stretch, 'sent'>): boolean =>
  findPans(before + textOf(cells)).some(({ end }) => end > before.length)

/**
 * Finds card numbers in what is shown, and hides their digits in what has not left yet. BIN and last four stay; where more than the BIN has left already, or the number is
 * too short for its BIN to be told beside them, the last four go as well.
 */
export function judge({ before, cells, sent }: Stretch): Judged {
  const hits = findPans(before + textOf(cells)).filter(({ end }) => end > before.length)
  if (hits.length === 0) return { edits: [], found: 0 }
  const starts = startsOf(cells, before.length)
  const hidden = new Set<Cell>()
  let found = 0
  for (const hit of hits) {
    const within = cells.filter((_, at) => (starts[at] ?? 0) >= hit.start && (starts[at] ?? 0) < hit.end)
    const fresh = hiddenOf(hit, within, sent).filter(({ spans }) => spans.some((span) => span.at >= sent))
    if (fresh.length > 0) found += 1
    for (const cell of fresh) hidden.add(cell)
  }
  return { edits: editsOf(cells, hidden, sent), found }
}

const textOf = (cells: readonly Cell[]): string => cells.map(({ code }) => String.fromCodePoint(code)).join('')

function startsOf(cells: readonly Cell[], from: number): readonly number[] {
  let at = from
  return cells.map(({ code }) => {
    const start = at
    at += code > 0xffff ? 2 : 1
    return start
  })
}

function hiddenOf(hit: PanHit, within: readonly Cell[], sent: number): readonly Cell[] {
  if (hit.kind === 'track') return within.filter(({ code }) => /[\p{L}\p{N}]/u.test(String.fromCodePoint(code)))
  const digits = within.filter(({ code }) => isDigit(code))
  if (hit.kind === 'several') return digits
  const head = showsBin(hit.digits) ? 6 : 0
  const middle = digits.slice(head, -4)
  const hasLeft = ({ spans }: Cell): boolean => spans.some(({ at }) => at < sent)
  return middle.some(hasLeft) ? digits.slice(head) : middle
}

/** Whether a character is a digit of any script. */
export function isDigit(code: number): boolean {
  const kind = kindOf(code)
  return kind !== OTHER && kind !== SEPARATOR
}

/** Every span of a hidden cell; one that made several cells is spelled out. */
function editsOf(cells: readonly Cell[], hidden: ReadonlySet<Cell>, sent: number): readonly Edit[] {
  const texts = new Map<Span, { text: string; isHidden: boolean }>()
  for (const cell of cells) {
    const shown = hidden.has(cell) ? starFor(cell.code) : String.fromCodePoint(cell.code)
    for (const span of cell.spans) {
      if (span.at < sent) continue
      const known = texts.get(span)
      texts.set(span, { text: (known?.text ?? '') + shown, isHidden: hidden.has(cell) || known?.isHidden === true })
    }
  }
  return [...texts].filter(([, { isHidden }]) => isHidden).map(([{ at, length }, { text }]) => ({ at, length, text }))
}

/** As wide as the digit was: those of the full-width block take two columns. */
const starFor = (code: number): string => (code >= 0xff10 && code <= 0xff19 ? '＊' : '*')
