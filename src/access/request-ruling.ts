import type { AccessDecision, AccessRequest, AccessStage, RequestId, RequestState } from '../model/access-request.ts'
import type { PersonName } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'

/** One person's answer to a request as it arrives at any door. Person, owner and roles come from a token, never from a body. */
export interface RequestAnswer {
  readonly id: RequestId
  readonly by: PersonName
  /** The owner of the answering account, where it has one: the human who counts. */
  readonly owner?: PersonName | undefined
  readonly roles: readonly Role[]
  /** A program decides nothing. */
  readonly service: boolean
  readonly kind: 'approve' | 'deny'
  /** Shortens what was asked for, in milliseconds. */
  readonly forMs?: number | undefined
  readonly reason?: string | undefined
  /** A factor was proved just now, for this decision. */
  readonly factorFresh: boolean
  /** The kill switch stands for this person, whose no is heard and whose yes is not. Known to the store alone, in the step that decides. */
  readonly keptOut?: boolean
}

/**
 * `stage`: another stage is asked now. `longer`: an approver may shorten and not lengthen. `not-open` also where the requester was disabled
 * or the grant that was to be prolonged has been revoked. `stopped`: the kill switch keeps the requester out; a no is heard all the same. `kept-out`: it
 * stands for whoever answers.
 */
export type RequestRefusal =
  'not-found' | 'own' | 'role' | 'stage' | 'longer' | 'factor' | 'not-open' | 'stopped' | 'kept-out'

/** What an answer does: nothing (refused or said before), or a decision and perhaps a new state. */
export type RuledRequest =
  | { readonly kind: 'refused'; readonly why: RequestRefusal; readonly state?: RequestState }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'decided'; readonly decision: AccessDecision; readonly state: RequestState }

/** What is true outside of the request at the moment of an answer. */
export interface Surroundings {
  readonly now: number
  /** The requester was disabled, or the grant that it asks to prolong was revoked. */
  readonly defunct: boolean
  /** The kill switch stands for the requester or the target. */
  readonly stopped?: boolean
}

/** The least time that is worth a grant, in milliseconds. */
export const LEAST_MS = 60_000

/**
 * What one answer does to a request. Pure: the store runs it inside the transaction that writes its result, so that there is one order of all
 * answers.
 */
export function ruleRequest(
  request: AccessRequest | undefined,
  answer: RequestAnswer,
  around: Surroundings,
): RuledRequest {
  if (request === undefined) return { kind: 'refused', why: 'not-found' }
  const human = answer.owner ?? answer.by
  if ([request.person, request.human].some((own) => own === answer.by || own === human))
    return { kind: 'refused', why: 'own' }
  const roles = countingRoles(request, answer)
  const asked = stagesAt(request, around.now)
  if (answer.service || !asked.some((stage) => hasOne(stage, roles))) return { kind: 'refused', why: 'role' }
  if (answer.kind === 'approve' && answer.keptOut === true) return { kind: 'refused', why: 'kept-out' }
  if (request.decisions.some((said) => said.human === human && said.kind === answer.kind)) return { kind: 'repeated' }
  const state = requestStateAt(request, around)
  if (state !== 'open') return { kind: 'refused', why: 'not-open', state }
  return settled(request, { asked, answer, human, roles, around })
}

interface Answered {
  /** The stages as they are asked by now. */
  readonly asked: readonly AccessStage[]
  readonly answer: RequestAnswer
  readonly human: PersonName
  readonly roles: readonly Role[]
  readonly around: Surroundings
}

function settled(request: AccessRequest, answered: Answered): RuledRequest {
  const { answer, human, roles, around } = answered
  const { by: person, kind, forMs, reason } = answer
  const { decisions } = request
  const open = openStage(request.stages, decisions)
  const asked = answered.asked[open]
  if (kind === 'approve' && (asked === undefined || !hasOne(asked, roles))) return { kind: 'refused', why: 'stage' }
  if (kind === 'approve' && around.stopped === true) return { kind: 'refused', why: 'stopped' }
  if (forMs !== undefined && !shortens(forMs, request.forMs)) return { kind: 'refused', why: 'longer' }
  if (!answer.factorFresh) return { kind: 'refused', why: 'factor' }
  const decision: AccessDecision = { person, human, kind, stage: open, forMs, reason, at: around.now }
  if (kind === 'deny') return { kind: 'decided', decision, state: 'denied' }
  const after = openStage(request.stages, [...decisions, decision])
  return { kind: 'decided', decision, state: after === request.stages.length ? 'granted' : 'open' }
}

