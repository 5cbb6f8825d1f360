import { mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import { loadConfig } from '../config/load.ts'
import type { PersonName } from '../model/ids.ts'
import { systemClock } from '../std/clock.ts'
import { openStore } from '../store/open-store.ts'
import { openAccess, type Access } from '../wiring/access.ts'
import type { Account, AdminOutcome, LocalAdmin, NewAccount, NewFactor } from './local-admin-port.ts'

/** People, by the data folder itself: what changes is committed together with its note, which the server moves into its ledger. */
export async function openLocalAdmin(
  configPath: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LocalAdmin> {
  const config = loadConfig(configPath, env)
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  const store = await openStore({ path: path.join(config.data, 'countersign.db'), onFailure: () => undefined })
  return localAdmin(openAccess({ store, data: config.data, clock: systemClock }), () => store.close())
}

/** The same over a store that is open already. */
export function localAdmin(access: Access, close: () => Promise<void>): LocalAdmin {
  const { people, factors, grants } = access
  const actor = { by: `local:${userInfo().username}`, origin: 'local' }
  const factorFor = async (name: PersonName): Promise<NewFactor | undefined> => factors.enrol(name, actor)
  return {
    async add(account) {
      const added = await people.add(personOf(account), actor)
      if (!added.ok) return added
      return { ok: true, factor: account.kind === 'service' ? undefined : await factorFor(account.name) }
    },
    list: () => accounts(access),
    disable: (name) => people.disable(name, actor),
    async grant(wanted) {
      const granted = await grants.grant(wanted, actor)
      return granted.outcome === 'granted'
        ? { ok: true, expiresAt: granted.grant.expiresAt }
        : { ok: false, reason: WHY[granted.why] }
    },
    async resetFactor(name): Promise<AdminOutcome<{ readonly factor: NewFactor }>> {
      await factors.reset(name, actor)
      const factor = await factorFor(name)
      return factor === undefined ? { ok: false, reason: 'there is no such person' } : { ok: true, factor }
    },
    close,
  }
}

const WHY = {
  'no-such-person': 'there is no such person',
  'not-its-target': 'a service account has one target, and it is another one',
  'bad-duration': 'a grant lasts between a moment and 90 days',
} as const

const personOf = (account: NewAccount): Parameters<Access['people']['add']>[0] =>
  account.kind === 'service'
    ? { name: account.name, roles: ['engineer'], owner: account.owner, serviceOf: account.target }
    : {
        name: account.name,
        roles: account.roles,
        password: account.password.reveal(),
        ...(account.owner !== undefined && { owner: account.owner }),
      }

async function accounts({ people, grants }: Access): Promise<readonly Account[]> {
  const all = await people.list()
  return Promise.all(
    all.map(async ({ name, roles, service, owner, disabledAt }) => {
      const live = (await grants.liveOf(name)).map(({ target, expiresAt }) => ({ target, expiresAt }))
      return { person: name, roles, service, owner, disabled: disabledAt !== undefined, grants: live }
    }),
  )
}
