import { summaryOf } from './approval-view.ts'
import { answerOfFactor } from './factor.ts'
import type { Factor } from './factor.ts'
import { decide, detailFor, findVisible, withdraw } from './deciding.ts'
import type { DecidingDeps, Intent } from './deciding.ts'
import { deliveryView } from './delivery-view.ts'
import type { DeliveriesPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import type { Call } from './route.ts'
import {
  Approvals,
  ApprovalsQuery,
  ApprovalSummary,
  ApprovalWithDeliveries,
  ApproveBody,
  DenyBody,
  EmptyBody,
} from './schemas.ts'
import { seesApproval } from './sight.ts'
import { surroundingsOf } from './surroundings.ts'

interface Deps extends DecidingDeps {
  readonly deliveries: DeliveriesPort
}
/** The newest that are looked through for those you may see. */
const LIST_LIMIT = 500
const BASE = '/api/v1/approvals'

/** The routes of approvals: seeing, approving, denying, withdrawing. */
export function approvalRoutes(deps: Deps) {
  return {
    listApprovals: route(
      {
        method: 'get',
        path: BASE,
        summary: 'Approvals that you may see, newest first',
        body: NO_BODY,
        query: ApprovalsQuery,
        answer: Approvals,
      },
      async ({ viewer, query }) => {
        const all = await deps.approvals.list(
          query.state === undefined ? { limit: LIST_LIMIT } : { state: query.state, limit: LIST_LIMIT },
        )
        const seen = all
          .filter((approval) => seesApproval(viewer, approval))
          .toSorted((a, b) => b.createdAt - a.createdAt)
        return { approvals: seen.map((approval) => summaryOf(approval, deps)) }
      },
    ),
    showApproval: route(
      {
        method: 'get',
        path: `${BASE}/:id`,
        summary: 'One approval, its whole text while it is open',
        body: NO_BODY,
        query: NO_QUERY,
        answer: ApprovalWithDeliveries,
      },
      async ({ viewer, id }) => {
        const approval = await findVisible(id, viewer, deps)
        if (approval instanceof Problem) return approval
        const deliveries = await deps.deliveries.of(`approval:${approval.id}`)
        const surroundings = await surroundingsOf(approval, viewer, deps)
        return { ...detailFor(approval, viewer, deps), ...surroundings, deliveries: deliveries.map(deliveryView) }
      },
    ),
    ...decisionRoutes(deps),
  }
}

function decisionRoutes(deps: Deps) {
  const answer = ApprovalSummary
  return {
    approve: route(
      {
        method: 'post',
        path: `${BASE}/:id/approve`,
        summary: 'Countersign',
        body: ApproveBody,
        query: NO_QUERY,
        answer,
      },
      (call) => decideBy(call, { kind: 'approve' }, deps),
    ),
    deny: route(
      {
        method: 'post',
        path: `${BASE}/:id/deny`,
        summary: 'Refuse, with a reason',
        body: DenyBody,
        query: NO_QUERY,
        answer,
      },
      (call) => decideBy(call, { kind: 'deny', reason: call.body.reason }, deps),
    ),
    withdraw: route(
      {
        method: 'post',
        path: `${BASE}/:id/withdraw`,
        summary: 'Take your own request back',
        body: EmptyBody,
        query: NO_QUERY,
        answer,
      },
      async ({ viewer, id, address }) => {
        const after = await withdraw(id, { viewer, address }, deps)
        return after instanceof Problem ? after : summaryOf(after, deps)
      },
    ),
  }
}

interface DecisionBody {
  readonly digest: string
  readonly factor: Factor
}

async function decideBy<Body extends DecisionBody>(
  call: Call<Body, unknown>,
  decision: Intent['decision'],
  deps: Deps,
) {
  const { id, address, body, viewer: by } = call
  const proof = answerOfFactor(body.factor)
  const after = await decide({ id, by, address, digest: body.digest, decision, proof }, deps)
  return after instanceof Problem ? after : summaryOf(after, deps)
}
