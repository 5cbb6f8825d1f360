import type { IBufferCell, IBufferLine } from '@xterm/headless'

/** A stretch of one line in one style: letters for what it looks like, `f` and `g` with a number from 0 to 15 for its colours. */
export type Piece = readonly [text: string, style: string]
/** One line of a screen, without blanks at its end. */
export type ScreenLine = readonly Piece[]

/** Marks on one character that are shown. */
const MOST_MARKS = 2
// What would move, hide or reorder something: controls, formats, separators, private and unassigned characters, halves of pairs. A blank is a blank.
const NOT_SHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Co}\p{Cn}\p{Cs}\u115f\u1160\u2800\u3164\uffa0]/u
const MARK = /^\p{M}$/u
const PLAIN = ''

/** What a cell shows, as text that does nothing but stand there; exactly as many columns wide. */
export function inertText(chars: string, width: number): string {
  const [base = ' ', ...more] = Array.from(chars.slice(0, 32))
  if (base === ' ') return ' '
  const isShown = !NOT_SHOWN.test(base) && !MARK.test(base)
  if (!isShown) return base === '\u00a0' ? ' ' : '\ufffd'.padEnd(width)
  return (
    base +
    more
      .filter((char) => MARK.test(char))
      .slice(0, MOST_MARKS)
      .join('')
  )
}

/** A line of the emulator as pieces. */
export function piecesOf(line: IBufferLine, columns: number, cell: IBufferCell): ScreenLine {
  const pieces: [string, string][] = []
  for (let at = 0; at < columns; at++) {
    const here = line.getCell(at, cell)
    if (here === undefined) break
    const width = here.getWidth()
    if (width === 0) continue
    const text = inertText(here.getChars(), width)
    const style = styleOf(here)
    const last = pieces.at(-1)
    if (last?.[1] === style) last[0] += text
    else pieces.push([text, style])
  }
  return trimmed(pieces)
}

function trimmed(pieces: readonly [string, string][]): ScreenLine {
  const last = pieces.at(-1)
  if (last?.[1] !== PLAIN) return pieces
  const text = last[0].replace(/ +$/u, '')
  return text === '' ? pieces.slice(0, -1) : [...pieces.slice(0, -1), [text, PLAIN]]
}

/** What a line says, whatever it looks like. */
export const lineText = (line: ScreenLine): string => line.map(([text]) => text).join('')

function styleOf(cell: IBufferCell): string {
  if (cell.isAttributeDefault()) return PLAIN
  const style: string[] = []
  if (cell.isBold() !== 0) style.push('b')
  if (cell.isDim() !== 0) style.push('d')
  if (cell.isItalic() !== 0) style.push('i')
  if (cell.isUnderline() !== 0) style.push('u')
  if (cell.isInverse() !== 0) style.push('v')
  if (cell.isStrikethrough() !== 0) style.push('x')
  const front = cell.isFgDefault() ? undefined : basicColour(cell.getFgColor(), cell.isFgRGB())
  const back = cell.isBgDefault() ? undefined : basicColour(cell.getBgColor(), cell.isBgRGB())
  if (front !== undefined) style.push(`f${front}`)
  if (back !== undefined) style.push(`g${back}`)
  // Text in its own background's colour, or told to be invisible, was on the screen: whoever looks shall see that it was.
  if (cell.isInvisible() !== 0 || (front !== undefined && front === back)) style.push('h')
  return style.join(' ')
}

const BASIC: readonly (readonly [number, number, number])[] = [
  ...([
    [0, 0, 0],
    [170, 0, 0],
    [0, 170, 0],
    [170, 85, 0],
    [0, 0, 170],
    [170, 0, 170],
    [0, 170, 170],
    [170, 170, 170],
  ] as const),
  ...([
    [85, 85, 85],
    [255, 85, 85],
    [85, 255, 85],
    [255, 255, 85],
    [85, 85, 255],
    [255, 85, 255],
    [85, 255, 255],
    [255, 255, 255],
  ] as const),
]

/** The nearest of the sixteen colours that every screen of ours knows. */
export function basicColour(colour: number, isRgb: boolean): number {
  if (!isRgb && colour < 16) return colour
  const [red, green, blue] = isRgb ? [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255] : paletteOf(colour)
  let [nearest, least] = [7, Infinity]
  BASIC.forEach(([r, g, b], index) => {
    const distance = (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2
    if (distance < least) [nearest, least] = [index, distance]
  })
  return nearest
}

/** The 6x6x6 cube and the greys behind it. */
function paletteOf(colour: number): readonly [number, number, number] {
  if (colour >= 232) {
    const grey = 8 + (colour - 232) * 10
    return [grey, grey, grey]
  }
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40)
  const cube = colour - 16
  return [level(Math.floor(cube / 36) % 6), level(Math.floor(cube / 6) % 6), level(cube % 6)]
}
