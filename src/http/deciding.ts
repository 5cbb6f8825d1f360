import type { FactorAnswer } from '../access/factor-answer.ts'
import type { Approval } from '../approvals/approval.ts'
import { notReciprocalMs } from '../approvals/reciprocal.ts'
import { rule } from '../approvals/ruling.ts'
import type { Answer, DecisionRefusal } from '../approvals/ruling.ts'
import { detailOf } from './approval-view.ts'
import type { Detail, ViewDeps } from './approval-view.ts'
import { factorProblem } from './fresh-factor.ts'
import { approvalId } from './ids.ts'
import type { ApprovalsPort, LoginPort } from './ports.ts'
import { Problem } from './problem.ts'
import { seesApproval } from './sight.ts'
import type { Viewer } from './viewer.ts'

export interface DecidingDeps extends ViewDeps {
  readonly approvals: ApprovalsPort
  readonly login: LoginPort
  readonly now: () => number
}

/** What a person wants to decide about one approval, from the API or from the page. */
export interface Intent {
  readonly id: string
  readonly by: Viewer
  readonly address: string
  readonly digest: string
  readonly decision: { readonly kind: 'approve' } | { readonly kind: 'deny'; readonly reason: string }
  readonly proof: Proof
}

/** A factor to be spent now, or a login that was made for this very approval and not used up yet. */
export type Proof = FactorAnswer | { readonly kind: 'login' }

/** One approval that this viewer may see, or `not-found`. */
export async function findVisible(
  id: string,
  viewer: Viewer,
  { approvals }: DecidingDeps,
): Promise<Approval | Problem> {
  const known = approvalId(id)
  const approval = known && (await approvals.get(known))
  return approval !== undefined && seesApproval(viewer, approval) ? approval : new Problem('not-found')
}

/** One approval as this viewer sees it. */
export function detailFor(approval: Approval, viewer: Viewer, deps: DecidingDeps): Detail {
  const mayDecide = mayDeny(approval, viewer, deps.now())
  return detailOf(approval, { hold: deps.approvals.shown(approval.id), mayDecide }, deps)
}

/** Whether a denial of this viewer would count now: whoever may approve may deny. */
export function mayDeny(approval: Approval, viewer: Viewer, now: number): boolean {
  const denial = answerOf(approval, {
    by: viewer,
    address: '',
    digest: approval.digest,
    decision: { kind: 'deny', reason: '' },
  })
  return rule(approval, denial, now).kind === 'decided'
}

/**
 * Brings a decision to the state machine. Everything that can be refused without the code is refused before it, by the machine's own
 * pure rule, so that no code is spent for nothing; the machine applies the rule again in one step.
 */
export async function decide(intent: Intent, deps: DecidingDeps): Promise<Approval | Problem> {
  const approval = await findVisible(intent.id, intent.by, deps)
  if (approval instanceof Problem) return approval
  const answer = answerOf(approval, intent)
  const foreseen = rule(approval, answer, deps.now())
  if (foreseen.kind === 'refused') return refusal(foreseen.why, foreseen.state)
  if (foreseen.kind === 'repeated') return approval
  const objection =
    (intent.decision.kind === 'deny' ? undefined : await returned(approval, intent.by, deps)) ??
    unseen(intent, approval, deps) ??
    (await unproved(intent, approval, deps))
  if (objection !== undefined) return objection
  const outcome = await deps.approvals.decide(answer)
  return outcome.outcome === 'recorded' ? outcome.approval : refusal(outcome.why, outcome.state)
}

/** The requester takes it back. */
export async function withdraw(
  id: string,
  by: { readonly viewer: Viewer; readonly address: string },
  deps: DecidingDeps,
): Promise<Approval | Problem> {
  const approval = await findVisible(id, by.viewer, deps)
  if (approval instanceof Problem) return approval
  const { person } = by.viewer
  if (approval.person !== person) return new Problem('forbidden', 'only the requester withdraws')
  const done = await deps.approvals.withdraw(approval.id, 'withdrawn', {
    by: person,
    origin: by.address,
    reason: 'taken back by the requester',
  })
  const after = (await deps.approvals.get(approval.id)) ?? approval
  return done ? after : refusal('not-open', after.state)
}

/** `factorFresh` is true because `unproved` stands before every use that counts. */
function answerOf(approval: Approval, { by, address, digest, decision }: Omit<Intent, 'id' | 'proof'>): Answer {
  const { person, roles, service, owner } = by
  const reason = decision.kind === 'deny' ? decision.reason : undefined
  return {
    id: approval.id,
    person,
    owner,
    roles,
    service,
    kind: decision.kind,
    digest,
    reason,
    factorFresh: true,
    origin: address,
  }
}

/** Asked before a factor is spent; the machine asks again in the step that decides. */
export async function returned(
  { human, holds }: Pick<Approval, 'human' | 'holds'>,
  by: Viewer,
  deps: { readonly approvals: Pick<ApprovalsPort, 'favour'>; readonly now: () => number },
): Promise<Problem | undefined> {
  const ms = notReciprocalMs(holds)
  if (ms === 0) return undefined
  const asked = { by: human, for: by.owner ?? by.person, since: deps.now() - ms }
  return (await deps.approvals.favour(asked)) === undefined ? undefined : refusal('reciprocal')
}

/** What cannot be shown whole can be denied, not approved. */
function unseen({ decision }: Intent, approval: Approval, deps: DecidingDeps): Problem | undefined {
  if (decision.kind === 'deny') return undefined
  const { shown } = detailOf(approval, { hold: deps.approvals.shown(approval.id), mayDecide: true }, deps)
  return shown === null ? new Problem('not-shown', 'it is too long, or its session is not on this node') : undefined
}

async function unproved(
  { proof, by, address, decision }: Intent,
  approval: Approval,
  { login }: DecidingDeps,
): Promise<Problem | undefined> {
  if (proof.kind === 'login') return undefined
  return spent({ proof, by, address, purpose: `${decision.kind} ${approval.id}` }, login)
}

/** Takes a fresh factor for one purpose; undefined where it was good. */
export function spent(
  {
    proof,
    by,
    address,
    purpose,
  }: Pick<Intent, 'by' | 'address'> & { readonly proof: FactorAnswer; readonly purpose: string },
  login: LoginPort,
): Promise<Problem | undefined> {
  return factorProblem({ person: by.person, proof, purpose, address }, login)
}

/** Whoever is stopped may look, and say no. */
export const keptOut = (): Problem =>
  new Problem('stopped', 'it stands for you: until access is resumed you approve and sign nothing')

/** 409 carries the state that stands now. */
export function refusal(why: DecisionRefusal, state?: string): Problem {
  switch (why) {
    case 'not-found':
      return new Problem('not-found')
    case 'own':
      return new Problem('own-approval')
    case 'role':
      return new Problem('forbidden', 'the rule asks for another role, or one that you had when the statement was held')
    case 'digest':
      return new Problem('wrong-digest')
    case 'factor':
      return new Problem('factor-refused')
    case 'reciprocal':
      return new Problem(
        'forbidden',
        'the rule takes no favour in return: the requester approved something of yours lately',
      )
    case 'kept-out':
      return keptOut()
    case 'not-open':
      return new Problem(
        'decided',
        state === undefined ? undefined : `it is ${state}`,
        state === undefined ? {} : { state },
      )
  }
}
