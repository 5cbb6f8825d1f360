import { RIGHTS_WORDS } from '../model/rights.ts'
import type { z } from 'zod'
import { columnLines } from '../http/column-lines.ts'
import { howItStands } from '../http/console/decision-words.ts'
import type { ApprovalDetail, ApprovalSummary, ShownAction, ShownFacts, ShownStatement } from '../http/schemas.ts'
import { lapsedWords, type Surroundings } from '../http/surroundings-schema.ts'
import { KIND_WORDS } from '../http/visible.ts'
import { terminalLine, terminalPieces } from './terminal.ts'

type Detail = z.infer<typeof ApprovalDetail>
type Summary = z.infer<typeof ApprovalSummary>

/** One approval on one line of a list; once it has been answered or has ended, with who, when and why, as the page and the client say it. */
export function approvalLine(summary: Summary): string {
  const { id, state, person, target, statement, expiresAt } = summary
  const stands = state === 'open' && summary.decisions.length === 0 ? '' : `  ${howItStands(summary)}`
  const text = statement.length > 80 ? `${statement.slice(0, 79)}…` : statement
  return terminalLine(`${id}  ${state.padEnd(9)}  ${person}@${target}  until ${expiresAt}  ${text}${stands}`)
}

/** Everything that the page shows as well, for a terminal. Never cut: what is approved is what was shown. */
export function approvalText(detail: Detail & Surroundings, isTty: boolean): string {
  const lines = [
    `${detail.person} on ${detail.target}: ${detail.state}`,
    ...detail.rules.map(({ rule, message }) => `  ${message} (${rule})`),
    ...(detail.shown === null ? [`  ${detail.statement}`] : place(detail.shown)),
    ...warnings(detail),
  ].map(terminalLine)
  const statements = detail.shown?.statements.flatMap((one) => statementLines(one, isTty)) ?? []
  const made = detail.decisions.map(({ person, kind, reason }) =>
    terminalLine(`  ${person}: ${kind}${reason === null ? '' : ` - ${reason}`}`),
  )
  const end = [`  session ${detail.session}`, `  expires ${detail.expiresAt}`, `  digest  ${detail.digest}`].map(
    terminalLine,
  )
  return `${[...lines, ...statements, ...made, ...end].join('\n')}\n`
}

function place(shown: NonNullable<Detail['shown']>): readonly string[] {
  const { database, account, searchPath, transaction, roles, grant, soFar } = shown
  const inside = {
    idle: 'no open transaction',
    open: 'inside an open transaction',
    failed: 'inside a failed transaction',
  }[transaction]
  const before = soFar === null ? '' : ` since ${soFar.since}, after ${soFar.statements} of its statements`
  return [
    `  database ${database} as ${account}; schemas ${searchPath?.join(', ') ?? 'unknown'}; ${inside}${before}`,
    ...(grant === null ? [] : [grantText(roles, grant)]),
  ]
}

function grantText(roles: readonly string[], grant: NonNullable<NonNullable<Detail['shown']>['grant']>): string {
  const { id, rights, by, reason, ticket, expiresAt } = grant
  return `  ${roles.join(', ')} by grant ${id} of ${by} until ${expiresAt}${rights === 'all' ? '' : ` for ${RIGHTS_WORDS[rights]}`}: ${reason}${ticket === null ? '' : ` (${ticket})`}`
}

/** What whoever decides should know besides the statement. */
function warnings({ nearDenied, returnsFavour, lapsed }: Surroundings): readonly string[] {
  return [
    ...(nearDenied === null
      ? []
      : [
          `  LOOK CLOSELY: ${nearDenied.told}${nearDenied.reason === null ? '' : `: ${nearDenied.reason}`}`,
          `    ${nearDenied.statement}`,
        ]),
    ...(returnsFavour === null
      ? []
      : [`  LOOK CLOSELY: the requester approved ${returnsFavour.of} for you at ${returnsFavour.at}`]),
    ...(lapsed.length === 0 ? [] : [`  LOOK CLOSELY: ${lapsedWords(lapsed)}`]),
  ]
}

export function statementLines(one: z.infer<typeof ShownStatement>, isTty: boolean): readonly string[] {
  const warning =
    one.warnings.length === 0
      ? []
      : [`  LOOK CLOSELY: the text holds ${one.warnings.map((kind) => KIND_WORDS[kind]).join(', ')}`]
  const values = one.parameters.map(
    ({ number, value }) =>
      `  $${number} = ${value === null ? 'NULL' : terminalPieces(value, isTty).replaceAll('\n', '\\n')}`,
  )
  const rule = '  ----'
  return [
    ...warning,
    rule,
    terminalPieces(one.text, isTty),
    rule,
    ...values,
    ...placeLines(one, isTty),
    ...one.facts.flatMap((facts) => factLines(facts).map(terminalLine)),
    ...one.actions.flatMap((action) => actionLines(action).map(terminalLine)),
  ]
}

function placeLines({ place }: z.infer<typeof ShownStatement>, isTty: boolean): readonly string[] {
  if (place === null) return []
  const value = (pieces: Parameters<typeof terminalPieces>[0]): string =>
    terminalPieces(pieces, isTty).replaceAll('\n', '\\n')
  return [
    `  in ${place.directory === null ? "the account's own directory" : value(place.directory)}${place.terminal ? ', with a terminal' : ''}`,
    ...place.environment.map(({ name, value: pieces }) => `  ${name}=${value(pieces)}`),
  ]
}

function actionLines(action: z.infer<typeof ShownAction>): readonly string[] {
  const rows: (readonly [string, readonly string[]])[] = [
    ['does', action.effects],
    ['files', action.paths.map(({ path, does }) => `${does} ${path}`)],
    ['options', action.options],
    ['run by', action.through],
    ['runs as', action.account === null ? [] : [action.account]],
    ['reads from', action.readsFrom],
    ['writes to', action.writesTo],
    ['unknown', action.complete ? [] : action.gaps],
  ]
  return [
    `  ${action.title}${action.background ? ', in the background' : ''}`,
    ...rows.filter(([, values]) => values.length > 0).map(([name, values]) => `  ${name}: ${values.join(', ')}`),
  ]
}

const estimateText = ({ rows, why }: NonNullable<z.infer<typeof ShownFacts>['estimate']>): string =>
  rows === null ? `no estimate (${why ?? 'unknown'})` : `about ${rows}, says the planner`

function factLines(facts: z.infer<typeof ShownFacts>): readonly string[] {
  const names = (uses: readonly { readonly name: string; readonly classes: readonly string[] }[]): readonly string[] =>
    uses.map(({ name, classes }) => (classes.length === 0 ? name : `${name} [${classes.join(', ')}]`))
  const rows: (readonly [string, readonly string[]])[] = [
    ['does', facts.effects],
    ['changes', names(facts.writes)],
    ['reads', names(facts.reads)],
    ['columns', columnLines(facts)],
    ['calls', facts.functions.map(({ name, builtin }) => (builtin ? name : `${name} (not built in)`))],
    ['sets', facts.settings],
    ['unknown', facts.complete ? [] : facts.gaps],
    ['rows', facts.estimate === null ? [] : [estimateText(facts.estimate)]],
  ]
  const told = rows.filter(([, values]) => values.length > 0).map(([name, values]) => `  ${name}: ${values.join(', ')}`)
  return [
    `  ${facts.verbs.join(', ')}${facts.filtered ? '' : '  WITHOUT A FILTER THAT COUNTS: may reach every row'}`,
    ...told,
  ]
}
