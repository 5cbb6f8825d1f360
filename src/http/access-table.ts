import type { Role } from '../model/principal.ts'

/** Who may call a route at all. What a person may see or decide behind it is `sight.ts`'s question. */
export type Who = 'anyone' | 'signed-in' | readonly Role[]

/** Every route of the API and its callers. The compiler finds a route without a row, and a row without a route (`api.ts`). */
export const WHO = {
  login: 'anyone',
  logout: 'signed-in',
  me: 'signed-in',
  targets: 'signed-in',
  people: ['admin', 'security', 'auditor'],
  listCredentials: 'signed-in',
  mintCredential: 'signed-in',
  revokeCredential: 'signed-in',
  listApprovals: 'signed-in',
  showApproval: 'signed-in',
  approve: 'signed-in',
  deny: 'signed-in',
  withdraw: 'signed-in',
  listSessions: 'signed-in',
  showSession: 'signed-in',
  sessionEvents: ['auditor', 'security'],
  terminateSession: ['admin', 'security'],
  events: 'signed-in',
  openapi: 'anyone',
  healthz: 'anyone',
  readyz: 'anyone',
  metrics: 'anyone',
} as const satisfies Record<string, Who>

export type RouteName = keyof typeof WHO

/** Whether somebody with these roles may call a route of `who`. */
export function mayCall(who: Who, roles: readonly Role[]): boolean {
  return typeof who === 'string' || who.some((role) => roles.includes(role))
}
