import { openStage, ruleRequest } from '../../src/access/request-ruling.ts'
import type { RequestEvent } from '../../src/access/requests.ts'
import type { RequestsPort } from '../../src/http/ports.ts'
import type { AccessRequest, RequestId } from '../../src/model/access-request.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { GrantId } from '../../src/model/ids.ts'

export const REQUEST = 'r_abcdefghij01' as RequestId
export const GRANT = 'g_abcdefghij01' as GrantId
const START = Date.UTC(2026, 10, 22)

/** Alice wants the cards for half an hour, and one approver is asked. */
export const accessRequest = (changes: Partial<AccessRequest> = {}): AccessRequest => ({
  id: REQUEST,
  person: personName('alice'),
  human: personName('alice'),
  target: targetName('cards'),
  rights: 'all',
  forMs: 1_800_000,
  reason: 'a stuck payment',
  ticket: 'OPS-12',
  renews: undefined,
  state: 'open',
  rule: 'access/card-data',
  message: 'Access to card data is approved by a person each time.',
  stages: [{ from: ['approver'], need: 1, notify: [], escalation: undefined }],
  eligible: [
    { person: personName('bob'), roles: ['approver'] },
    { person: personName('erin'), roles: ['approver'] },
  ],
  decisions: [],
  createdAt: START,
  expiresAt: START + 3_600_000,
  escalated: 0,
  settledAt: undefined,
  grant: undefined,
  ...changes,
})

/** Access requests in memory; what alice asks of `cards` is open, of `other` granted at once, and everything else is no target. */
export function requestDesk(now: () => number) {
  const rows = new Map<string, AccessRequest>([[REQUEST, accessRequest()]])
  const listeners = new Set<(event: RequestEvent) => void>()
  const tell = (kind: RequestEvent['kind'], request: AccessRequest): void => {
    rows.set(request.id, request)
    for (const listener of listeners) listener({ kind, request, notify: [] })
  }
  const port: RequestsPort = {
    ask({ target, rights = 'all', forMs, reason, ticket }, { person }) {
      if (!['cards', 'other'].includes(target))
        return Promise.resolve({ outcome: 'invalid', why: 'no-such-target', nearest: ['cards', 'other'] })
      if (forMs > 7_200_000) return Promise.resolve({ outcome: 'invalid', why: 'too-long', longestMs: 7_200_000 })
      const id = `r_asked${String(rows.size).padStart(7, '0')}` as RequestId
      const granted = target === 'other'
      const request = accessRequest({
        ...{ id, person, human: person, target, rights, forMs, reason, ticket },
        ...(granted
          ? { state: 'granted', stages: [], rule: 'access/working-hours', grant: GRANT, settledAt: now() }
          : {}),
      })
      tell(granted ? 'settled' : 'opened', request)
      return Promise.resolve({ outcome: 'asked', request })
    },
    decide(answer) {
      const before = rows.get(answer.id)
      const ruled = ruleRequest(before, answer, { now: now(), defunct: false })
      if (before === undefined) return Promise.resolve({ outcome: 'refused', why: 'not-found' })
      if (ruled.kind === 'refused') return Promise.resolve({ outcome: 'refused', ...ruled })
      if (ruled.kind === 'repeated') return Promise.resolve({ outcome: 'recorded', request: before, repeated: true })
      const decisions = [...before.decisions, ruled.decision]
      const after = { ...before, state: ruled.state, decisions, grant: ruled.state === 'granted' ? GRANT : undefined }
      tell(openStage(after.stages, decisions) < after.stages.length ? 'decided' : 'settled', after)
      return Promise.resolve({ outcome: 'recorded', request: after, repeated: false })
    },
    withdraw(id) {
      const before = rows.get(id)
      if (before?.state !== 'open') return Promise.resolve(undefined)
      const after: AccessRequest = { ...before, state: 'withdrawn' }
      tell('settled', after)
      return Promise.resolve(after)
    },
    find: (id) => Promise.resolve(rows.get(id)),
    list: (filter) =>
      Promise.resolve(
        [...rows.values()].filter(
          (one) =>
            one.state === (filter?.state ?? one.state) &&
            one.person === (filter?.person ?? one.person) &&
            one.target === (filter?.target ?? one.target),
        ),
      ),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return { rows, listeners, tell, port }
}
