import type { z } from 'zod'
import type { Stop, StopScope } from '../access/stops.ts'
import { timeOf } from './approval-view.ts'
import { answerOfFactor } from './factor.ts'
import type { Factor } from './factor.ts'
import { asTarget, sessionId } from './ids.ts'
import type { LoginPort, StopsPort, TargetsPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import type { Call } from './route.ts'
import { Done, ResumeBody, StopAnswer, StopBody, Stops } from './schemas.ts'

export interface StopDeps {
  readonly stops: StopsPort
  readonly login: LoginPort
  readonly targets: TargetsPort
}

/** The routes of the kill switch: a fresh factor each time, and everything below it is over when the answer comes. */
export function stopRoutes(deps: StopDeps) {
  return {
    stop: route(
      {
        method: 'post',
        path: '/api/v1/stop',
        summary: 'End a session, all access of a person or to a target, or everything, now',
        body: StopBody,
        query: NO_QUERY,
        answer: StopAnswer,
      },
      (call) => stop(call, deps),
    ),
    resume: route(
      {
        method: 'post',
        path: '/api/v1/resume',
        summary: 'Let new logins in again after a stop; what was revoked stays revoked',
        body: ResumeBody,
        query: NO_QUERY,
        answer: Done,
      },
      (call) => resume(call, deps),
    ),
    listStops: route(
      {
        method: 'get',
        path: '/api/v1/stops',
        summary: 'What is stopped until somebody resumes it',
        body: NO_BODY,
        query: NO_QUERY,
        answer: Stops,
      },
      async () => ({ stops: (await deps.stops.standing()).map(viewOf) }),
    ),
  }
}

/** For the API and the console: spends the factor, then everything below the scope is over. */
export async function stop(call: Order<z.output<typeof StopBody>>, deps: StopDeps) {
  const { viewer, address, body } = call
  const { scope, reason } = body
  const name = body.name ?? undefined
  const objection = misnamed({ scope, name }, deps) ?? (await unproved(call, `stop ${named({ scope, name })}`, deps))
  if (objection !== undefined) return objection
  const counts = await deps.stops.order({ scope, name, reason }, { by: viewer.person, origin: address })
  if (counts === undefined) return new Problem(scope === 'session' ? 'session-closed' : 'not-found')
  return { scope, name: name ?? null, ...counts }
}

/** Lets new logins in again. */
export async function resume(call: Order<z.output<typeof ResumeBody>>, deps: StopDeps) {
  const { viewer, address, body } = call
  const { scope, reason } = body
  const name = body.name ?? undefined
  const objection =
    misnamed({ scope, name }, deps) ??
    (await selfStopped(call, deps)) ??
    (await unproved(call, `resume ${named({ scope, name })}`, deps))
  if (objection !== undefined) return objection
  const resumed = await deps.stops.resume({ scope, name, reason }, { by: viewer.person, origin: address })
  return resumed ? { done: true as const } : new Problem('not-found', 'nothing of that name is stopped')
}

/** Whoever is stopped lets nobody in again, themselves least of all. The store asks again in the step that does it. */
async function selfStopped(
  { viewer: { person, owner } }: Pick<Order<unknown>, 'viewer'>,
  { stops }: StopDeps,
): Promise<Problem | undefined> {
  const standing = await stops.standing()
  return standing.some(({ scope, name }) => scope === 'person' && (name === person || name === owner))
    ? new Problem('stopped', 'it stands for you: somebody else resumes')
    : undefined
}

/** What an order needs of a call. */
type Order<Body> = Pick<Call<Body, unknown>, 'viewer' | 'address' | 'body'>

interface Wanted {
  readonly scope: StopScope
  readonly name: string | undefined
}

/** Before the factor is spent: everything has no name, the rest has one of the right form, and a target is configured. */
function misnamed({ scope, name }: Wanted, { targets }: StopDeps): Problem | undefined {
  if ((scope === 'everything') !== (name === undefined))
    return new Problem('invalid', scope === 'everything' ? 'everything has no name' : `name the ${scope}`)
  if (name === undefined) return undefined
  if (scope === 'session' && sessionId(name) === undefined) return new Problem('not-found')
  const isUnknown = scope === 'target' && !targets.all().some((target) => target.name === asTarget(name))
  return isUnknown ? new Problem('not-found') : undefined
}

async function unproved(
  { viewer, address, body }: Order<{ readonly factor: Factor }>,
  purpose: string,
  { login }: StopDeps,
): Promise<Problem | undefined> {
  const proof = answerOfFactor(body.factor)
  const verdict = await login.verifyFactor({ person: viewer.person, proof, purpose, address })
  if (verdict === 'accepted') return undefined
  return verdict === 'locked' ? new Problem('locked') : new Problem('factor-refused', 'wrong, expired or already used')
}

const named = ({ scope, name }: Wanted): string => (name === undefined ? scope : `${scope} ${name}`)

const viewOf = ({ scope, name, by, reason, at }: Stop) => ({ scope, name: name ?? null, by, reason, at: timeOf(at) })
