import type { ApprovalId, PersonName, ReviewId } from '../model/ids.ts'
import type { Role } from '../model/principal.ts'
import type { Approval, Decision } from './approval.ts'
import { sameDigest } from './digest.ts'
import type { Review } from './review.ts'
import { stateAt } from './ruling.ts'

/** Who may clear their own holds on a target in an emergency; the operator enabled it there. */
export interface BreakGlass {
  readonly people: readonly PersonName[]
  readonly roles: readonly Role[]
  /** For so long after the first use in one incident, in milliseconds. */
  readonly longestMs: number
}

/** One use as it arrives at any door. The person comes from a token, never from a body. */
export interface BreakGlassUse {
  readonly id: ApprovalId
  readonly person: PersonName
  readonly owner?: PersonName | undefined
  readonly roles: readonly Role[]
  readonly service: boolean
  /** What was shown to the person. */
  readonly digest: string
  /** The name of the incident elsewhere, e.g. INC-1. */
  readonly incident: string
  readonly reason: string
  readonly factorFresh: boolean
  /** The kill switch stands for this person. */
  readonly keptOut?: boolean
  readonly origin: string
}

export type BreakGlassRefusal =
  | 'not-found'
  | 'not-own'
  | 'not-allowed'
  | 'digest'
  | 'not-open'
  | 'factor'
  /** An earlier incident of this person was not reviewed yet. */
  | 'unreviewed'
  /** The time of this incident is over. */
  | 'over'

export type BreakGlassOutcome =
  | { readonly outcome: 'cleared'; readonly approval: Approval; readonly review: Review }
  | { readonly outcome: 'refused'; readonly why: BreakGlassRefusal; readonly state?: Approval['state'] }

export interface BreakGlassAsked {
  readonly approval: Approval | undefined
  readonly use: BreakGlassUse
  /** Undefined where the operator did not enable it for the target. */
  readonly terms: BreakGlass | undefined
  /** All reviews of this human that are unsigned, and those of this incident on this target. */
  readonly reviews: readonly Review[]
  readonly now: number
}

/** What one use does, or why nothing. Pure: the store runs it inside the transaction that writes its result. */
export function ruleBreakGlass(asked: BreakGlassAsked): Decision | { readonly why: BreakGlassRefusal } {
  const { approval, use, now } = asked
  if (approval === undefined) return { why: 'not-found' }
  const human = use.owner ?? use.person
  if (approval.person !== use.person || use.service) return { why: 'not-own' }
  if (use.keptOut === true || !mayBreakGlass(asked.terms, use)) return { why: 'not-allowed' }
  if (!sameDigest(approval.digest, use.digest)) return { why: 'digest' }
  if (stateAt(approval, now) !== 'open') return { why: 'not-open' }
  const why = reviewRefusal(asked)
  if (why !== undefined) return { why }
  if (!use.factorFresh) return { why: 'factor' }
  const reason = `incident ${use.incident}: ${use.reason}`
  return { person: use.person, human, kind: 'break-glass', roles: use.roles, reason, at: now }
}

/** Whether the operator allows it to this person at all. */
export const mayBreakGlass = (
  terms: BreakGlass | undefined,
  { person, roles, service }: Pick<BreakGlassUse, 'person' | 'roles' | 'service'>,
): boolean =>
  terms !== undefined && !service && (terms.people.includes(person) || terms.roles.some((role) => roles.includes(role)))

/** One incident is one window, which begins with its first use. Before the next one somebody else has to have looked at the last. */
function reviewRefusal({ approval, use, terms, reviews, now }: BreakGlassAsked): 'unreviewed' | 'over' | undefined {
  const ofIncident = reviews.filter(({ incident, target }) => incident === use.incident && target === approval?.target)
  if (reviews.some((review) => review.signedAt === undefined && !ofIncident.includes(review))) return 'unreviewed'
  const first = Math.min(...ofIncident.map(({ openedAt }) => openedAt))
  return ofIncident.length > 0 && now >= first + (terms?.longestMs ?? 0) ? 'over' : undefined
}

/** The review that a use leaves behind. */
export const reviewOf = (
  { approval, use, now }: { readonly approval: Approval; readonly use: BreakGlassUse; readonly now: number },
  id: ReviewId,
): Review => ({
  id,
  person: use.person,
  human: use.owner ?? use.person,
  target: approval.target,
  approval: approval.id,
  incident: use.incident,
  reason: use.reason,
  openedAt: now,
  signedBy: undefined,
  signedAt: undefined,
  remark: undefined,
})
