import { rolesAtLast } from '../access/request-ruling.ts'
import type { Approval } from '../approvals/approval.ts'
import { termsAtLast } from '../approvals/escalation.ts'
import { mayAnswer } from '../approvals/quorum.ts'
import type { Script } from '../approvals/script.ts'
import type { Grant } from '../access/grants.ts'
import type { AccessRequest } from '../model/access-request.ts'
import type { Role } from '../model/principal.ts'
import type { SessionRecord } from './ports.ts'
import type { Viewer } from './viewer.ts'

/**
 * Who may see one object. Whoever may not is answered as if it did not exist, so that ids cannot be walked.
 */
export function seesApproval(viewer: Viewer, approval: Approval): boolean {
  return approval.person === viewer.person || viewer.roles.includes('auditor') || isAsked(viewer, approval)
}

/** Whoever submitted it, auditors and security, and the people whom its rules ask. */
export function seesScript(viewer: Viewer, { person, holds }: Script): boolean {
  if (person === viewer.person || has(viewer, ['auditor', 'security'])) return true
  return !viewer.service && mayAnswer(termsAtLast(holds), viewer.roles)
}

/** Whoever's it is, and those who watch. `session` may be anything that names whose it is. */
export function seesSession(viewer: Viewer, session: Pick<SessionRecord, 'person'>): boolean {
  return session.person === viewer.person || seesAllSessions(viewer)
}

export function seesAllSessions(viewer: Viewer): boolean {
  return has(viewer, ['auditor', 'security', 'admin'])
}

/** Everybody's statements and recordings; anybody else sees their own. */
export function seesAllStatements(viewer: Viewer): boolean {
  return has(viewer, ['auditor', 'security'])
}

/** Everybody ends their own session; others' only who keeps the kill switch. */
export function mayEnd(viewer: Viewer, session: SessionRecord): boolean {
  return session.person === viewer.person || has(viewer, ['security', 'admin'])
}

/** Whoever asked, auditors, and the people whom one of its stages asks. */
export function seesRequest(viewer: Viewer, { person, stages }: AccessRequest): boolean {
  if (person === viewer.person || viewer.roles.includes('auditor')) return true
  return !viewer.service && stages.some((stage) => has(viewer, rolesAtLast(stage)))
}

export function seesGrant(viewer: Viewer, grant: Grant): boolean {
  return grant.person === viewer.person || seesAllGrants(viewer)
}

export function seesAllGrants(viewer: Viewer): boolean {
  return has(viewer, ['auditor', 'security', 'admin'])
}

/** Everybody gives their own right back; others' are taken by those who give or watch over rights. */
export function mayRevoke(viewer: Viewer, grant: Grant): boolean {
  return grant.person === viewer.person || has(viewer, ['admin', 'security'])
}

/** Whether the person sees every configured target, not only those of their own grants. */
export function seesAllTargets(viewer: Viewer): boolean {
  return has(viewer, ['approver', 'auditor', 'security', 'admin'])
}

/** One of the hold's rules asks for a role of this person, now or once nobody has answered. Whether the answer would count is `deciding.ts`'s question. */
const isAsked = (viewer: Viewer, { holds }: Approval): boolean =>
  !viewer.service && mayAnswer(termsAtLast(holds), viewer.roles)

const has = (viewer: Viewer, roles: readonly Role[]): boolean => roles.some((role) => viewer.roles.includes(role))
