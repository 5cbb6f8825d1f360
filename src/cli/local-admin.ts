import { mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import type { MadeInvite } from '../access/invites.ts'
import type { NewPerson } from '../access/people.ts'
import type { ProposeOutcome } from '../access/two-person.ts'
import { loadConfig } from '../config/load.ts'
import type { PersonName } from '../model/ids.ts'
import type { Actor } from '../model/ledger.ts'
import type { Role } from '../model/principal.ts'
import { systemClock } from '../std/clock.ts'
import { Secret } from '../std/secret.ts'
import { openStore } from '../store/open-store.ts'
import { openAccess, type Access } from '../wiring/access.ts'
import { siteOf } from '../wiring/identity.ts'
import type { Account, LocalAdmin, NewAccount, Waiting } from './local-admin-port.ts'

/** People, by the data folder itself: what changes is committed together with its note, which the server moves into its ledger. */
export async function openLocalAdmin(
  configPath: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LocalAdmin> {
  const config = loadConfig(configPath, env)
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  const store = await openStore({ path: path.join(config.data, 'countersign.db'), onFailure: () => undefined })
  const access = openAccess({ store, data: config.data, clock: systemClock, site: siteOf(config) })
  return localAdmin({ access, publicUrl: config.publicUrl, close: () => store.close() })
}

interface Deps {
  readonly access: Access
  /** What links begin with. */
  readonly publicUrl: string
  readonly close: () => Promise<void>
}

/** The same over a store that is open already. */
function localAdmin(deps: Deps): LocalAdmin {
  const { access, close } = deps
  const actor = { by: `local:${userInfo().username}`, origin: 'local' }
  return {
    add: (account) => add(deps, account, actor),
    invite: (person, roles) => invite(deps, { person, roles }, actor),
    async setRoles(person, roles) {
      const done = await access.twoPerson.propose({ kind: 'roles', person, roles }, actor)
      return done.outcome === 'refused' ? { ok: false, reason: done.reason } : { ok: true, waits: waiting(done) }
    },
    list: () => accounts(access),
    disable: (name) => access.people.disable(name, actor),
    async grant(wanted) {
      const granted = await access.grants.grant(wanted, actor)
      return granted.outcome === 'granted'
        ? { ok: true, expiresAt: granted.grant.expiresAt }
        : { ok: false, reason: WHY[granted.why] }
    },
    resetFactor: (name) => resetFactor(deps, name, actor),
    close,
  }
}

async function add({ access }: Deps, account: NewAccount, actor: Actor): ReturnType<LocalAdmin['add']> {
  if (account.kind === 'service') {
    const added = await access.people.add(serviceOf(account), actor)
    return added.ok ? { ok: true, factor: undefined, waits: undefined } : added
  }
  const { name, roles } = account
  const now = await access.twoPerson.atOnce(roles, actor)
  const added = await access.people.add({ ...personOf({ ...account, roles: now.roles }), alone: now.alone }, actor)
  if (!added.ok) return added
  const factor = await access.factors.enrol(name, actor)
  if (!now.waits) return { ok: true, factor, waits: undefined }
  return {
    ok: true,
    factor,
    waits: waiting(await access.twoPerson.propose({ kind: 'roles', person: name, roles }, actor)),
  }
}

interface Guest {
  readonly person: PersonName
  readonly roles: readonly Role[]
}

async function invite(deps: Deps, { person, roles }: Guest, actor: Actor): ReturnType<LocalAdmin['invite']> {
  const { invites, twoPerson } = deps.access
  const now = await twoPerson.atOnce(roles, actor)
  const made = await invites.invite({ person, roles: now.roles, alone: now.alone }, actor)
  if (made === undefined) return { ok: false, reason: 'the name is taken' }
  const wanted = { kind: 'roles', person, roles, invited: true } as const
  const waits = now.waits ? waiting(await twoPerson.propose(wanted, actor)) : undefined
  return { ok: true, ...linked(deps, made), waits }
}

async function resetFactor(deps: Deps, person: PersonName, actor: Actor): ReturnType<LocalAdmin['resetFactor']> {
  const { factors, passkeys, twoPerson, invites } = deps.access
  const hasOne = (await factors.isEnrolled(person)) || (await passkeys.listOf(person)).length > 0
  if (!hasOne) {
    const made = await invites.reenrol(person, actor)
    if (made === undefined) return { ok: false, reason: 'there is no such person' }
    return { ok: true, kind: 'link', ...linked(deps, made) }
  }
  const done = await twoPerson.propose({ kind: 'reset-factor', person }, actor)
  if (done.outcome === 'refused') return { ok: false, reason: done.reason }
  if (done.outcome === 'waits') return { ok: true, kind: 'waits', proposal: done.proposal.id }
  const factor = await factors.enrol(person, actor)
  return factor === undefined ? { ok: false, reason: 'there is no such person' } : { ok: true, kind: 'new', factor }
}

const linked = ({ publicUrl }: Deps, { token, expiresAt }: MadeInvite) => ({
  link: new Secret(`${publicUrl}/welcome/${token.reveal()}`),
  expiresAt,
})

const waiting = (done: ProposeOutcome): Waiting['waits'] =>
  done.outcome === 'waits' ? { proposal: done.proposal.id, roles: done.proposal.roles } : undefined

const WHY = {
  'no-such-person': 'there is no such person',
  'not-its-target': 'a service account has one target, and it is another one',
  'bad-duration': 'a grant lasts between a moment and 90 days',
} as const

type AccountOf<Kind extends NewAccount['kind']> = Extract<NewAccount, { kind: Kind }>

const serviceOf = ({ name, owner, target }: AccountOf<'service'>): NewPerson => ({
  ...{ name, owner, serviceOf: target },
  roles: ['engineer'],
})

/** Whoever types the password here is not the one who will use it. */
const personOf = ({ name, roles, password, owner }: AccountOf<'person'>): NewPerson => ({
  ...{ name, roles, password: password.reveal(), temporary: true },
  ...(owner !== undefined && { owner }),
})

async function accounts({ people, grants }: Access): Promise<readonly Account[]> {
  const all = await people.list()
  return Promise.all(
    all.map(async ({ name, roles, service, owner, disabledAt }) => {
      const live = (await grants.liveOf(name)).map(({ target, expiresAt }) => ({ target, expiresAt }))
      return { person: name, roles, service, owner, disabled: disabledAt !== undefined, grants: live }
    }),
  )
}
