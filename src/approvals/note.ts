import type { LedgerNote } from '../model/ledger.ts'
import { plain } from '../model/redacted.ts'
import type { Escalation } from '../model/verdict.ts'
import type { Approval, Decision } from './approval.ts'
import type { Review } from './review.ts'

/** What the ledger keeps of an approval's opening. Text is the redacted one. */
export function noteOf(approval: Approval, event: Pick<LedgerNote, 'kind' | 'at' | 'by' | 'origin'>): LedgerNote {
  const { session, person, target, digest, policyVersion } = approval
  const rules = approval.matches.map((match) => match.rule)
  return {
    ...event,
    outcome: approval.state,
    resource: `approval:${approval.id}`,
    detail: {
      session,
      person,
      target,
      digest,
      policyVersion,
      rules,
      statement: plain(approval.redacted),
      until: approval.expiresAt,
    },
  }
}

/** What the ledger keeps of asking more people. */
export function escalationNote(approval: Approval, { from, notify }: Escalation, at: number): LedgerNote {
  const { session, target, digest } = approval
  return {
    ...{ kind: 'approval.escalated', at, by: 'system', origin: 'local', outcome: approval.state },
    resource: `approval:${approval.id}`,
    detail: { session, target, digest, from, notify },
  }
}

/** What the ledger keeps of a use of break-glass. */
export function breakGlassNote(approval: Approval, review: Review, origin: string): LedgerNote {
  const { session, target, digest, matches, redacted } = approval
  const { incident, reason } = review
  return {
    kind: 'approval.break-glass',
    at: review.openedAt,
    by: review.person,
    origin,
    outcome: approval.state,
    resource: `approval:${approval.id}`,
    detail: {
      ...{ session, target, digest, incident, reason, review: review.id, statement: plain(redacted) },
      rules: matches.map((match) => match.rule),
    },
  }
}

/** What the ledger keeps of one person's word. */
export function decisionNote(approval: Approval, decision: Decision, origin: string): LedgerNote {
  const { session, target, digest } = approval
  const { kind, roles, reason = null } = decision
  return {
    kind: 'approval.decided',
    at: decision.at,
    by: decision.person,
    origin,
    outcome: approval.state,
    resource: `approval:${approval.id}`,
    detail: { session, target, digest, decision: kind, roles, reason },
  }
}
