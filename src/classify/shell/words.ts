import type { DoubleQuotedChild, ParameterExpansionPart, Word, WordPart } from 'unbash'
import { braceAlternatives } from './braces.ts'
import { ANY, isWild, ONE, RUN, shown } from './wildcards.ts'

/** One word of a command as the shell would hand it over, as far as that can be told. */
export interface Argument {
  readonly written: string
  /** With stand-ins for what is decided on the host. Several where a loop's variable takes one after the other. */
  readonly patterns: readonly string[]
  /** What the program gets; a glob as it is written; undefined where it is known only at run time. */
  readonly text: string | undefined
  readonly kind: 'literal' | 'glob' | 'loop' | 'stream' | 'run-time'
  /** May turn out to be an option, whatever it is meant to be. */
  readonly mayDash: boolean
  readonly start: number
  readonly end: number
}

/** What words can be resolved with. */
export interface WordScope {
  /** Variables of loops over words that were all written out. */
  readonly bound: ReadonlyMap<string, readonly string[]>
  readonly home: string
}

interface Piece {
  readonly patterns: readonly string[]
  readonly kind: Argument['kind']
  /** Written out by braces: each one becomes a word of its own. */
  readonly words?: true
}

/** Most words that the braces of one word may become. */
const MAX_WORDS = 64

/** A literal argument that stands nowhere: for programs that are given words by others. */
export const literal = (text: string, { start, end }: { start: number; end: number }): Argument => ({
  written: text,
  patterns: [text],
  text,
  kind: 'literal',
  mayDash: text.startsWith('-'),
  start,
  end,
})

/** An argument of which nothing is known. */
export const unknownArgument = (written: string, { start, end }: { start: number; end: number }): Argument => ({
  written,
  patterns: [ANY],
  text: undefined,
  kind: 'run-time',
  mayDash: true,
  start,
  end,
})

/** The arguments that one word becomes: several where it has braces. */
export function expandWord(word: Word, scope: WordScope): readonly Argument[] {
  const pieces = word.parts === undefined ? [bare(word)] : word.parts.map((part) => piece(part, scope))
  const whole = pieces.reduce(joined, { patterns: [''], kind: 'literal' })
  if (whole.patterns.length > MAX_WORDS) return [unknownArgument(word.text, { start: word.pos, end: word.end })]
  const patterns = whole.patterns.map((pattern) => tilde(word.text, pattern, scope.home))
  if (!pieces.some(({ words }) => words)) return [argument(word, patterns, whole.kind)]
  return patterns.map((pattern) => argument(word, [pattern], whole.kind))
}

const bare = (word: Word): Piece => ({ patterns: [word.value], kind: 'literal' })

const RANK = { literal: 0, glob: 1, loop: 2, stream: 3, 'run-time': 4 } as const satisfies Record<
  Argument['kind'],
  number
>

function joined(before: Piece, next: Piece): Piece {
  const kind = RANK[next.kind] > RANK[before.kind] ? next.kind : before.kind
  if (before.patterns.length * next.patterns.length > MAX_WORDS) return { patterns: tooMany, kind: 'run-time' }
  return { patterns: before.patterns.flatMap((head) => next.patterns.map((tail) => head + tail)), kind }
}

const tooMany: readonly string[] = Array.from({ length: MAX_WORDS + 1 }, () => ANY)

function argument(word: Word, patterns: readonly string[], kind: Argument['kind']): Argument {
  const known = kind === 'literal' && !patterns.some(isWild)
  const dashes = patterns.some((pattern) => /^[-\uE000-\uE003]/.test(pattern))
  return {
    written: word.text,
    patterns,
    text: known ? patterns[0] : kind === 'glob' ? shown(patterns[0] ?? '') : undefined,
    kind: kind === 'literal' && !known ? 'run-time' : kind,
    mayDash: dashes && !(kind === 'literal' && !known),
    start: word.pos,
    end: word.end,
  }
}

function piece(part: WordPart, scope: WordScope): Piece {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
      return { patterns: [part.value], kind: 'literal' }
    case 'AnsiCQuoted':
      return ansi(part.text, part.value)
    case 'Glob':
      return { patterns: [part.kind === 'star' ? RUN : ONE], kind: 'glob' }
    case 'DoubleQuoted':
      return part.parts.map((child) => quoted(child, scope)).reduce(joined, { patterns: [''], kind: 'literal' })
    case 'SimpleExpansion':
      return variable(part.text.slice(1), scope, false)
    case 'ParameterExpansion':
      return parameter(part, scope, false)
    case 'BraceExpansion':
      return braces(part.text)
    case 'ProcessSubstitution':
      return { patterns: ['/dev/fd/63'], kind: 'stream' }
    // What a catalogue of messages makes of it, what a command prints, what an extended glob finds: nobody here knows.
    case 'LocaleString':
    case 'CommandExpansion':
    case 'ArithmeticExpansion':
    case 'ExtendedGlob':
      return RUN_TIME
  }
}

const RUN_TIME: Piece = { patterns: [ANY], kind: 'run-time' }

function quoted(child: DoubleQuotedChild, scope: WordScope): Piece {
  if (child.type === 'Literal') return { patterns: [child.value], kind: 'literal' }
  if (child.type === 'SimpleExpansion') return variable(child.text.slice(1), scope, true)
  if (child.type === 'ParameterExpansion') return parameter(child, scope, true)
  return RUN_TIME
}

function parameter(part: ParameterExpansionPart, scope: WordScope, inQuotes: boolean): Piece {
  const plain = part.prefix === undefined && part.index === undefined && part.operation === undefined
  return plain ? variable(part.parameter, scope, inQuotes) : RUN_TIME
}

/** Only what was written out in the same line is known: a loop's words, and the home folder under whichever name. */
function variable(name: string, { bound, home }: WordScope, inQuotes: boolean): Piece {
  if (name === 'HOME') return { patterns: [home], kind: 'literal' }
  const values = bound.get(name)
  if (values === undefined || (!inQuotes && values.some((value) => /\s/.test(value)))) return RUN_TIME
  return { patterns: values, kind: 'loop' }
}

function braces(text: string): Piece {
  const words = braceAlternatives(text)
  return words === undefined ? RUN_TIME : { patterns: words, kind: 'literal', words: true }
}

// A NUL inside $'…' ends the string for the shell and not for the parser.
const ansi = (text: string, value: string): Piece =>
  value.includes('\0') || /\\(x0|u0|U0|0|c)/.test(text) ? RUN_TIME : { patterns: [value], kind: 'literal' }

/** `~` and `~/…` are the home folder; `~+` and `~-` are folders that nobody here knows; `~name` stays as it is. */
function tilde(written: string, pattern: string, home: string): string {
  if (!written.startsWith('~') || !pattern.startsWith('~')) return pattern
  if (/^~[+\d-]/.test(pattern)) return ANY + pattern.slice(2)
  return pattern === '~' || pattern.startsWith('~/') ? home + pattern.slice(1) : pattern
}
