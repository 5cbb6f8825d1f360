import { parseArgs } from 'node:util'
import type { ParseArgsOptionsConfig } from 'node:util'
import { asError } from '../std/errors.ts'
import { terminalLine } from './terminal.ts'
import type { ExitCode, Io } from './io.ts'

/** Wrong usage: exit code 2, with the usage line. */
export class UsageError extends Error {}

/** Refused or invalid: exit code 1. `json` is what `--json` prints. */
export class RefusedError extends Error {
  readonly json: Readonly<Record<string, unknown>>

  constructor(message: string, json: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.json = { error: message, ...json }
  }
}

export interface Spec<Options extends ParseArgsOptionsConfig> {
  readonly usage: string
  readonly options: Options
  /** How many words stand beside the options. */
  readonly words: { readonly least: number; readonly most: number }
}

/** The options that every command of this side has. */
export const COMMON = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig
/** Which of several people on this machine. */
export const PROFILE = { profile: { type: 'string' } } as const satisfies ParseArgsOptionsConfig

/** Options and words of a command line, strictly. */
export function parsed<Options extends ParseArgsOptionsConfig>(
  argv: readonly string[],
  { options, words }: Omit<Spec<Options>, 'usage'>,
) {
  const found = strictly(argv, options)
  const count = found.positionals.length
  if (count < words.least) throw new UsageError('something is missing')
  if (count > words.most) throw new UsageError(`"${found.positionals[words.most] ?? ''}" is one word too many`)
  return found
}

function strictly<Options extends ParseArgsOptionsConfig>(argv: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true })
  } catch (error) {
    throw new UsageError(asError(error).message.split('. ')[0] ?? 'wrong option')
  }
}

/** Runs a command and turns what it throws into an exit code and one line for a person, or one JSON object. */
export async function running(
  command: { readonly usage: string; readonly argv: readonly string[]; readonly io: Io },
  body: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const { usage, argv, io } = command
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  if (own.includes('--help') || own.includes('-h')) {
    io.out(`usage: countersign ${usage}\n`)
    return 0
  }
  try {
    return await body()
  } catch (error) {
    return failed(error, { usage, io, json: own.includes('--json') })
  }
}

function failed(
  error: unknown,
  { usage, io, json }: { readonly usage: string; readonly io: Io; readonly json: boolean },
): ExitCode {
  if (error instanceof UsageError) {
    io.err(`countersign: ${terminalLine(error.message)}\nusage: countersign ${usage}\n`)
    return 2
  }
  const refused = error instanceof RefusedError ? error : new RefusedError(asError(error).message)
  if (json) io.out(`${JSON.stringify(refused.json)}\n`)
  else io.err(`countersign: ${terminalLine(refused.message)}\n`)
  return 1
}

/** Asks the person, or says which option or variable a script has to give. */
export async function asked(
  io: Io,
  question: { readonly text: string; readonly hidden: boolean; readonly instead: string },
): Promise<string> {
  if (!io.isTty || io.ask === undefined)
    throw new UsageError(`there is no terminal to ask on; give ${question.instead}`)
  return (await io.ask(question.text, { hidden: question.hidden })).trim()
}
