import type { Cell } from './report.ts'
import { columnsOf, MAX_ROWS, periodOf, tableOf, timeOf, type ReportMaker } from './report-parts.ts'
import type { GrantRecord } from './store.ts'

const COLUMNS = columnsOf({
  person: 'Person',
  account: 'Account',
  target: 'Target',
  rights: 'Rights',
  from: 'From',
  until: 'Until',
  ended: 'Ended',
  grant: 'Grant',
  granted_by: 'Granted by',
  reason: 'Reason',
  requests: 'Requests',
  tickets: 'Tickets',
  approved_by: 'Approved by',
  rules: 'Access rules',
  roles: 'Roles',
})

/** Who could reach what, by which grant and request, from when to when. */
export const reach: ReportMaker = async ({ store, clock }, question) => {
  const all = await store.grants({ period: periodOf(question), limit: MAX_ROWS + 1 })
  const grants = all.filter(({ person }) => question.person === undefined || person === question.person)
  const now = clock.now()
  const people = new Set(grants.map(({ person }) => person))
  return {
    title: 'Who could reach what',
    question: 'Every grant that was open at some time of the period, with the request and the people behind it.',
    facts: [
      { name: 'Grants', value: grants.length },
      { name: 'People', value: people.size },
    ],
    table: tableOf(
      'Grants',
      COLUMNS,
      grants.map((grant) => rowOf(grant, now)),
    ),
  }
}

function rowOf(grant: GrantRecord, now: number): readonly Cell[] {
  const { person, owner, target, rights, grantedAt, expiresAt, revokedAt, id, grantedBy, reason, requests, roles } =
    grant
  return [
    person,
    grant.service ? `service of ${owner ?? 'nobody'}` : owner === null ? 'person' : `second account of ${owner}`,
    target,
    rights,
    timeOf(grantedAt),
    timeOf(Math.min(revokedAt ?? expiresAt, expiresAt)),
    endOf(grant, now),
    id,
    grantedBy,
    reason,
    requests.map((request) => request.id),
    requests.flatMap(({ ticket }) => (ticket === null ? [] : [ticket])),
    [...new Set(requests.flatMap(({ approvedBy }) => approvedBy))],
    [...new Set(requests.map(({ rule }) => rule))],
    roles,
  ]
}

function endOf({ revokedAt, revokedBy, expiresAt }: GrantRecord, now: number): string {
  if (revokedAt !== null) return `revoked by ${revokedBy ?? 'system'}`
  return expiresAt <= now ? 'expired' : 'open'
}
