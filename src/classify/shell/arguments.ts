import type { OptionRow, Program } from './programs/row.ts'
import { literal, type Argument } from './words.ts'

/** One option as it was given. */
export interface GivenOption {
  readonly name: string
  readonly value: Argument | undefined
  /** Rows of the table that it may mean: long options can be cut short. */
  readonly rows: readonly OptionRow[]
  /** The word that it stands in. */
  readonly word: Argument
  /** Whether the table says if it takes a value. */
  readonly isKnown: boolean
}

/** The arguments of a program, told apart by its row. */
export interface Parsed {
  readonly options: readonly GivenOption[]
  readonly operands: readonly Argument[]
  /** Words known only at run time that may turn out to be options. */
  readonly unsure: readonly Argument[]
  /** Options cut short that may be others than they are taken for. */
  readonly cut: readonly Argument[]
  /** What stands behind the last operand of the program's own, where it runs another one. */
  readonly rest: readonly Argument[]
}

interface KnownOption extends OptionRow {
  readonly name: string
}

interface Reading {
  readonly known: readonly KnownOption[]
  readonly words: boolean
  readonly options: GivenOption[]
  readonly operands: Argument[]
  readonly unsure: Argument[]
  readonly cut: Argument[]
  readonly flags: ReadonlySet<string>
  rest: readonly Argument[]
}

/** Most operands of its own that a program takes before the command that it runs; undefined where it runs none. */
export interface ParseLimits {
  readonly operands: number | undefined
}

/** Tells options, their values and operands apart as getopt does. */
export function parseArguments(args: readonly Argument[], row: Program, limits: ParseLimits): Parsed {
  const reading: Reading = {
    known: knownOptions(row),
    words: row.words === true,
    options: [],
    operands: [],
    unsure: [],
    cut: [],
    flags: new Set(names(row.flags ?? '')),
    rest: [],
  }
  for (let at = 0; at < args.length;) {
    const arg = args[at]
    if (arg === undefined) break
    if (arg.text === '--') {
      operandsOf(reading, args.slice(at + 1), limits)
      break
    }
    if (arg.mayDash && isOption(arg)) at += optionAt(reading, args, at)
    else {
      if (arg.mayDash) reading.unsure.push(arg)
      if (limits.operands !== undefined && reading.operands.length >= limits.operands) {
        reading.rest = args.slice(at)
        break
      }
      reading.operands.push(arg)
      at++
    }
  }
  return reading
}

// A lone dash is an operand: standard input.
const isOption = ({ text, kind }: Argument): boolean =>
  text !== undefined && text !== '-' && (kind !== 'glob' || /^--?[\w-]+=/.test(text)) && text.startsWith('-')

function operandsOf(reading: Reading, args: readonly Argument[], { operands }: ParseLimits): void {
  const own = operands === undefined ? args.length : Math.max(0, operands - reading.operands.length)
  reading.operands.push(...args.slice(0, own))
  reading.rest = args.slice(own)
}

/** Reads one option and its value; returns how many words that took. */
function optionAt(reading: Reading, args: readonly Argument[], at: number): number {
  const arg = args[at]
  const text = arg?.text ?? ''
  if (arg === undefined) return 1
  if (text.startsWith('--') || reading.words) return longOption(reading, arg, args[at + 1])
  return cluster(reading, arg, args[at + 1])
}

function longOption(reading: Reading, arg: Argument, next: Argument | undefined): number {
  const text = arg.text ?? ''
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  const rows = reading.known.filter((known) => known.name === name)
  const meant =
    rows.length > 0 || !name.startsWith('--') || reading.flags.has(name)
      ? rows
      : reading.known.filter((known) => known.name.startsWith(name))
  const glued = equals < 0 ? undefined : literal(text.slice(equals + 1), arg)
  const takesNext = glued === undefined && meant.some((row) => row.value !== undefined && row.glued === undefined)
  // Another option, which takes no value, may be spelt like the beginning of one that does.
  if (takesNext && rows.length === 0) reading.cut.push(arg)
  const isKnown = meant.length > 0 || glued !== undefined || reading.flags.has(name)
  reading.options.push({ name, value: glued ?? (takesNext ? next : undefined), rows: meant, word: arg, isKnown })
  return takesNext ? 2 : 1
}

/** `-rf`, `-n5`, `-n 5`. */
function cluster(reading: Reading, arg: Argument, next: Argument | undefined): number {
  const letters = (arg.text ?? '').slice(1)
  for (let at = 0; at < letters.length; at++) {
    const name = `-${letters[at] ?? ''}`
    const rows = reading.known.filter((known) => known.name === name)
    if (!rows.some((row) => row.value !== undefined)) {
      const isKnown = rows.length > 0 || reading.flags.has(name) || /\d/.test(name)
      reading.options.push({ name, value: undefined, rows, word: arg, isKnown })
      continue
    }
    const glued = letters.slice(at + 1)
    const takesNext = glued === '' && !rows.some((row) => row.glued)
    const value = glued === '' ? (takesNext ? next : undefined) : literal(glued, arg)
    reading.options.push({ name, value, rows, word: arg, isKnown: true })
    return takesNext ? 2 : 1
  }
  return 1
}

function knownOptions({ takes, options }: Program): readonly KnownOption[] {
  const plain = names(takes ?? '').map((name): KnownOption => ({ name, value: 'text' }))
  const telling = Object.entries(options ?? {}).flatMap(([key, row]) => names(key).map((name) => ({ ...row, name })))
  return [...telling, ...plain.filter(({ name }) => !telling.some((row) => row.name === name))]
}

const names = (list: string): readonly string[] => list.split(' ').filter((name) => name !== '')

/** Whether one of these options was given; `list` has blanks between them. */
export const hasOption = ({ options }: Parsed, list: string): boolean =>
  names(list).some((name) => options.some((given) => isMeant(given.name, name)))

/** The values of these options. */
export const valuesOf = ({ options }: Parsed, list: string): readonly (Argument | undefined)[] =>
  options.filter((given) => names(list).some((name) => isMeant(given.name, name))).map(({ value }) => value)

// Long names can be cut short.
const isMeant = (given: string, name: string): boolean =>
  given === name || (given.startsWith('--') && given.length > 2 && name.startsWith(given))

/** Options of which the table does not say whether they take a value, before a certain word. */
export const unknownOptions = ({ options }: Parsed, before: Argument | undefined): readonly GivenOption[] =>
  options.filter(({ isKnown, word }) => !isKnown && (before === undefined || word.start < before.start))
