import type { LedgerNote } from '../model/ledger.ts'
import { plain } from '../model/redacted.ts'
import type { Approval, Decision } from './approval.ts'

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
