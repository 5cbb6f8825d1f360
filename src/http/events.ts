import type { Context } from 'hono'
import { z } from 'zod'
import type { Approval } from '../approvals/approval.ts'
import type { AccessRequest } from '../model/access-request.ts'
import type { Review } from '../approvals/review.ts'
import type { Script } from '../approvals/script.ts'
import type { PersonName } from '../model/ids.ts'
import type { Clock } from '../std/clock.ts'
import type { Secret } from '../std/secret.ts'
import { bearerToken } from './bearer.ts'
import { reviewState, seesReview } from './break-glass.ts'
import type {
  ApprovalsPort,
  LoginPort,
  RequestsPort,
  ReviewsPort,
  ScriptsPort,
  SessionRecord,
  SessionsPort,
} from './ports.ts'
import { Problem, respondProblem } from './problem.ts'
import { NO_BODY, NO_QUERY } from './route.ts'
import type { Route } from './route.ts'
import { seesApproval, seesRequest, seesScript, seesSession } from './sight.ts'
import { viewerOf } from './viewer.ts'
import type { Viewer } from './viewer.ts'

export interface EventsDeps {
  readonly approvals: ApprovalsPort
  readonly requests: RequestsPort
  readonly sessions: SessionsPort
  readonly scripts: Pick<ScriptsPort, 'subscribe'>
  readonly reviews: Pick<ReviewsPort, 'subscribe'>
  readonly login: LoginPort
  readonly clock: Clock
}

/** A comment line keeps the way open and shows that the token still counts, in milliseconds. */
const HEARTBEAT = 15_000
/** Hints that may wait for a slow reader; beyond it the stream ends and the reader comes back. */
const MAX_WAITING = 256
/** Streams of one node, and of one person, who could keep everybody else from hearing anything; a reader beyond it is refused (rule D20). */
const MAX_STREAMS = 500
const MAX_OWN_STREAMS = 30

/** Server-sent events: which approvals, access requests, scripts, reviews and sessions changed, as ids and states. What they are is asked for with a GET. */
export function eventsRoute(deps: EventsDeps): Route {
  const open = createEventStreams(deps)
  return {
    method: 'get',
    path: '/api/v1/events',
    summary:
      'Changes of approvals, access requests, scripts, reviews and sessions that you may see, as server-sent events',
    body: NO_BODY,
    query: NO_QUERY,
    answer: z.string(),
    status: 200,
    media: 'text/event-stream',
    respond(c, { viewer }) {
      const token = bearerToken(c)
      const known = token !== undefined && viewer !== undefined
      return Promise.resolve(known ? open(c, token, viewer) : respondProblem(c, new Problem('not-signed-in')))
    },
  }
}

/** Answers with a stream for the one behind a token, until the token ends. */
export function createEventStreams(deps: EventsDeps): (c: Context, token: Secret, viewer: Viewer) => Response {
  const open: PersonName[] = []
  return (c, token, { person }) => {
    const own = open.filter((one) => one === person).length
    if (open.length >= MAX_STREAMS || own >= MAX_OWN_STREAMS)
      return respondProblem(c, new Problem('not-ready', 'too many event streams'))
    open.push(person)
    const body = eventStream(token, { ...deps, onEnd: () => open.splice(open.indexOf(person), 1) })
    return c.body(body, 200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
  }
}

/** Looks the viewer up anew for each line: a disabled person or an ended token closes the stream. */
function eventStream(token: Secret, deps: EventsDeps & { readonly onEnd: () => unknown }): ReadableStream<Uint8Array> {
  const ends: (() => void)[] = []
  const stop = (): void => {
    const calls = ends.splice(0)
    calls.forEach((end) => end())
    if (calls.length > 0) deps.onEnd()
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const waiting: Hint[] = []
        const finish = (): void => {
          if (ends.length === 0) return
          stop()
          controller.close()
        }
        const push = pusher({
          token,
          deps,
          waiting,
          // Nothing else keeps a queue short that nobody reads.
          send(line) {
            if ((controller.desiredSize ?? 0) <= 0) finish()
            else controller.enqueue(new TextEncoder().encode(line))
          },
          finish,
        })
        const beat = { cancel: (): void => undefined }
        const rearm = (): void => {
          beat.cancel = deps.clock.after(HEARTBEAT, () => {
            push({ kind: 'beat' })
            rearm()
          })
        }
        rearm()
        ends.push(
          deps.approvals.subscribe(({ approval }) => push({ kind: 'approval', approval })),
          deps.requests.subscribe(({ request }) => push({ kind: 'request', request })),
          deps.sessions.subscribe((session) => push({ kind: 'session', session })),
          deps.scripts.subscribe(({ script }) => push({ kind: 'script', script })),
          deps.reviews.subscribe((review) => push({ kind: 'review', review })),
          () => beat.cancel(),
        )
        controller.enqueue(new TextEncoder().encode('retry: 3000\n\n'))
      },
      cancel: stop,
    },
    { highWaterMark: MAX_WAITING },
  )
}

type Hint =
  | { readonly kind: 'beat' }
  | { readonly kind: 'approval'; readonly approval: Approval }
  | { readonly kind: 'request'; readonly request: AccessRequest }
  | { readonly kind: 'session'; readonly session: SessionRecord }
  | { readonly kind: 'script'; readonly script: Script }
  | { readonly kind: 'review'; readonly review: Review }

interface Push {
  readonly token: Secret
  readonly deps: EventsDeps
  readonly waiting: Hint[]
  readonly send: (line: string) => void
  readonly finish: () => void
}

/** Takes hints as they come and sends their lines one after the other. */
function pusher({ token, deps, waiting, send, finish }: Push): (hint: Hint) => void {
  const drain = async (): Promise<void> => {
    for (let hint = waiting[0]; hint !== undefined; hint = waiting[0]) {
      const person = await deps.login.personOf(token, 'passive')
      if (person === undefined) {
        finish()
        return
      }
      const line = lineOf(hint, viewerOf(person))
      if (line !== undefined) send(line)
      waiting.shift()
    }
  }
  return (hint) => {
    if (waiting.length >= MAX_WAITING) finish()
    else if (waiting.push(hint) === 1) drain().catch(finish)
  }
}

function lineOf(hint: Hint, viewer: Viewer): string | undefined {
  switch (hint.kind) {
    case 'beat':
      return ': beat\n\n'
    case 'approval':
      return seesApproval(viewer, hint.approval) ? eventLine('approval', hint.approval) : undefined
    case 'request':
      return seesRequest(viewer, hint.request) ? eventLine('request', hint.request) : undefined
    case 'session':
      return seesSession(viewer, hint.session) ? eventLine('session', hint.session) : undefined
    case 'script':
      return seesScript(viewer, hint.script) ? eventLine('script', hint.script) : undefined
    case 'review':
      return seesReview(viewer, hint.review)
        ? eventLine('review', { id: hint.review.id, state: reviewState(hint.review) })
        : undefined
  }
}

const eventLine = (kind: string, { id, state }: { readonly id: string; readonly state: string }): string =>
  `event: ${kind}\ndata: ${JSON.stringify({ id, state })}\n\n`
