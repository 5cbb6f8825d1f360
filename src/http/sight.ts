import type { Approval } from '../approvals/approval.ts'
import { mayAnswer } from '../approvals/quorum.ts'
import type { Role } from '../model/principal.ts'
import type { SessionRecord } from './ports.ts'
import type { Viewer } from './viewer.ts'

/**
 * Who may see one object. Whoever may not is answered as if it did not exist, so that ids cannot be walked.
 */
export function seesApproval(viewer: Viewer, approval: Approval): boolean {
  return approval.person === viewer.person || viewer.roles.includes('auditor') || isAsked(viewer, approval)
}

export function seesSession(viewer: Viewer, session: SessionRecord): boolean {
  return session.person === viewer.person || seesAllSessions(viewer)
}

export function seesAllSessions(viewer: Viewer): boolean {
  return has(viewer, ['auditor', 'security', 'admin'])
}

/** Whether the person sees every configured target, not only those of their own grants. */
export function seesAllTargets(viewer: Viewer): boolean {
  return has(viewer, ['approver', 'auditor', 'security', 'admin'])
}

/** One of the hold's rules asks for a role of this person. Whether the answer would count is `deciding.ts`'s question. */
const isAsked = (viewer: Viewer, { holds }: Approval): boolean => !viewer.service && mayAnswer(holds, viewer.roles)

const has = (viewer: Viewer, roles: readonly Role[]): boolean => roles.some((role) => viewer.roles.includes(role))
