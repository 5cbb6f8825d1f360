import type { Facts } from '../model/facts.ts'
import type { ApprovalId, PersonName, SessionId, TargetName } from '../model/ids.ts'
import type { RuleMatch } from '../model/verdict.ts'

/** What a message tells of an approval: ids, names, facts and a link. It has no place for statement text, values or card data (PCI DSS 4.2.2). */
export interface ApprovalMessage {
  readonly kind: 'approval.opened' | 'approval.decided' | 'approval.closed'
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
  readonly publicUrl: string
  /** Card numbers in names become BIN and last four: a table may be named by an attacker. */
  readonly scrub: (text: string) => string
}

/** Longest list of tables that a message carries; the page has them all. */
const MAX_TABLES = 20

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
    rules: told.matches.map(({ rule, severity, message }) => ({ rule, severity, message: word(message, scrub) })),
    facts: told.facts.map((facts) => factsTold(facts, scrub)),
  }
}

function factsTold(facts: Facts, scrub: Told['scrub']): FactsTold {
  const { verbs, effects, filtered, complete } = facts
  const tables = [...facts.writes, ...facts.reads].map(({ schema, name }) =>
    word(schema === '' ? name : `${schema}.${name}`, scrub),
  )
  return {
    verbs,
    effects,
    tables: [...new Set(tables)].slice(0, MAX_TABLES),
    classes: facts.classes,
    filtered,
    complete,
  }
}

/** Plain text for a chat: no control or direction characters, no markup that a chat would render, bounded. */
function word(text: string, scrub: Told['scrub']): string {
  return scrub(text)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}<>@*_`~|[\]()]/gu, (sign) => (/[_()]/.test(sign) ? sign : '?'))
    .slice(0, 500)
}
