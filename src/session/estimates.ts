import type { Estimate } from '../model/estimate.ts'
import type { SqlFacts, Verb } from '../model/facts.ts'
import type { JudgeRequest } from './judgement.ts'
import type { Reading } from './reading.ts'

/** Asks the target's planner, without running anything: rows for each text, undefined where it did not say. Never rejects. */
export type Planner = (
  texts: readonly string[],
  searchPath: readonly string[],
) => Promise<readonly (number | undefined)[]>

/** What EXPLAIN takes and people ask about. */
const PLANNED: ReadonlySet<Verb> = new Set(['select', 'insert', 'update', 'delete', 'merge'])

/** Expected rows for each statement of a frame. Planning runs functions: only what is understood and calls built-in ones alone is planned. */
export async function estimatesOf(
  planner: Planner | undefined,
  { request, reading }: { readonly request: JudgeRequest; readonly reading: Reading },
): Promise<readonly Estimate[]> {
  const { scope, statement } = request
  const { searchPath, dirty } = scope
  return planned(planner, {
    ...{ text: statement.text, searchPath, dirty, facts: reading.facts },
    bound: statement.parameters.length > 0,
  })
}

/** The same for a script that is asked for ahead of time: each statement as if it were sent now. */
export const estimatesOfScript = (
  planner: Planner | undefined,
  { text, searchPath, facts }: Pick<Planned, 'text' | 'searchPath' | 'facts'>,
): Promise<readonly Estimate[]> => planned(planner, { text, searchPath, facts, dirty: false, bound: false })

interface Planned {
  readonly text: string
  readonly searchPath: readonly string[] | undefined
  readonly facts: readonly SqlFacts[]
  readonly dirty: boolean
  readonly bound: boolean
}

async function planned(
  planner: Planner | undefined,
  { text, searchPath, facts, dirty, bound }: Planned,
): Promise<readonly Estimate[]> {
  const whys = facts.map((one) => unplanned(one, { dirty, bound }))
  if (planner === undefined || searchPath === undefined) return whys.map((why) => ({ none: why ?? UNKNOWN }))
  const bytes = Buffer.from(text)
  const texts = facts
    .filter((_, at) => whys[at] === undefined)
    .map(({ span }) => bytes.subarray(span.start, span.end).toString('utf8'))
  const rows = texts.length === 0 ? [] : [...(await planner(texts, searchPath))]
  return whys.map((why) => (why === undefined ? estimateOf(rows.shift()) : { none: why }))
}

const UNKNOWN = 'the planner could not be asked'

const estimateOf = (rows: number | undefined): Estimate => (rows === undefined ? { none: UNKNOWN } : { rows })

/** Why a statement is not planned ahead; undefined where it is. */
function unplanned(facts: SqlFacts, { dirty, bound }: Pick<Planned, 'dirty' | 'bound'>): string | undefined {
  if (!PLANNED.has(facts.verb)) return 'it is no query or change of rows'
  if (!facts.complete || dirty) return 'it is not understood completely'
  if (!facts.functions.every(({ builtin }) => builtin)) return 'it calls functions that are not built in'
  return bound ? 'it has bound values' : undefined
}

/** Ten times as many, or as few, is another statement; where it is about few rows, it is not. */
const FACTOR = 10
const ROWS = 1000

/** In words, how far the planner's expectation has moved since people saw it; undefined where it has not, or nobody saw one. */
export function drift(then: readonly Estimate[], now: readonly Estimate[]): string | undefined {
  for (const [at, seen] of then.entries()) {
    if ('none' in seen) continue
    const found = now[at]
    if (found === undefined || 'none' in found) return 'how many rows it reaches can no longer be estimated'
    const [few, many] = [Math.min(seen.rows, found.rows), Math.max(seen.rows, found.rows)]
    if (many > few * FACTOR && many - few > ROWS)
      return `about ${found.rows} rows are expected now, and ${seen.rows} were when it was shown`
  }
  return undefined
}
