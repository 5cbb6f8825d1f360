import type { ActionEffect } from '../../model/action-facts.ts'
import type { Draft } from './draft.ts'
import type { Program } from './programs/row.ts'
import type { Argument } from './words.ts'

/** Where a command stands in its line. */
export interface Scope {
  /** Programs that run this one, outermost first. */
  readonly via: readonly string[]
  /** Effects that those give to whatever they run. */
  readonly inherited: readonly ActionEffect[]
  readonly account: string | undefined
  readonly background: boolean
  /** What it prints goes to the person's terminal. */
  readonly onTerminal: boolean
  /** Where its input comes from, as far as the line says. */
  readonly input: 'open' | 'pipe' | 'given'
  /** Folders under which the names that come through the pipe lie, where a `find` makes them. */
  readonly found: readonly string[] | undefined
  readonly environment: ReadonlyMap<string, string>
  /** Variables of loops over words that were all written out. */
  readonly bound: ReadonlyMap<string, readonly string[]>
  readonly depth: number
  /** Where text that was inside a word stands in the line. */
  readonly origin: Span | undefined
}

/** Offsets in UTF-16 units of the line, [start, end). */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What the analysis of one program may ask of the line that it stands in. */
export interface Reader {
  /** Folders that a command may run in at this point of the line. */
  readonly directories: readonly string[]
  readonly home: string
  /** The shell may stand in one of these folders from here on. */
  enter(directories: readonly string[]): void
  /** Reads a command line that stood in a word. */
  read(text: string, at: Span, scope: Scope): void
  /** Judges words as a command of the draft's own. */
  judge(words: readonly Argument[], draft: Draft, scope: Scope): void
  /** A further command, found inside the arguments of another one. */
  open(at: Span, scope: Scope): Draft
  /** Variables got values that nobody here knows. */
  assigns(): void
}

/** One program with its arguments, about to be judged. */
export interface Call {
  readonly name: string
  /** Behind the command word. */
  readonly args: readonly Argument[]
  readonly row: Program
  readonly draft: Draft
  readonly scope: Scope
  readonly line: Reader
}

/** The scope of what a program runs. */
export const within = (scope: Scope, program: string, inherited: readonly ActionEffect[] = []): Scope => ({
  ...scope,
  via: [...scope.via, program],
  inherited: [...scope.inherited, ...inherited],
  depth: scope.depth + 1,
})
