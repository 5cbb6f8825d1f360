import type { AskOutcome, WantedAccess } from '../access/requests.ts'
import { ruleRequest } from '../access/request-ruling.ts'
import type { RequestRefusal } from '../access/request-ruling.ts'
import type { AccessRequest, RequestState } from '../model/access-request.ts'
import { stopWords } from '../access/stops.ts'
import { printDuration } from '../std/duration.ts'
import { keptOut } from './deciding.ts'
import type { Proof } from './deciding.ts'
import { factorProblem } from './fresh-factor.ts'
import { requestId } from './ids.ts'
import type { LoginPort, RequestsPort } from './ports.ts'
import { Problem } from './problem.ts'
import { requestAnswer } from './request-view.ts'
import type { RequestViewDeps } from './request-view.ts'
import { seesRequest } from './sight.ts'
import type { Viewer } from './viewer.ts'

export interface RequestDecidingDeps extends RequestViewDeps {
  readonly requests: RequestsPort
  readonly login: LoginPort
}

/** What a person wants to decide about one request, from the API or from the console. */
export interface RequestIntent {
  readonly id: string
  readonly by: Viewer
  readonly address: string
  readonly decision:
    | { readonly kind: 'approve'; readonly forMs?: number | undefined; readonly reason?: string | undefined }
    | { readonly kind: 'deny'; readonly reason: string }
  readonly proof: Proof
}

/** Who acts at this door, and from where. */
export interface Visitor {
  readonly viewer: Viewer
  readonly address: string
}

/** One request that this viewer may see, or `not-found`. */
export async function findRequest(
  id: string,
  viewer: Viewer,
  { requests }: Pick<RequestDecidingDeps, 'requests'>,
): Promise<AccessRequest | Problem> {
  const known = requestId(id)
  const request = known && (await requests.find(known))
  return request !== undefined && seesRequest(viewer, request) ? request : new Problem('not-found')
}

/** Asks for access. What a rule refused is a request too, in the state `refused`. */
export async function ask(
  wanted: WantedAccess,
  { viewer, address }: Visitor,
  { requests }: Pick<RequestDecidingDeps, 'requests'>,
): Promise<AccessRequest | Problem> {
  const { person, roles, service } = viewer
  const outcome = await requests.ask(wanted, { person, roles, service }, { by: person, origin: address })
  return outcome.outcome === 'asked' ? outcome.request : wishProblem(outcome)
}

/**
 * Brings a decision to the state machine. Everything that can be refused without the factor is refused before it, by the machine's own pure
 * rule, so that no factor is spent for nothing; the machine applies the rule again in one step.
 */
export async function decideRequest(
  intent: RequestIntent,
  deps: RequestDecidingDeps,
): Promise<AccessRequest | Problem> {
  const { by, address, decision, proof } = intent
  const request = await findRequest(intent.id, by, deps)
  if (request instanceof Problem) return request
  const answer = requestAnswer(request, by, decision)
  const foreseen = ruleRequest(request, answer, { now: deps.now(), defunct: false })
  if (foreseen.kind === 'refused') return refusal(foreseen.why, foreseen.state)
  if (foreseen.kind === 'repeated') return request
  if (proof.kind !== 'login') {
    const purpose = `${decision.kind} ${request.id}`
    const objection = await factorProblem({ person: by.person, proof, purpose, address }, deps.login)
    if (objection !== undefined) return objection
  }
  const outcome = await deps.requests.decide(answer, { origin: address })
  return outcome.outcome === 'recorded' ? outcome.request : refusal(outcome.why, outcome.state)
}

/** The requester takes it back. */
export async function withdrawRequest(
  id: string,
  { viewer, address }: Visitor,
  deps: RequestDecidingDeps,
): Promise<AccessRequest | Problem> {
  const request = await findRequest(id, viewer, deps)
  if (request instanceof Problem) return request
  if (request.person !== viewer.person) return new Problem('forbidden', 'only the requester withdraws')
  const ended = await deps.requests.withdraw(request.id, { by: viewer.person, origin: address })
  return ended ?? refusal('not-open', (await deps.requests.find(request.id))?.state)
}

const noTarget = (nearest: readonly string[]): string =>
  nearest.length === 0
    ? 'there is no target of that name, and none that you may ask for'
    : `there is no target of that name; you may ask for ${nearest.join(', ')}`

function wishProblem({
  why,
  longestMs,
  standing,
  stop,
  nearest = [],
}: Extract<AskOutcome, { outcome: 'invalid' }>): Problem {
  switch (why) {
    case 'service':
      return new Problem('forbidden', 'a service account cannot ask; its owner or an admin arranges its grant')
    case 'no-such-target':
      return new Problem('not-found', noTarget(nearest), { nearest })
    case 'no-such-person':
      return new Problem('forbidden', 'the account is disabled')
    case 'bad-duration':
      return new Problem('invalid', 'access lasts a minute at least, in whole milliseconds')
    case 'too-long':
      return new Problem('too-long', `at most ${printDuration(longestMs ?? 0)}`, { longestMs: longestMs ?? 0 })
    case 'no-reason':
      return new Problem('invalid', 'a reason is needed; whoever decides reads it')
    case 'long-reason':
      return new Problem('invalid', 'the reason must be at most 2000 characters')
    case 'bad-ticket':
      return new Problem('invalid', 'a ticket is 1 to 64 letters, digits and . _ / # : -, and no card number')
    case 'asked-already':
      return new Problem('asked-already', standing, standing === undefined ? {} : { request: standing })
    case 'too-many':
      return new Problem('too-many-requests', 'let some be answered first')
    case 'stopped':
      return new Problem('stopped', stop === undefined ? undefined : stopWords(stop))
  }
}

/** 409 carries the state that stands now. */
function refusal(why: RequestRefusal, state?: RequestState): Problem {
  switch (why) {
    case 'not-found':
      return new Problem('not-found')
    case 'own':
      return new Problem('own-request')
    case 'role':
      return new Problem('forbidden', 'the rule asks for another role, or one that you had when it was asked')
    case 'stage':
      return new Problem('forbidden', 'another stage is asked now')
    case 'longer':
      return new Problem(
        'invalid',
        'an approver may shorten what was asked for, to a minute at least, and not lengthen it',
      )
    case 'factor':
      return new Problem('factor-refused')
    case 'stopped':
      return new Problem(
        'stopped',
        'nothing is granted to whoever is kept out; it can be denied, or wait until access is resumed',
      )
    case 'kept-out':
      return keptOut()
    case 'not-open':
      return new Problem('settled', state && `it is ${state}`, state === undefined ? {} : { state })
  }
}
