import type { AccessDecision, AccessRequest, AccessStage, RequestId, RequestState } from '../model/access-request.ts'
import { personName, targetName } from '../model/ids.ts'
import type { GrantId } from '../model/ids.ts'
import type { Escalation } from '../model/verdict.ts'
import { rightsFrom } from './rights-column.ts'
import { integer, json, maybeInteger, maybeText, text } from './row.ts'
import type { Row } from './row.ts'

export function requestFrom(row: Row, decisions: readonly AccessDecision[]): AccessRequest {
  return {
    id: text(row, 'id') as RequestId,
    person: personName(text(row, 'person')),
    human: personName(text(row, 'human')),
    target: targetName(text(row, 'target')),
    rights: rightsFrom(row),
    forMs: integer(row, 'for_ms'),
    reason: text(row, 'reason'),
    ticket: maybeText(row, 'ticket'),
    renews: maybeGrant(row, 'renews'),
    state: stateFrom(row),
    rule: text(row, 'rule'),
    message: text(row, 'message'),
    stages: json<readonly StoredStage[]>(row, 'stages').map(stageFrom),
    eligible: json<AccessRequest['eligible']>(row, 'eligible'),
    decisions,
    createdAt: integer(row, 'created_at'),
    expiresAt: integer(row, 'expires_at'),
    escalated: integer(row, 'escalated'),
    settledAt: maybeInteger(row, 'settled_at'),
    grant: maybeGrant(row, 'grant_id'),
  }
}

export const accessDecisionFrom = (row: Row): AccessDecision => ({
  person: personName(text(row, 'person')),
  human: personName(text(row, 'human')),
  kind: text(row, 'kind') === 'approve' ? 'approve' : 'deny',
  stage: integer(row, 'stage'),
  forMs: maybeInteger(row, 'for_ms'),
  reason: maybeText(row, 'reason'),
  at: integer(row, 'at'),
})

/** As the first versions wrote it, one step that asks nobody more. */
type StoredStage = Omit<AccessStage, 'escalation'> & {
  readonly escalation?: readonly Escalation[] | Omit<Escalation, 'from'>
}

function stageFrom({ escalation, ...stage }: StoredStage): AccessStage {
  // What is not there in JSON is undefined again.
  if (escalation === undefined) return { ...stage, escalation }
  return { ...stage, escalation: 'afterMs' in escalation ? [{ ...escalation, from: [] }] : escalation }
}

const maybeGrant = (row: Row, column: string): GrantId | undefined => maybeText(row, column) as GrantId | undefined

const STATES: readonly RequestState[] = ['open', 'granted', 'refused', 'denied', 'withdrawn', 'expired']

function stateFrom(row: Row): RequestState {
  const state = STATES.find((known) => known === text(row, 'state'))
  if (state === undefined) throw new TypeError('an access request has an unknown state')
  return state
}
