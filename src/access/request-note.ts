import type { AccessDecision, AccessRequest } from '../model/access-request.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import { noted } from './note.ts'

/** What the ledger keeps of a request's beginning, and of its end without a person's word. */
export function requestNote(
  request: AccessRequest,
  actor: Actor,
  event: { readonly kind: string; readonly at: number },
): LedgerNote {
  const { id, person, target, rights, forMs, reason, ticket = null, renews = null, rule, expiresAt } = request
  return noted(actor, {
    ...event,
    resource: `request:${id}`,
    outcome: request.state,
    detail: { person, target, rights, forMs, reason, ticket, renews, rule, until: expiresAt },
  })
}

/** What the ledger keeps of one person's word. */
export function requestDecisionNote(request: AccessRequest, decision: AccessDecision, origin: string): LedgerNote {
  const { kind, stage, forMs = null, reason = null, at } = decision
  return noted(
    { by: decision.person, origin },
    {
      kind: 'request.decided',
      at,
      resource: `request:${request.id}`,
      outcome: request.state,
      detail: { person: request.person, target: request.target, decision: kind, stage, forMs, reason },
    },
  )
}

/** What the ledger keeps of the grant that a request made or prolonged. */
export function requestGrantNote(
  request: AccessRequest,
  granted: {
    readonly by: Actor
    readonly at: number
    readonly grant: string
    readonly until: number
    readonly prolonged: boolean
  },
): LedgerNote {
  const { by, at, grant, until, prolonged } = granted
  const { id, person, target, rights, reason, ticket = null, rule } = request
  return noted(by, {
    kind: prolonged ? 'grant.prolonged' : 'grant.added',
    at,
    resource: `person:${person}`,
    detail: { grant, target, rights, until, reason, request: id, ticket, rule },
  })
}
