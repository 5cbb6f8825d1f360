import type { ApiDeps } from '../../../src/http/api.ts'
import { personName } from '../../../src/model/ids.ts'
import { reportOf, STATEMENT } from '../evidence-desk.ts'
import { accessRequest } from '../request-desk.ts'
import { review, script } from '../script-fakes.ts'
import { APPROVAL, approval, FACTS, hold, world } from '../world.ts'
import type { World } from '../world.ts'
import { recorded, result, statement } from './recorded.ts'

/** What would run, load, close an attribute or a script, or turn the reading order, were it taken for markup. */
export const PAYLOAD = `=1+1<img src=x onerror=alert(1)>"'><script>alert(2)</script>\u202e</pre></textarea>`
/** The same without what turns the order, for what stands in a field to be changed or comes from the node itself. */
const MARKUP = PAYLOAD.replace('\u202e', '')

const START = Date.UTC(2026, 10, 22)

/** A world in which every text that a person, a client or a target can choose is the payload. */
export function hostileWorld(changes: Partial<ApiDeps> = {}): World {
  const base = world()
  const { deps, state } = base
  const erin = personName('erin')
  const said = { person: erin, human: erin, roles: ['approver'] as const, reason: PAYLOAD, at: START }
  const rule = { rule: 'pci/unfiltered-write', effect: 'hold', severity: 'high', message: PAYLOAD } as const
  state.approvals.set(APPROVAL, approval({ redacted: [PAYLOAD], matches: [rule] }))
  const closed = {
    id: 'a_denied000000' as typeof APPROVAL,
    state: 'denied' as const,
    decisions: [{ ...said, kind: 'deny' as const }],
  }
  state.approvals.set(
    closed.id,
    approval({ redacted: [PAYLOAD], matches: [rule], ...closed, reason: PAYLOAD, detail: PAYLOAD }),
  )
  state.shown.set(APPROVAL, hold(PAYLOAD, { gaps: [PAYLOAD], complete: false }))
  state.deliveries.push({
    subject: `approval:${APPROVAL}`,
    shown: {
      channel: 'oncall',
      kind: 'webhook',
      message: 'approval.opened',
      state: 'failed',
      attempts: 2,
      at: START,
      reason: PAYLOAD,
    },
  })
  state.events.push(
    ...recorded(statement(1, [PAYLOAD]), result(1, { tag: PAYLOAD, sqlstate: PAYLOAD }), {
      kind: PAYLOAD,
      text: PAYLOAD,
    }),
  )
  state.credentials.push({
    ...{ id: 'c_abcdefghij01' as (typeof state.credentials)[number]['id'], person: personName('alice') },
    ...{ target: approval().target, grant: 'g_abcdefghij01' as (typeof state.credentials)[number]['grant'] },
    ...{ source: undefined, createdAt: START, expiresAt: START + 60_000, revokedAt: undefined },
  })
  const request = accessRequest({ reason: PAYLOAD, ticket: PAYLOAD, message: PAYLOAD, rule: PAYLOAD })
  const answered = accessRequest({
    ...{ id: 'r_answered0000' as typeof request.id, state: 'denied', reason: PAYLOAD, message: PAYLOAD },
    decisions: [{ ...said, kind: 'deny', stage: 0, forMs: undefined }],
  })
  return world({ ...deps, ...overrides({ deps, request, answered }), ...changes })
}

interface Made {
  readonly deps: ApiDeps
  readonly request: ReturnType<typeof accessRequest>
  readonly answered: ReturnType<typeof accessRequest>
}

function overrides({ deps, request, answered }: Made): Partial<ApiDeps> {
  const requests = [request, answered]
  const hostileScript = script({ reason: PAYLOAD, ticket: PAYLOAD, redacted: [PAYLOAD] })
  const reviews = [review({ reason: PAYLOAD, remark: PAYLOAD })]
  const content = deps.scripts.content(hostileScript)
  return {
    requests: {
      ...deps.requests,
      list: ({ state } = {}) => Promise.resolve(requests.filter((one) => state === undefined || one.state === state)),
      find: (id) => Promise.resolve(requests.find((one) => one.id === id)),
    },
    scripts: {
      ...deps.scripts,
      list: () => Promise.resolve([hostileScript]),
      find: (id) => Promise.resolve(id === hostileScript.id ? hostileScript : undefined),
      content: () => ({
        ...content,
        text: PAYLOAD,
        searchPath: [PAYLOAD],
        parts: [{ start: 0, end: 9, facts: FACTS }],
      }),
    },
    reviews: {
      ...deps.reviews,
      list: () => Promise.resolve(reviews),
      find: (id) => Promise.resolve(reviews.find((one) => one.id === id)),
    },
    grants: {
      ...deps.grants,
      list: async (name) =>
        (await deps.grants.list(name)).map((one) => ({ ...one, reason: PAYLOAD, grantedBy: PAYLOAD })),
      liveOf: async (name) =>
        (await deps.grants.liveOf(name)).map((one) => ({ ...one, reason: PAYLOAD, grantedBy: PAYLOAD })),
    },
    passkeys: {
      ...deps.passkeys,
      listOf: async (name) => (await deps.passkeys.listOf(name)).map((one) => ({ ...one, name: MARKUP })),
    },
    sessions: {
      ...deps.sessions,
      list: async (filter) => (await deps.sessions.list(filter)).map((one) => ({ ...one, address: MARKUP })),
      find: async (id) => {
        const found = await deps.sessions.find(id)
        return found && { ...found, address: MARKUP }
      },
    },
    twoPerson: {
      ...deps.twoPerson,
      list: async () => (await deps.twoPerson.list()).map((one) => ({ ...one, reason: PAYLOAD, proposedBy: PAYLOAD })),
    },
    stops: {
      ...deps.stops,
      standing: async () => (await deps.stops.standing()).map((one) => ({ ...one, reason: PAYLOAD, by: PAYLOAD })),
    },
    evidence: hostileEvidence(deps.evidence),
  }
}

const hostileEvidence = (desk: ApiDeps['evidence']): ApiDeps['evidence'] => ({
  ...desk,
  search: () =>
    Promise.resolve({
      items: [{ ...STATEMENT, text: PAYLOAD, bound: PAYLOAD, tables: [PAYLOAD] }],
      next: null,
      complete: true,
    }),
  report(question) {
    const report = reportOf(question, { title: PAYLOAD, rows: [[PAYLOAD]], cut: true })
    return Promise.resolve({ ...report, front: { ...report.front, title: PAYLOAD, question: PAYLOAD } })
  },
  ledger: () =>
    Promise.resolve({
      items: [
        {
          ...{ line: 1, at: '2026-11-22T00:00:00.000Z', writtenAt: '2026-11-22T00:00:00.000Z', kind: 'login' },
          ...{
            outcome: 'refused',
            by: PAYLOAD,
            origin: PAYLOAD,
            resource: PAYLOAD,
            node: 'n1',
            detail: { said: PAYLOAD },
          },
        },
      ],
      next: null,
      complete: true,
    }),
  find: () =>
    Promise.resolve({ items: [{ line: 0, statement: 1, at: '', excerpt: PAYLOAD }], next: null, complete: true }),
  verify: () => Promise.resolve({ status: 'broken', events: 7, findings: [PAYLOAD] }),
})