/** The state as the clock and its surroundings have it: what nobody marked as expired yet is expired all the same. */
export const requestStateAt = (
  request: AccessRequest,
  { now, defunct }: Pick<Surroundings, 'now' | 'defunct'>,
): RequestState => (request.state === 'open' && (defunct || now >= request.expiresAt) ? 'expired' : request.state)

type Said = Pick<AccessDecision, 'human' | 'kind' | 'stage' | 'gone'>

/** Index of the stage that is asked now; the number of stages where all are satisfied. */
export const openStage = (stages: readonly AccessStage[], decisions: readonly Said[]): number => {
  const open = stages.findIndex((stage, index) => humansIn(index, decisions) < Math.max(1, stage.need))
  return open < 0 ? stages.length : open
}

/** How many different humans have approved one stage, and are still here to mean it. */
export const humansIn = (index: number, decisions: readonly Said[]): number =>
  new Set(
    decisions
      .filter(({ kind, stage, gone }) => kind === 'approve' && stage === index && gone !== true)
      .map(({ human }) => human),
  ).size

/** What is granted in the end: the shortest that anybody who approved has said. */
export const grantedMs = (request: AccessRequest, decisions: readonly AccessDecision[]): number =>
  Math.min(request.forMs, ...decisions.map((decision) => decision.forMs ?? request.forMs))

/** The stages with whom each asks by then: nobody else answers what waits than those whose turn has come. */
export function stagesAt(request: AccessRequest, now: number): readonly AccessStage[] {
  const open = openStage(request.stages, request.decisions)
  const waited = now - stageSince(request)
  return request.stages.map((stage, index) => (index === open ? { ...stage, from: rolesAt(stage, waited) } : stage))
}

/** Whom a stage asks once it has waited for so long. Asking only ever widens. */
const rolesAt = ({ from, escalation = [] }: AccessStage, waitedMs: number): readonly Role[] => [
  ...new Set([...from, ...escalation.filter(({ afterMs }) => afterMs <= waitedMs).flatMap((step) => step.from)]),
]

/** Whom a stage asks at the very end: whoever may answer at all. */
export const rolesAtLast = (stage: AccessStage): readonly Role[] => rolesAt(stage, Infinity)

/** The steps of a stage that came while it was open. */
export function stepsTaken(request: AccessRequest, index: number, now: number): number {
  const open = openStage(request.stages, request.decisions)
  if (index > open) return 0
  const said = request.decisions.filter(({ kind, stage }) => kind === 'approve' && stage <= index)
  const at = (most: number): number =>
    said.filter(({ stage }) => stage < most).reduce((latest, one) => Math.max(latest, one.at), request.createdAt)
  const end = index < open ? at(index + 1) : Math.min(now, request.settledAt ?? now)
  return (request.stages[index]?.escalation ?? []).filter(({ afterMs }) => afterMs <= end - at(index)).length
}

/** When the stage that is asked now began to be asked. */
export function stageSince(request: AccessRequest): number {
  const open = openStage(request.stages, request.decisions)
  return request.decisions
    .filter(({ kind, stage }) => kind === 'approve' && stage < open)
    .reduce((latest, { at }) => Math.max(latest, at), request.createdAt)
}

/** Roles count that the person has now and had when it was asked. */
const countingRoles = (request: AccessRequest, { by, roles }: RequestAnswer): readonly Role[] => {
  const frozen = request.eligible.find((one) => one.person === by)?.roles ?? []
  return roles.filter((role) => frozen.includes(role))
}

const hasOne = ({ from }: AccessStage, roles: readonly Role[]): boolean => roles.some((role) => from.includes(role))

const shortens = (forMs: number, asked: number): boolean =>
  Number.isSafeInteger(forMs) && forMs >= Math.min(LEAST_MS, asked) && forMs <= asked
