import type { Cell } from './report.ts'
import { columnsOf, tableOf, timeOf, type ReportMaker } from './report-parts.ts'
import type { AccountRecord } from './store.ts'

const COLUMNS = columnsOf({
  person: 'Account',
  kind: 'Kind',
  owner: 'Owner',
  roles: 'Roles',
  target: 'Only target',
  factors: 'Factors',
  grants: 'Live grants',
  created: 'Created',
  last_login: 'Last login',
  last_session: 'Last session',
  idle_days: 'Days unused',
  state: 'State',
})

const DAY_MS = 86_400_000
/** Unused for longer, an account is to be disabled (PCI DSS 8.2.6). */
const IDLE_DAYS = 90

/** People and programs as they stand now: an inventory has no period. */
export const accounts: ReportMaker = async ({ store, clock }) => {
  const now = clock.now()
  const all = await store.accounts({ now })
  const live = all.filter(({ disabledAt }) => disabledAt === null)
  const idle = live.filter((one) => idleDays(one, now) > IDLE_DAYS)
  const oneFactor = live.filter((one) => !one.service && factorsOf(one).length < 2)
  return {
    title: 'Accounts',
    question:
      'Every person and program, as the store has them now: roles, factors, owners, last use. The period does not matter here.',
    facts: [
      { name: 'People', value: live.filter(({ service }) => !service).length },
      { name: 'Service accounts', value: live.filter(({ service }) => service).length },
      { name: 'Disabled', value: all.length - live.length },
      { name: `Unused for more than ${IDLE_DAYS} days`, value: idle.map(({ person }) => person) },
      { name: 'People without a second factor', value: oneFactor.map(({ person }) => person) },
    ],
    table: tableOf(
      'Accounts',
      COLUMNS,
      all.map((one) => rowOf(one, now)),
    ),
  }
}

function rowOf(one: AccountRecord, now: number): readonly Cell[] {
  return [
    one.person,
    one.service ? 'service' : 'person',
    one.owner,
    one.roles,
    one.target,
    factorsOf(one),
    one.liveGrants,
    timeOf(one.createdAt),
    timeOf(one.lastLoginAt),
    timeOf(one.lastSessionAt),
    idleDays(one, now),
    one.disabledAt === null ? 'enabled' : `disabled ${timeOf(one.disabledAt) ?? ''}`,
  ]
}

/** A passkey is two factors in one act: having it, and unlocking it. */
function factorsOf({ password, totp, passkeys, identities }: AccountRecord): readonly string[] {
  return [
    ...(password ? ['password'] : []),
    ...(totp ? ['totp'] : []),
    ...(passkeys > 0 ? [`passkeys (${passkeys})`, 'device lock'] : []),
    ...(identities > 0 ? ['identity provider', 'its factors'] : []),
  ]
}

const idleDays = ({ createdAt, lastLoginAt, lastSessionAt }: AccountRecord, now: number): number =>
  Math.floor((now - Math.max(createdAt, lastLoginAt ?? 0, lastSessionAt ?? 0)) / DAY_MS)
