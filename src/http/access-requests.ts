import { asTarget } from './ids.ts'
import type { AccessRequest, RequestState } from '../model/access-request.ts'
import { personName } from '../model/ids.ts'
import { deliveryView } from './delivery-view.ts'
import { answerOfFactor } from './factor.ts'
import type { DeliveriesPort } from './ports.ts'
import { Problem } from './problem.ts'
import { ask, decideRequest, findRequest, withdrawRequest } from './request-deciding.ts'
import type { RequestDecidingDeps } from './request-deciding.ts'
import {
  ApproveRequestBody,
  AskBody,
  DenyRequestBody,
  RequestsQuery,
  RequestView,
  RequestViews,
  RequestWithDeliveries,
} from './request-schemas.ts'
import { requestViewOf } from './request-view.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import { EmptyBody } from './schemas.ts'
import { seesRequest } from './sight.ts'
import type { Viewer } from './viewer.ts'

interface Deps extends RequestDecidingDeps {
  readonly deliveries: DeliveriesPort
}
/** The newest that are looked through for those you may see. */
const LIST_LIMIT = 500
const BASE = '/api/v1/access-requests'

/** The routes of access requests: asking, seeing, deciding, taking back. */
export function accessRequestRoutes(deps: Deps) {
  return { ...seeingRoutes(deps), ...decisionRoutes(deps) }
}

function seeingRoutes(deps: Deps) {
  return {
    listRequests: route(
      {
        method: 'get',
        path: BASE,
        summary: 'Access requests that you may see, newest first',
        body: NO_BODY,
        query: RequestsQuery,
        answer: RequestViews,
      },
      async ({ viewer, query }) => {
        const all = await deps.requests.list({ ...filterOf(query), limit: LIST_LIMIT })
        const seen = all.filter((request) => seesRequest(viewer, request))
        return { requests: seen.map((request) => requestViewOf(request, viewer, deps)) }
      },
    ),
    askAccess: route(
      {
        method: 'post',
        path: BASE,
        summary: 'Ask for access to a target; rules answer first, then people',
        body: AskBody,
        query: NO_QUERY,
        answer: RequestView,
        status: 201,
      },
      async ({ viewer, body, address }) => {
        const target = asTarget(body.target)
        if (target === undefined) return new Problem('not-found', 'there is no target of that name')
        return shown(await ask({ ...body, target }, { viewer, address }, deps), viewer, deps)
      },
    ),
    showRequest: route(
      {
        method: 'get',
        path: `${BASE}/:id`,
        summary: 'One access request',
        body: NO_BODY,
        query: NO_QUERY,
        answer: RequestWithDeliveries,
      },
      async ({ viewer, id }) => whole(await findRequest(id, viewer, deps), viewer, deps),
    ),
  }
}

async function whole(request: AccessRequest | Problem, viewer: Viewer, deps: Deps) {
  if (request instanceof Problem) return request
  const deliveries = await deps.deliveries.of(`request:${request.id}`)
  return { ...requestViewOf(request, viewer, deps), deliveries: deliveries.map(deliveryView) }
}

function decisionRoutes(deps: Deps) {
  const answer = RequestView
  return {
    approveRequest: route(
      {
        method: 'post',
        path: `${BASE}/:id/approve`,
        summary: 'Approve, perhaps for a shorter time',
        body: ApproveRequestBody,
        query: NO_QUERY,
        answer,
      },
      async ({ viewer: by, id, address, body: { factor, ...rest } }) => {
        const decision = { kind: 'approve', ...rest } as const
        return shown(await decideRequest({ id, by, address, decision, proof: answerOfFactor(factor) }, deps), by, deps)
      },
    ),
    denyRequest: route(
      {
        method: 'post',
        path: `${BASE}/:id/deny`,
        summary: 'Deny, with a reason',
        body: DenyRequestBody,
        query: NO_QUERY,
        answer,
      },
      async ({ viewer: by, id, address, body: { factor, reason } }) => {
        const decision = { kind: 'deny', reason } as const
        return shown(await decideRequest({ id, by, address, decision, proof: answerOfFactor(factor) }, deps), by, deps)
      },
    ),
    withdrawRequest: route(
      {
        method: 'post',
        path: `${BASE}/:id/withdraw`,
        summary: 'Take your own access request back',
        body: EmptyBody,
        query: NO_QUERY,
        answer,
      },
      async ({ viewer, id, address }) => shown(await withdrawRequest(id, { viewer, address }, deps), viewer, deps),
    ),
  }
}

const shown = (found: AccessRequest | Problem, viewer: Viewer, deps: Deps): RequestView | Problem =>
  found instanceof Problem ? found : requestViewOf(found, viewer, deps)

function filterOf({
  state,
  person,
  target,
}: {
  state?: RequestState | undefined
  person?: string | undefined
  target?: string | undefined
}) {
  const named = target === undefined ? undefined : asTarget(target)
  return {
    ...(state !== undefined && { state }),
    ...(person !== undefined && { person: personName(person) }),
    ...(named !== undefined && { target: named }),
  }
}
