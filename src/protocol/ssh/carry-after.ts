import { quoted, type Carried } from './carry.ts'
import { passageOf } from './carry-names.ts'
import type { Report } from './carry-report.ts'

/** What is carried on, and what the person is to be told about it. */
export interface After {
  readonly carried: Carried
  readonly notes: readonly string[]
}

/** Bytes of names and values together, as they are quoted: the text that runs a line repeats them, and has to fit into one argument. */
const MAX_ENVIRONMENT = 32_768
const MAX_VARIABLES = 200

/**
 * What the next line starts with, after the report of this one. `fresh` has the variables of a shell in which nothing was done yet. Whatever cannot be carried
 * stays as it was before the line, and is said.
 */
export function after(before: Carried, report: Report, fresh: ReadonlyMap<string, string>): After {
  if (report.kind === 'spoilt') return { carried: before, notes: [UNREADABLE] }
  if (report.kind === 'missing') return { carried: { ...before, directory: undefined, status: 1 }, notes: [GONE] }
  const { directory, previous, stack, umask, status } = report
  const carried = { ...before, directory, previous, stack, umask, status }
  if (report.exported === undefined) return { carried, notes: [TOO_LARGE] }
  const { environment, unset } = difference(report.exported, withTerm(fresh, report.term))
  if (isTooLarge(environment)) return { carried, notes: [TOO_LARGE] }
  return { carried: { ...carried, environment, unset }, notes: refused(report.exported, fresh) }
}

/** Nothing came back: the line replaced its shell, or was ended by force. */
export const UNREPORTED =
  'The line did not say what it left behind: directory and variables are as they were before it.'
const UNREADABLE = 'What the line left behind cannot be read: directory and variables are as they were before it.'
const TOO_LARGE =
  'There are too many exported variables, or too long ones, to be kept: they are as they were before the line.'
const GONE = 'Not run: the directory is gone. The next line starts in the home directory.'

/** Each terminal has its own TERM; what a line starts with is no change of it. */
function withTerm(fresh: ReadonlyMap<string, string>, term: string): ReadonlyMap<string, string> {
  return new Map(fresh).set('TERM', term)
}

function difference(exported: ReadonlyMap<string, string>, fresh: ReadonlyMap<string, string>) {
  const changed = [...exported].filter(([name, value]) => passageOf(name) === 'carried' && fresh.get(name) !== value)
  const isGone = (name: string): boolean => passageOf(name) === 'carried' && name !== 'TERM' && !exported.has(name)
  const unset = [...fresh.keys()].filter(isGone)
  return { environment: new Map(changed.sort(byName)), unset: unset.sort() }
}

const byName = ([one]: [string, string], [other]: [string, string]): number => (one < other ? -1 : one > other ? 1 : 0)

function isTooLarge(environment: ReadonlyMap<string, string>): boolean {
  const bytes = [...environment].reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(quoted(value)), 0)
  return environment.size > MAX_VARIABLES || bytes > MAX_ENVIRONMENT
}

function refused(exported: ReadonlyMap<string, string>, fresh: ReadonlyMap<string, string>): readonly string[] {
  const names = [...exported.keys()].filter(
    (name) => passageOf(name) === 'never' && fresh.get(name) !== exported.get(name),
  )
  if (names.length === 0) return []
  return [
    `Not kept: ${names.sort().slice(0, 5).join(', ')}. It changes what later lines run without their saying so; set it in the line that needs it.`,
  ]
}
