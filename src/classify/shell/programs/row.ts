import type { ActionEffect, PathUse } from '../../../model/action-facts.ts'

/**
 * What a value or an operand is to the program that gets it.
 *
 * - `text`: nothing that matters here: a number, a pattern, a format.
 * - `code`: text that the program runs in a language of its own, or a program that it starts.
 * - `line`: a command line; read like the one that it stands in.
 * - `names`: a file with names of further files, which are read.
 * - the others: a path, and what becomes of what is there.
 */
export type Role = 'text' | 'code' | 'line' | 'names' | PathUse['does']

/** One option, or several that mean the same. */
export interface OptionRow {
  /** Present where the option takes a value. */
  readonly value?: Role
  /** Effects that the option adds. */
  readonly adds?: readonly ActionEffect[]
  /** The value may be left out; it is there only if it is written in the same word: `-i.bak`, `--in-place=.bak`. */
  readonly glued?: true
}

/** How a program runs another one that is named in its own arguments. */
export interface Wrap {
  /** Operands of its own before the command word: 1 for `timeout 5 ls`. */
  readonly skips?: number
  /** Operands of the form NAME=value set the environment first. */
  readonly assigns?: true
  /** The words are joined and read again as a line: `watch`, `eval`. */
  readonly joins?: true
  /** Effects on top of those of the program that it runs. */
  readonly adds?: readonly ActionEffect[]
  /** Options that name the account to run as. */
  readonly account?: string
  /** Account where no option names one. */
  readonly otherwise?: string
  /** What it does without a command. */
  readonly alone: readonly ActionEffect[]
}

/** One program of the shipped table. Everything that is left out is nothing. */
export interface Program {
  /** What it does whatever its arguments are. */
  readonly effects?: readonly ActionEffect[]
  /** What its operands are, in their order; the last row holds for all further ones. */
  readonly operands?: readonly Role[]
  /** Effects of giving it any operand at all: `hostname NAME`. */
  readonly given?: readonly ActionEffect[]
  /** Options in whose presence there is no first operand of its own: `grep -e PATTERN FILE`. */
  readonly frees?: string
  /** What becomes of the current directory where there is no operand. */
  readonly absent?: PathUse['does']
  /** Options with which whatever lies below a folder is meant as well; `*` for a program that always means it. */
  readonly deep?: string
  /** Options whose value says nothing here. */
  readonly takes?: string
  /**
   * Options without a value that say nothing. Where it matters which word comes after an option (another program, a command of its own, a script)
   * an option that stands in none of these lists may take that word for its value: then nobody knows what runs.
   */
  readonly flags?: string
  /** Options that say something; keys hold synonyms with blanks between them. */
  readonly options?: Readonly<Record<string, OptionRow>>
  /** Words behind one dash are options as they stand, and no clusters of letters: `find`, `openssl`, `java`. */
  readonly words?: true
  /** Commands of the program by their first word or first two words; keys hold synonyms with commas between them. */
  readonly verbs?: Readonly<Record<string, Program>>
  /** Nothing that its arguments could say changes what it does. */
  readonly inert?: true
  /** Shows what it has on a terminal through a pager, from which a shell can be had unless it is told to be safe. */
  readonly pager?: 'less' | 'systemd'
  /** Reads code from its input where no operand is given: interpreters and clients. */
  readonly readsCode?: true
  readonly wraps?: Wrap
}

/** A named set of rows. */
export type Programs = Readonly<Record<string, Program>>

/** Reads the files that it is given, or its input. */
export const reads = (row: Program = {}): Program => ({ effects: ['output'], operands: ['read'], ...row })

/** Tells names and sizes. */
export const lists = (row: Program = {}): Program => ({ operands: ['list'], absent: 'list', ...row })

/** Tells something of the state of the host. */
export const tells = (row: Program = {}): Program => ({ effects: ['system-read'], ...row })

/** Writes to its own output and nothing else, whatever it is given. */
export const prints = (row: Program = {}): Program => ({ effects: ['output'], inert: true, ...row })

/** Has these effects. */
export const acts = (effects: readonly ActionEffect[], row: Program = {}): Program => ({ effects, ...row })

/** The same row under several names. */
export const each = (names: string, row: Program): Programs =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, row]),
  )
