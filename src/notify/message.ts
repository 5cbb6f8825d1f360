import type { ActionFacts } from '../model/action-facts.ts'
import type { Facts, RelationUse, SqlFacts } from '../model/facts.ts'
import type { ApprovalId, PersonName, SessionId, TargetName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { RuleMatch } from '../model/verdict.ts'
import { inert, tableName } from './inert.ts'
import type { Line, Notice, Weight } from './notice.ts'

/** What a message tells of an approval: ids, names, facts and a link. It has no place for statement text, values or card data (PCI DSS 4.2.2). */
export interface ApprovalMessage {
  readonly kind: 'approval.opened' | 'approval.escalated' | 'approval.decided' | 'approval.closed'
  readonly at: string
  readonly link: string
  readonly approval: { readonly id: string; readonly state: string; readonly expiresAt: string }
  readonly person: string
  readonly target: string
  readonly session: string
  readonly rules: readonly { readonly rule: string; readonly severity: string; readonly message: string }[]
  readonly facts: readonly FactsTold[]
}

interface FactsTold {
  readonly verbs: readonly string[]
  readonly effects: readonly string[]
  readonly tables: readonly string[]
  readonly classes: readonly string[]
  readonly filtered: boolean
  readonly complete: boolean
}

export interface Told {
  readonly kind: ApprovalMessage['kind']
  /** Milliseconds since 1970. */
  readonly at: number
  readonly id: ApprovalId
  readonly state: string
  readonly expiresAt: number
  readonly person: PersonName
  readonly target: TargetName
  readonly session: SessionId
  readonly matches: readonly RuleMatch[]
  readonly facts: readonly Facts[]
  /** Roles that are asked as well from now on. */
  readonly asked?: readonly Role[]
  readonly publicUrl: string
  /** Card numbers in names become BIN and last four: a table may be named by an attacker. */
  readonly scrub: (text: string) => string
}

/** Longest list of tables that a message carries; the page has them all. */
const MAX_TABLES = 20

/** The same for every kind of channel. */
export function approvalNotice(told: Told): Notice {
  const payload = approvalMessage(told)
  return {
    kind: told.kind,
    subject: `approval:${told.id}`,
    weight: weightOf(told),
    headline: headlineOf(told),
    lines: linesOf(told, payload),
    link: payload.link,
    payload,
  }
}

/** The body of a generic webhook. */
export function approvalMessage(told: Told): ApprovalMessage {
  const { kind, id, state, person, target, session, scrub } = told
  return {
    kind,
    at: new Date(told.at).toISOString(),
    link: `${told.publicUrl.replace(/\/+$/, '')}/approvals/${id}`,
    approval: { id, state, expiresAt: new Date(told.expiresAt).toISOString() },
    person,
    target,
    session,
    rules: told.matches.map(({ rule, severity, message }) => ({ rule, severity, message: inert(message, scrub) })),
    facts: told.facts.map((facts) => factsTold(facts, scrub)),
  }
}

function factsTold(facts: Facts, scrub: Told['scrub']): FactsTold {
  if (facts.kind !== 'sql') return actionTold(facts, scrub)
  const { verbs, effects, filtered, complete } = facts
  const tables = relations(facts).map(({ schema, name }) =>
    [schema, name].flatMap((part) => (part === '' ? [] : inert(part, scrub))).join('.'),
  )
  return {
    verbs,
    effects,
    tables: [...new Set(tables)].slice(0, MAX_TABLES),
    classes: facts.classes.map((name) => inert(name, scrub)),
    filtered,
    complete,
  }
}

/** Program names and what is done; no argument, no path and no host, which are literals. */
const actionTold = (facts: ActionFacts, scrub: Told['scrub']): FactsTold => ({
  verbs: facts.kind === 'command' ? [inert(facts.program ?? 'unknown program', scrub)] : [facts.kind],
  effects: facts.effects,
  tables: [],
  classes: [],
  filtered: true,
  complete: facts.complete,
})

const relations = (facts: SqlFacts): readonly RelationUse[] => [...facts.writes, ...facts.reads]

const weightOf = ({ kind, person }: Told): Weight =>
  kind === 'approval.opened' || kind === 'approval.escalated' ? { kind: 'asks', person } : { kind: 'follows' }

function headlineOf({ kind, person, target, state, asked = [] }: Told): string {
  switch (kind) {
    case 'approval.opened':
      return `${person} asks to countersign a statement on ${target}`
    case 'approval.escalated':
      return `Nobody has answered yet: ${person} asks ${asked.join(' or ')} to countersign a statement on ${target}`
    case 'approval.decided':
      return `The statement of ${person} on ${target} has been answered: ${state}`
    case 'approval.closed':
      return `The statement of ${person} on ${target} waits no more: ${state}`
  }
}

function linesOf(told: Told, { rules, facts, approval }: ApprovalMessage): readonly Line[] {
  const tables = told.facts.flatMap((one) =>
    (one.kind === 'sql' ? relations(one) : []).map((use) => tableName(use, told.scrub)),
  )
  const known: readonly (readonly [string, readonly string[]])[] = [
    ['Person', [told.person]],
    ['Target', [told.target]],
    ['State', [told.state]],
    ['Rule', rules.map(({ rule, severity, message }) => `${rule} (${severity}): ${message}`)],
    ['Does', facts.flatMap(({ verbs }) => verbs)],
    ['Effects', facts.flatMap(({ effects }) => effects)],
    ['Tables', [...new Set(tables)].slice(0, MAX_TABLES)],
    ['Data', facts.flatMap(({ classes }) => classes)],
    ['Mind', facts.some(({ complete }) => !complete) ? ['not all of it is understood'] : []],
    ['Approval', [approval.id]],
    ['Answer until', [approval.expiresAt]],
  ]
  return known.flatMap(([label, texts]) =>
    texts.length === 0 ? [] : [{ label, text: [...new Set(texts)].join('; ') }],
  )
}
