import type { Grant } from '../access/grants.ts'
import { humansIn, openStage, requestStateAt, ruleRequest, stagesAt, stepsTaken } from '../access/request-ruling.ts'
import type { RequestAnswer } from '../access/request-ruling.ts'
import type { AccessRequest } from '../model/access-request.ts'
import { timeOf } from './approval-view.ts'
import type { ViewDeps } from './approval-view.ts'
import type { GrantView, RequestView } from './request-schemas.ts'
import type { Viewer } from './viewer.ts'
import { visibleLine } from './visible.ts'

export interface RequestViewDeps extends ViewDeps {
  readonly now: () => number
}

/** One request as this viewer sees it. What people typed is made visible and scrubbed, never cut. */
export function requestViewOf(request: AccessRequest, viewer: Viewer, deps: RequestViewDeps): RequestView {
  const line = (text: string): string => visibleLine(deps.scrub(text))
  const now = deps.now()
  const counts = (kind: RequestAnswer['kind']): boolean =>
    ruleRequest(request, requestAnswer(request, viewer, { kind }), { now, defunct: false }).kind === 'decided'
  const { id, person, target, rights, forMs, ticket = null, renews = null, rule, grant = null } = request
  return {
    ...{ id, person, target, rights, forMs, renews, grant },
    ...{ ticket: ticket === null ? null : line(ticket), rule: line(rule) },
    state: requestStateAt(request, { now, defunct: false }),
    reason: line(request.reason),
    message: line(request.message),
    stages: stagesOf(request, now),
    decisions: request.decisions.map((said) => ({
      ...{ person: said.person, kind: said.kind, stage: said.stage, forMs: said.forMs ?? null },
      ...{
        reason: said.reason === undefined ? null : line(said.reason),
        at: timeOf(said.at),
        gone: said.gone === true,
      },
    })),
    ...{ createdAt: timeOf(request.createdAt), expiresAt: timeOf(request.expiresAt) },
    settledAt: maybeTime(request.settledAt),
    ...{ mayApprove: counts('approve'), mayDeny: counts('deny') },
    link: requestLink(deps.publicUrl, id),
  }
}

/** The page that shows one request. Built from the configured address only, never from a request's Host. */
export const requestLink = (publicUrl: string, id: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/access-requests/${id}`

/** A viewer's answer; `factorFresh` is true because a proof stands before every use that counts. */
export function requestAnswer(
  { id }: AccessRequest,
  { person, owner, roles, service }: Viewer,
  said: Pick<RequestAnswer, 'kind' | 'forMs' | 'reason'>,
): RequestAnswer {
  return { id, by: person, owner, roles, service, ...said, factorFresh: true }
}

function stagesOf(request: AccessRequest, now: number): RequestView['stages'] {
  const open = openStage(request.stages, request.decisions)
  const asked = request.state === 'open' ? stagesAt(request, now) : request.stages
  return asked.map(({ from, need, notify, escalation = [] }, index) => ({
    ...{ from: [...from], need, notify: [...notify] },
    approved: humansIn(index, request.decisions),
    state: index < open ? 'satisfied' : index === open && request.state === 'open' ? 'asked' : 'waiting',
    escalates: escalation.map(({ afterMs, ...step }, at) => ({
      ...{ afterMs, from: [...step.from], notify: [...step.notify] },
      done: at < stepsTaken(request, index, now),
    })),
  }))
}

/** One grant as lists show it. */
export function grantViewOf(grant: Grant, { scrub, now }: Pick<RequestViewDeps, 'scrub' | 'now'>): GrantView {
  const { id, person, target, rights, grantedAt, expiresAt, grantedBy, reason, revokedAt, revokedBy = null } = grant
  return {
    ...{ id, person, target, rights, grantedBy: visibleLine(grantedBy) },
    revokedBy: revokedBy === null ? null : visibleLine(revokedBy),
    reason: visibleLine(scrub(reason)),
    ...{ grantedAt: timeOf(grantedAt), expiresAt: timeOf(expiresAt), revokedAt: maybeTime(revokedAt) },
    live: revokedAt === undefined && expiresAt > now(),
  }
}

const maybeTime = (millis: number | undefined): string | null => (millis === undefined ? null : timeOf(millis))
