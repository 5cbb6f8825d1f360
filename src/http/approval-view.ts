import type { z } from 'zod'
import type { Approval, Decision } from '../approvals/approval.ts'
import type { Estimate } from '../model/estimate.ts'
import type { ColumnUse, FunctionUse, RelationUse, SettingUse, SqlFacts } from '../model/facts.ts'
import { plain } from '../model/redacted.ts'
import type { Classified, Parameter, SqlStatement, Statement } from '../model/statement.ts'
import type { HoldTerms, RuleMatch } from '../model/verdict.ts'
import type { ShownHold } from './ports.ts'
import type { ApprovalDetail, ApprovalSummary, ShownFacts, ShownStatement } from './schemas.ts'
import { actionOf, actionText, placeOf } from './shown-action.ts'
import { shownText, shownValue } from './shown-text.ts'
import { MAX_PIECES, visibleLine, warningsOf } from './visible.ts'
import type { VisiblePiece } from './visible.ts'

export type Summary = z.infer<typeof ApprovalSummary>
export type Detail = z.infer<typeof ApprovalDetail>

/** Largest statement that a person is asked to read, in UTF-16 units. Longer ones cannot be approved. */
export const MAX_SHOWN = 256 * 1024

export interface ViewDeps {
  /** Turns card numbers into BIN and last four: an approver needs no card data. */
  readonly scrub: (text: string) => string
  readonly publicUrl: string
}

/** What lists show of an approval: literals withheld, one line. */
export function summaryOf(approval: Approval, { scrub, publicUrl }: ViewDeps): Summary {
  const line = (text: string): string => visibleLine(scrub(text))
  return {
    id: approval.id,
    state: approval.state,
    person: approval.person,
    target: approval.target,
    session: approval.session,
    digest: approval.digest,
    // Only what a person typed is made visible: the guillemets of a token are ours, and a typed one becomes a mark.
    statement: approval.redacted.map((piece) => (typeof piece === 'string' ? line(piece) : plain([piece]))).join(''),
    rules: approval.matches.map((match) => matchOf(match, line)),
    needs: approval.holds.map((terms) => needOf(terms, approval.createdAt)),
    decisions: approval.decisions.map((decision) => decisionOf(decision, line)),
    ended: endOf(approval, line),
    detail: approval.detail === undefined ? null : line(approval.detail),
    createdAt: timeOf(approval.createdAt),
    expiresAt: timeOf(approval.expiresAt),
    link: linkOf(publicUrl, approval.id),
  }
}

export const matchOf = (
  { rule, effect, severity, message }: RuleMatch,
  line: (text: string) => string,
): Summary['rules'][number] => ({ rule, effect, severity, message: line(message) })

export const needOf = (
  { rule, from, need, escalation = [] }: HoldTerms,
  createdAt: number,
): Summary['needs'][number] => ({
  ...{ rule, from: [...from], need },
  then: escalation.map((step) => ({ at: timeOf(createdAt + step.afterMs), from: [...step.from] })),
})

/** The page that shows one approval. Built from the configured address only, never from a request's Host. */
export const linkOf = (publicUrl: string, id: string): string => `${publicUrl.replace(/\/+$/, '')}/approvals/${id}`

export const timeOf = (millis: number): string => new Date(millis).toISOString()

export interface Seen {
  readonly hold: ShownHold | undefined
  /** Whether an answer of this very viewer would count now. */
  readonly mayDecide: boolean
}

/** The whole truth for the person who decides (rule D15), or a summary with `shown: null` where there is none to show. */
export function detailOf(approval: Approval, { hold, mayDecide }: Seen, deps: ViewDeps): Detail {
  const shown = approval.state === 'open' && hold !== undefined ? shownOf(hold, deps.scrub) : null
  return { ...summaryOf(approval, deps), shown, mayDecide }
}

function shownOf(hold: ShownHold, scrub: (text: string) => string): Detail['shown'] {
  const statements = hold.statements.map((classified) => statementOf(classified, scrub, hold.estimates))
  if (tooMuch(hold, statements)) return null
  const line = (text: string): string => visibleLine(scrub(text))
  const { transaction } = hold
  const searchPath = hold.searchPath?.map(line) ?? null
  const place = { database: line(hold.database), account: line(hold.account), searchPath, transaction, statements }
  return { ...place, roles: [...(hold.roles ?? [])], grant: grantOf(hold, line), soFar: soFarOf(hold) }
}

function grantOf({ grant }: ShownHold, line: (text: string) => string): NonNullable<Detail['shown']>['grant'] {
  if (grant === undefined) return null
  const { id, rights, by, reason, ticket, expiresAt } = grant
  const words = { by: line(by), reason: line(reason), ticket: ticket === undefined ? null : line(ticket) }
  return { id, rights, ...words, expiresAt: timeOf(expiresAt) }
}

const soFarOf = ({ soFar }: ShownHold): NonNullable<Detail['shown']>['soFar'] =>
  soFar === undefined ? null : { statements: soFar.statements, since: timeOf(soFar.since) }

