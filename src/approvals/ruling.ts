import type { ApprovalId, PersonName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import { NEXT } from './approval.ts'
import type { Approval, ApprovalState, Decision } from './approval.ts'
import { sameDigest } from './digest.ts'
import { termsAt } from './escalation.ts'
import { isSatisfied, mayAnswer } from './quorum.ts'

/** One person's answer as it arrives at any door. The person and roles come from a token, never from a body. */
export interface Answer {
  readonly id: ApprovalId
  readonly person: PersonName
  /** The owner of the answering account, where it has one: the human who counts. */
  readonly owner?: PersonName | undefined
  readonly roles: readonly Role[]
  /** A program never countersigns. */
  readonly service: boolean
  readonly kind: 'approve' | 'deny'
  /** What was shown to the person. */
  readonly digest: string
  readonly reason?: string | undefined
  /** A factor was proved just now, for this decision. */
  readonly factorFresh: boolean
  /** The kill switch stands for this person, whose no is heard and whose yes is not. Known to the store alone, in the step that decides. */
  readonly keptOut?: boolean
  /** Source address, for the ledger. */
  readonly origin: string
}

/** `reciprocal`: the rule takes no favour in return, and the requester approved something of this person lately. `kept-out`: the kill switch stands for whoever answers. */
export type DecisionRefusal =
  'not-found' | 'not-open' | 'digest' | 'own' | 'role' | 'factor' | 'reciprocal' | 'kept-out'

export type DecisionOutcome =
  | { readonly outcome: 'recorded'; readonly approval: Approval; readonly repeated: boolean }
  | { readonly outcome: 'refused'; readonly why: DecisionRefusal; readonly state?: ApprovalState }

/** What a person's answer is measured by: a hold, or a script that was submitted ahead of time. */
export type Answerable = Pick<
  Approval,
  | 'state'
  | 'person'
  | 'human'
  | 'digest'
  | 'holds'
  | 'needsFactor'
  | 'eligible'
  | 'createdAt'
  | 'expiresAt'
  | 'decisions'
> & {
  /** Those of the decisions that still count, where somebody has looked: people may have been disabled or have lost a role since. */
  readonly counting?: readonly Decision[]
}

/** What an answer does: nothing (refused or said before), or a decision and perhaps a new state. */
export type Ruled =
  | { readonly kind: 'refused'; readonly why: DecisionRefusal; readonly state?: ApprovalState }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'decided'; readonly decision: Decision; readonly state: ApprovalState }

/**
 * What one answer does to an approval at `now`. Pure: the store runs it inside the transaction that writes its result, so that there is one
 * order of all answers.
 */
export function rule(asked: Answerable | undefined, answer: Omit<Answer, 'id'>, now: number): Ruled {
  if (asked === undefined) return { kind: 'refused', why: 'not-found' }
  const approval = { ...asked, holds: termsAt(asked, now) }
  const human = answer.owner ?? answer.person
  const roles = countingRoles(approval, answer)
  const why = personRefusal(approval, { answer, human, roles })
  if (why !== undefined) return { kind: 'refused', why }
  if (approval.decisions.some((said) => said.person === answer.person && said.kind === answer.kind))
    return { kind: 'repeated' }
  if (!sameDigest(approval.digest, answer.digest)) return { kind: 'refused', why: 'digest' }
  if (!canStill(approval, answer.kind, now)) return { kind: 'refused', why: 'not-open', state: stateAt(approval, now) }
  if (approval.needsFactor && !answer.factorFresh) return { kind: 'refused', why: 'factor' }
  const decision: Decision = { person: answer.person, human, kind: answer.kind, roles, reason: answer.reason, at: now }
  return { kind: 'decided', decision, state: stateAfter(approval, decision) }
}

/** The state as the clock has it: what nobody marked as expired yet is expired all the same. */
export const stateAt = (approval: Pick<Approval, 'state' | 'expiresAt'>, now: number): ApprovalState =>
  (approval.state === 'open' || approval.state === 'approved') && now >= approval.expiresAt ? 'expired' : approval.state

function personRefusal(
  approval: Answerable,
  { answer, human, roles }: { answer: Omit<Answer, 'id'>; human: PersonName; roles: readonly Role[] },
): DecisionRefusal | undefined {
  const own = [approval.person, approval.human]
  if (own.includes(answer.person) || own.includes(human)) return 'own'
  if (answer.service || !mayAnswer(approval.holds, roles)) return 'role'
  return answer.kind === 'approve' && answer.keptOut === true ? 'kept-out' : undefined
}

/** Roles count that the person has now and had when the statement was held. */
const countingRoles = (approval: Answerable, answer: Omit<Answer, 'id'>): readonly Role[] => {
  const frozen = approval.eligible.find((one) => one.person === answer.person)?.roles ?? []
  return answer.roles.filter((role) => frozen.includes(role))
}

/** An approval is only given while it is asked for; a denial also while nobody has claimed the statement yet. */
const canStill = (approval: Answerable, kind: 'approve' | 'deny', now: number): boolean => {
  const state = stateAt(approval, now)
  return kind === 'approve' ? state === 'open' : NEXT[state].some((next) => next === 'denied')
}

const stateAfter = (approval: Answerable, decision: Decision): ApprovalState => {
  if (decision.kind === 'deny') return 'denied'
  const counting = approval.counting ?? approval.decisions
  return isSatisfied(approval.holds, [...counting, decision]) ? 'approved' : approval.state
}
