import { APPROVAL_STATES } from '../approvals/approval.ts'
import type { Approval, ApprovalState, Decision, Eligible } from '../approvals/approval.ts'
import { personName, targetName } from '../model/ids.ts'
import type { ApprovalId, SessionId } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { HoldTerms, RuleMatch } from '../model/verdict.ts'
import { integer, json, maybeInteger, maybeText, text } from './row.ts'
import type { Row } from './row.ts'

export function approvalFrom(row: Row, decisions: readonly Decision[]): Approval {
  return {
    id: text(row, 'id') as ApprovalId,
    state: stateFrom(row),
    session: text(row, 'session') as SessionId,
    person: personName(text(row, 'person')),
    human: personName(text(row, 'human')),
    target: targetName(text(row, 'target')),
    digest: text(row, 'digest'),
    matches: json<readonly RuleMatch[]>(row, 'matches'),
    holds: json<readonly HoldTerms[]>(row, 'holds'),
    redacted: json<RedactedText>(row, 'redacted'),
    policyVersion: text(row, 'policy_version'),
    needsFactor: integer(row, 'needs_factor') === 1,
    eligible: json<readonly Eligible[]>(row, 'eligible'),
    createdAt: integer(row, 'created_at'),
    expiresAt: integer(row, 'expires_at'),
    decisions,
    settledAt: maybeInteger(row, 'settled_at'),
    settledBy: maybeText(row, 'settled_by'),
    reason: maybeText(row, 'reason'),
    fence: maybeText(row, 'fence'),
    claimedAt: maybeInteger(row, 'claimed_at'),
    finishedAt: maybeInteger(row, 'finished_at'),
    detail: maybeText(row, 'detail'),
  }
}

/** What nobody knows counts as a denial. */
const DECISIONS = ['approve', 'deny', 'break-glass'] as const

export const decisionFrom = (row: Row): Decision => ({
  person: personName(text(row, 'person')),
  human: personName(text(row, 'human')),
  kind: DECISIONS.find((known) => known === text(row, 'kind')) ?? 'deny',
  roles: json<readonly Role[]>(row, 'roles'),
  reason: maybeText(row, 'reason'),
  at: integer(row, 'at'),
})

function stateFrom(row: Row): ApprovalState {
  const state = APPROVAL_STATES.find((known) => known === text(row, 'state'))
  if (state === undefined) throw new TypeError('an approval has an unknown state')
  return state
}
