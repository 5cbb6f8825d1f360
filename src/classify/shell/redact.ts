import { parse, type Word } from 'unbash'
import type { CommandFacts } from '../../model/action-facts.ts'
import type { RedactedText, ValueToken } from '../../model/redacted.ts'
import { secretsInText, type Found } from './secret-text.ts'
import { asksForPassword, secretsInWords, type Placed } from './secret-words.ts'
import { textFault } from './text-faults.ts'
import { inputsOf, wordsOf } from './tree-words.ts'

/**
 * The line with every value withheld that is a secret by where it stands: behind options and in variables whose names say so, in addresses and
 * headers, and behind options that programs of the table take passwords by. `tag` makes equal values recognisable without giving them away. Card
 * numbers are looked for afterwards, in what is left. A line that cannot be read is withheld as a whole but for its first word.
 */
export function redactLine(text: string, facts: readonly CommandFacts[], tag: (value: string) => string): RedactedText {
  if (textFault(text) !== undefined || isKnot(text)) return afterFirstWord(text, tag)
  return cut(
    text,
    merged([
      ...secretsInText(text),
      ...placed(
        text,
        facts.some(({ program }) => program !== undefined && ASKS.test(program)),
      ),
    ]),
    tag,
  )
}

/** Substitutions in substitutions, each with the text of all within it, take time by their square; and of very many commands the parser makes very much. */
const isKnot = (text: string): boolean =>
  text.split(/[$<>][({]|`/, MAX_SUBSTITUTIONS + 1).length > MAX_SUBSTITUTIONS ||
  text.split(/[;&|\n<>]/, MAX_COMMANDS + 1).length > MAX_COMMANDS
const MAX_SUBSTITUTIONS = 300
const MAX_COMMANDS = 4_000

/** Programs that read a password from their input. */
const ASKS = /^(chpasswd|chgpasswd|passwd|smbpasswd|cryptsetup|kinit|su)$/

function placed(text: string, feeds: boolean): readonly Found[] {
  try {
    return inCommands(text, { depth: 0, feeds })
  } catch {
    return [{ start: 0, end: text.length }]
  }
}

/** Lines stand in words of lines; beyond this depth a word with blanks in it is withheld. */
const MAX_DEPTH = 4

interface Reading {
  readonly depth: number
  /** What is printed may be a password. */
  readonly feeds: boolean
}

function inCommands(text: string, reading: Reading): readonly Found[] {
  const tree = parse(text)
  const commands = wordsOf(tree)
  const all = commands.map((words) => words.map(placedWord))
  const feeds = reading.feeds || asksForPassword(all)
  return [
    ...all.flatMap((words) => secretsInWords(words, feeds)),
    ...(feeds ? inputsOf(tree) : []),
    ...commands.flat().flatMap((word) => inWord(word, { ...reading, feeds })),
  ]
}

const placedWord = ({ value, pos, end, text }: Word): Placed => ({ value, start: pos, end, quoted: text !== value })

/** As long as a card number, in groups or in one piece. */
const LONG_NUMBER = /\d(?:[ .-]?\d){12,18}/g

/** A word may be a line of its own: `bash -c 'mysql -p…'`. */
function inWord({ text, value, pos, end }: Word, reading: Reading): readonly Found[] {
  // A number that quotes or backslashes hold apart would be found by nobody later on.
  if (value.match(LONG_NUMBER)?.every((number) => text.includes(number)) === false) return [{ start: pos, end }]
  if (!/\s/.test(value) || text === value) return []
  if (reading.depth >= MAX_DEPTH) return [{ start: pos, end }]
  const found = [...secretsInText(value), ...inCommands(value, { ...reading, depth: reading.depth + 1 })]
  if (found.length === 0) return []
  const straight = text.length === value.length + 2 && text.slice(1, -1) === value
  return straight ? found.map((one) => ({ start: pos + 1 + one.start, end: pos + 1 + one.end })) : [{ start: pos, end }]
}

/** Overlapping finds as one. */
function merged(found: readonly Found[]): readonly Found[] {
  const sorted = found.filter(({ start, end }) => end > start).toSorted((a, b) => a.start - b.start)
  const result: Found[] = []
  for (const one of sorted) {
    const last = result.at(-1)
    if (last === undefined || one.start >= last.end) result.push(one)
    else result[result.length - 1] = { start: last.start, end: Math.max(last.end, one.end) }
  }
  return result
}

function cut(text: string, found: readonly Found[], tag: (value: string) => string): RedactedText {
  const pieces: (string | ValueToken)[] = []
  let from = 0
  for (const { start, end } of found) {
    if (start > from) pieces.push(text.slice(from, start))
    pieces.push(withheld(text.slice(start, end), tag))
    from = end
  }
  if (from < text.length) pieces.push(text.slice(from))
  return pieces
}

const withheld = (value: string, tag: (value: string) => string): ValueToken => ({
  withheld: 'text',
  bytes: new TextEncoder().encode(value).length,
  tag: tag(value),
})

function afterFirstWord(text: string, tag: (value: string) => string): RedactedText {
  const first = /^[\w./-]{1,40}(?=\s)/.exec(text)?.[0] ?? ''
  return cut(text, merged([{ start: first.length, end: text.length }]), tag)
}