/** Nothing is ever cut: what is too much for a person is not shown at all, and what is not shown cannot be approved. */
function tooMuch(hold: ShownHold, statements: readonly z.infer<typeof ShownStatement>[]): boolean {
  const units = hold.statements.map(({ statement }) => unitsOf(statement))
  const pieces = statements.map(
    ({ text, parameters, place }) =>
      text.length +
      total(parameters.map(({ value }) => value?.length ?? 0)) +
      total(place?.environment.map(({ value }) => value.length + 1) ?? []),
  )
  return total(units) > MAX_SHOWN || total(pieces) > MAX_PIECES
}

function unitsOf(statement: Statement): number {
  if (statement.kind === 'sql') return statement.text.length + bytesOf(statement.parameters)
  if (statement.kind !== 'shell') return 0
  const carried = [...statement.environment].map(([name, value]) => name.length + value.length)
  return statement.text.length + (statement.directory?.length ?? 0) + total(carried)
}

const bytesOf = (parameters: readonly Parameter[]): number => total(parameters.map(({ value }) => value?.length ?? 0))
const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

/** `estimates`: for each statement of the text, where the planner was asked. */
export function statementOf(
  classified: Classified,
  scrub: (text: string) => string,
  estimates: readonly Estimate[] = [],
): z.infer<typeof ShownStatement> {
  const { statement } = classified
  if (statement.kind !== 'sql') return actedOf(classified, statement, scrub)
  const facts = classified.facts.filter((one) => one.kind === 'sql')
  const text = shownText({ statement, facts }, scrub)
  const parameters = statement.parameters.map((parameter, at) => {
    const value = shownValue({ parameter, number: at + 1, facts }, scrub)
    return { number: at + 1, type: parameter.type, value: value === null ? null : [...value] }
  })
  const pieces: readonly VisiblePiece[] = [...text, ...parameters.flatMap(({ value }) => value ?? [])]
  return {
    text: [...text],
    warnings: [...warningsOf(pieces)],
    parameters,
    facts: facts.map((one, at) => ({ ...factsOf(one, scrub), estimate: estimateOf(estimates[at]) })),
    actions: [],
    place: null,
  }
}

function actedOf(
  { facts }: Classified,
  statement: Exclude<Statement, SqlStatement>,
  scrub: (text: string) => string,
): z.infer<typeof ShownStatement> {
  const line = (text: string): string => visibleLine(scrub(text))
  const text = actionText(statement, scrub)
  const place = statement.kind === 'shell' ? placeOf(statement, scrub) : null
  const carried = place === null ? [] : [...(place.directory ?? []), ...place.environment.flatMap(({ value }) => value)]
  return {
    text: [...text],
    warnings: [...warningsOf([...text, ...carried])],
    parameters: [],
    facts: [],
    actions: facts.flatMap((one) => (one.kind === 'sql' ? [] : [actionOf(one, line)])),
    place,
  }
}

function estimateOf(estimate: Estimate | undefined): z.infer<typeof ShownFacts>['estimate'] {
  if (estimate === undefined) return null
  return 'rows' in estimate ? { rows: estimate.rows, why: null } : { rows: null, why: estimate.none }
}

function factsOf(facts: SqlFacts, scrub: (text: string) => string): Omit<z.infer<typeof ShownFacts>, 'estimate'> {
  const line = (text: string): string => visibleLine(scrub(text))
  return {
    verb: facts.verb,
    verbs: [...facts.verbs],
    effects: [...facts.effects],
    reads: facts.reads.map((use) => relationOf(use, line)),
    writes: facts.writes.map((use) => relationOf(use, line)),
    columns: facts.columns.map((use) => columnOf(use, line)),
    functions: facts.functions.map((use) => ({ name: line(functionName(use)), builtin: use.builtin })),
    settings: facts.settings.map((use) => line(settingText(use))),
    classes: facts.classes.map(line),
    filtered: facts.filtered,
    complete: facts.complete,
    gaps: facts.gaps.map(line),
  }
}

function relationOf(use: RelationUse, line: (text: string) => string) {
  const name = line(use.schema === '' ? use.name : `${use.schema}.${use.name}`)
  return { name, kind: use.kind, classes: use.classes.map(line), via: use.via === undefined ? null : line(use.via) }
}

const columnOf = ({ schema, table, column, classes }: ColumnUse, line: (text: string) => string) => ({
  table: line(schema === '' ? table : `${schema}.${table}`),
  column: line(column),
  classes: classes.map(line),
})

const functionName = (use: FunctionUse): string => (use.schema === '' ? use.name : `${use.schema}.${use.name}`)
const settingText = (use: SettingUse): string => `${use.name} = ${use.value ?? '(computed)'} for the ${use.scope}`

export function decisionOf(
  { person, kind, reason, at }: Decision,
  line: (text: string) => string,
): Summary['decisions'][number] {
  return { person, kind, reason: reason === undefined ? null : line(reason), at: timeOf(at) }
}

function endOf({ settledAt, settledBy, reason }: Approval, line: (text: string) => string): Summary['ended'] {
  if (settledAt === undefined) return null
  return { at: timeOf(settledAt), by: settledBy ?? null, reason: reason === undefined ? null : line(reason) }
}
