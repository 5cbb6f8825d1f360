import type { Grant } from '../access/grants.ts'
import { personName } from '../model/ids.ts'
import { grantId } from './ids.ts'
import type { GrantsPort, RequestsPort } from './ports.ts'
import { Problem } from './problem.ts'
import { findRequest } from './request-deciding.ts'
import { GrantsQuery, GrantView, GrantViews, RevokeBody } from './request-schemas.ts'
import { grantViewOf } from './request-view.ts'
import type { RequestViewDeps } from './request-view.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import { mayRevoke, seesAllGrants, seesGrant } from './sight.ts'
import type { Viewer } from './viewer.ts'

export interface GrantDeps extends RequestViewDeps {
  readonly grants: GrantsPort
  readonly requests: RequestsPort
}

const BASE = '/api/v1/grants'

/** The routes of grants: who may reach what, until when, and the end of it. */
export function grantRoutes(deps: GrantDeps) {
  return {
    listGrants: route(
      {
        method: 'get',
        path: BASE,
        summary: 'Your grants, or everybody’s where your role is to watch; newest first, ended ones too',
        body: NO_BODY,
        query: GrantsQuery,
        answer: GrantViews,
      },
      async ({ viewer, query }) => {
        const asked = query.person === undefined ? undefined : personName(query.person)
        // Somebody else's name gives an engineer an empty list, the same as a name that nobody has.
        if (!seesAllGrants(viewer) && asked !== undefined && asked !== viewer.person) return { grants: [] }
        const found = await deps.grants.list(seesAllGrants(viewer) ? asked : viewer.person)
        const views = found.map((grant) => grantViewOf(grant, deps))
        return { grants: views.filter(({ live }) => query.live === undefined || String(live) === query.live) }
      },
    ),
    revokeGrant: route(
      {
        method: 'post',
        path: `${BASE}/:id/revoke`,
        summary: 'End a grant now; its sessions and holds end with it',
        body: RevokeBody,
        query: NO_QUERY,
        answer: GrantView,
      },
      async ({ viewer, id, address, body: { reason } }) =>
        revoke(await findGrant(id, viewer, deps), { viewer, address, reason }, deps),
    ),
    revokeRequest: route(
      {
        method: 'post',
        path: '/api/v1/access-requests/:id/revoke',
        summary: 'End the grant that a request made or prolonged',
        body: RevokeBody,
        query: NO_QUERY,
        answer: GrantView,
      },
      async ({ viewer, id, address, body: { reason } }) => {
        const request = await findRequest(id, viewer, deps)
        if (request instanceof Problem) return request
        if (request.grant === undefined) return new Problem('settled', 'no grant came of it', { state: request.state })
        const grant = (await deps.grants.find(request.grant)) ?? new Problem('not-found')
        return revoke(grant, { viewer, address, reason }, deps)
      },
    ),
  }
}

interface Revoking {
  readonly viewer: Viewer
  readonly address: string
  readonly reason: string
}

/** For the API and the console. A grant that has ended answers `settled`. */
export async function revoke(
  grant: Grant | Problem,
  { viewer, address, reason }: Revoking,
  deps: Pick<GrantDeps, 'grants' | 'scrub' | 'now'>,
): Promise<GrantView | Problem> {
  if (grant instanceof Problem) return grant
  if (!mayRevoke(viewer, grant))
    return new Problem('forbidden', 'your own grants, or others’ with the role admin or security')
  if (!grantViewOf(grant, deps).live) return new Problem('settled', 'the grant has ended')
  const done = await deps.grants.revoke(grant.id, { by: viewer.person, origin: address }, reason)
  const after = (await deps.grants.find(grant.id)) ?? grant
  return done ? grantViewOf(after, deps) : new Problem('settled', 'the grant has ended')
}

/** One grant that this viewer may see, or `not-found`. */
export async function findGrant(
  id: string,
  viewer: Viewer,
  { grants }: Pick<GrantDeps, 'grants'>,
): Promise<Grant | Problem> {
  const known = grantId(id)
  const grant = known && (await grants.find(known))
  return grant !== undefined && seesGrant(viewer, grant) ? grant : new Problem('not-found')
}
