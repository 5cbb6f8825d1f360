import type { z } from 'zod'
import { scriptStateAt, type Script } from '../approvals/script.ts'
import type { SqlFacts } from '../model/facts.ts'
import { plain } from '../model/redacted.ts'
import type { ScriptContent } from '../session/script-content.ts'
import { decisionOf, MAX_SHOWN, matchOf, needOf, statementOf, timeOf, type ViewDeps } from './approval-view.ts'
import type { ScriptDetail, ScriptSummary } from './script-schemas.ts'
import { MAX_PIECES, visibleLine } from './visible.ts'

type Summary = z.infer<typeof ScriptSummary>
type Detail = z.infer<typeof ScriptDetail>
type Part = NonNullable<Detail['shown']>['parts'][number]

export interface ScriptViewDeps extends ViewDeps {
  readonly now: () => number
}

/** How much of a script a list shows. */
const HEAD = 200

/** What lists show of a script: literals withheld, one line. */
export function scriptSummary(script: Script, { scrub, publicUrl, now }: ScriptViewDeps): Summary {
  const line = (text: string): string => visibleLine(scrub(text))
  const { id, person, target, digest, position, session } = script
  return {
    ...{ id, person, target, digest, position },
    state: scriptStateAt(script, now()),
    database: line(script.database),
    reason: line(script.reason),
    ticket: maybe(script.ticket, line),
    statement: headOf(script, line),
    statements: script.statements.length,
    rules: script.matches.map((match) => matchOf(match, line)),
    needs: script.holds.map((terms) => needOf(terms, script.createdAt)),
    decisions: script.decisions.map((decision) => decisionOf(decision, line)),
    ended: endOf(script, line),
    session: session ?? null,
    runAt: maybe(script.runAt, timeOf),
    finishedAt: maybe(script.finishedAt, timeOf),
    detail: maybe(script.detail, line),
    createdAt: timeOf(script.createdAt),
    expiresAt: timeOf(script.expiresAt),
    link: `${publicUrl.replace(/\/+$/, '')}/scripts/${id}`,
  }
}

export interface ScriptSeen {
  readonly content: ScriptContent
  readonly mayDecide: boolean
}

/** The whole truth for those who decide (rule D15), and for whoever submitted it. */
export function scriptDetail(script: Script, { content, mayDecide }: ScriptSeen, deps: ScriptViewDeps): Detail {
  return { ...scriptSummary(script, deps), shown: shownOf(script, content, deps), mayDecide }
}

/** Nothing is ever cut: what is too much for a person is not shown at all, and what is not shown cannot be approved. */
function shownOf(script: Script, content: ScriptContent, { scrub }: ScriptViewDeps): Detail['shown'] {
  if (content.text.length > MAX_SHOWN) return null
  const line = (text: string): string => visibleLine(scrub(text))
  const parts = content.parts.map((_, at) => partOf(script, { content, at, scrub }))
  if (parts.reduce((sum, { text }) => sum + text.length, 0) > MAX_PIECES) return null
  return { account: line(script.account), searchPath: content.searchPath.map(line), parts }
}

function partOf(
  { statements }: Script,
  { content, at, scrub }: { content: ScriptContent; at: number; scrub: ViewDeps['scrub'] },
): Part {
  const { text, parts, estimates } = content
  // From the end of the one before to its own end, so that what stands between two statements is shown as well.
  const bytes = Buffer.from(text)
  const start = at === 0 ? 0 : (parts[at]?.start ?? 0)
  const end = parts[at + 1]?.start ?? bytes.length
  const facts = parts[at]?.facts
  const slice = bytes.subarray(start, end).toString('utf8')
  const statement = { kind: 'sql', dialect: 'postgres', text: slice, parameters: [] } as const
  const classified = { statement, facts: facts === undefined ? [] : [moved(facts, { start, bytes: end - start })] }
  return {
    number: at + 1,
    rules: [...(statements[at]?.rules ?? [])],
    ...statementOf(classified, scrub, estimates?.slice(at, at + 1)),
  }
}

/** SqlFacts whose offsets count from the beginning of a slice of the text. */
function moved(facts: SqlFacts, { start, bytes }: { start: number; bytes: number }): SqlFacts {
  const { clearLiterals } = facts
  const clear = clearLiterals === 'all' ? clearLiterals : new Set([...clearLiterals].map((offset) => offset - start))
  return { ...facts, span: { start: 0, end: bytes }, clearLiterals: clear }
}

function headOf({ redacted }: Script, line: (text: string) => string): string {
  const text = redacted.map((piece) => (typeof piece === 'string' ? line(piece) : plain([piece]))).join('')
  const head = text.trim().slice(0, HEAD)
  return head.length < text.trim().length ? `${head}…` : head
}

function endOf({ settledAt, settledBy, why }: Script, line: (text: string) => string): Summary['ended'] {
  if (settledAt === undefined) return null
  return { at: timeOf(settledAt), by: settledBy ?? null, reason: maybe(why, line) }
}

const maybe = <From, To>(value: From | undefined, as: (value: From) => To): To | null =>
  value === undefined ? null : as(value)
