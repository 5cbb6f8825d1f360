import type { Actor, LedgerNote, NoteValue } from '../model/ledger.ts'
import { plain } from '../model/redacted.ts'
import type { Decision } from './approval.ts'
import type { Script } from './script.ts'

/** What the ledger keeps of a script's submission. Text is the redacted one, and at most so much of it: the script itself stays in the store. */
const MAX_TEXT = 16_384

export function submittedNote(script: Script, actor: Actor): LedgerNote {
  const { person, target, database, digest, policyVersion, reason, ticket, expiresAt, redacted } = script
  const rules = script.matches.map((match) => match.rule)
  return scriptNote(script, {
    ...{ kind: 'script.submitted', at: script.createdAt, actor },
    detail: {
      ...{ person, target, database, digest, policyVersion, rules, reason, ticket: ticket ?? null },
      ...{ statements: script.statements.length, text: plain(redacted).slice(0, MAX_TEXT), until: expiresAt },
    },
  })
}

/** What the ledger keeps of one person's word on it. */
export function scriptDecisionNote(script: Script, decision: Decision, origin: string): LedgerNote {
  const { target, digest } = script
  const { kind, roles, reason = null } = decision
  return scriptNote(script, {
    ...{ kind: 'script.decided', at: decision.at, actor: { by: decision.person, origin } },
    detail: { target, digest, decision: kind, roles, reason },
  })
}

interface Event {
  readonly kind: string
  readonly at: number
  readonly actor: Actor
  readonly outcome?: string
  readonly detail?: Readonly<Record<string, NoteValue>>
}

export const scriptNote = (script: Pick<Script, 'id' | 'state'>, event: Event): LedgerNote => ({
  kind: event.kind,
  at: event.at,
  by: event.actor.by,
  origin: event.actor.origin,
  outcome: event.outcome ?? script.state,
  resource: `script:${script.id}`,
  detail: event.detail ?? {},
})
