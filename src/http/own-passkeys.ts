import type { Passkey } from '../access/passkey.ts'
import { timeOf } from './approval-view.ts'
import { registrationOf } from './factor.ts'
import { spendFactor, spendOtherFactor } from './fresh-factor.ts'
import type { OtherFactorDeps } from './fresh-factor.ts'
import { FactorBody, Options, PasskeyAnswer, RegisterBody, RenameBody } from './identity-schemas.ts'
import type { PasskeysPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_QUERY, route } from './route.ts'
import { Done, EmptyBody } from './schemas.ts'

export interface OwnPasskeyDeps extends OtherFactorDeps {
  readonly passkeys: PasskeysPort
}

const AT = '/api/v1/passkeys'
export const REGISTER_PURPOSE = 'register passkey'
export const REMOVE_PURPOSE = 'remove passkey'
const query = NO_QUERY

/** One's own passkeys: a new one and a removed one need a fresh factor. */
export function ownPasskeyRoutes(deps: OwnPasskeyDeps) {
  const { passkeys } = deps
  return {
    passkeyOptions: route(
      {
        method: 'post',
        path: `${AT}/options`,
        summary: 'What a new passkey is made from',
        ...{ body: EmptyBody, query, answer: Options },
      },
      async ({ viewer }) => {
        if (!passkeys.available) return new Problem('no-passkeys')
        return { ...(await passkeys.registrationOptions(viewer.person, REGISTER_PURPOSE)) }
      },
    ),
    registerPasskey: register(deps),
    renamePasskey: route(
      {
        method: 'post',
        path: `${AT}/:id/rename`,
        summary: 'Call it otherwise',
        ...{ body: RenameBody, query, answer: Done },
      },
      async ({ viewer: { person }, id, body, address }) => {
        const done = await passkeys.rename({ id, person, name: body.name }, { by: person, origin: address })
        return done ? { done: true as const } : new Problem('not-found')
      },
    ),
    removePasskey: remove(deps),
  }
}

function register(deps: OwnPasskeyDeps) {
  return route(
    {
      method: 'post',
      path: AT,
      summary: `Keep a new passkey; purpose of the other factor: "${REGISTER_PURPOSE}"`,
      ...{ body: RegisterBody, query, answer: PasskeyAnswer, status: 201 },
    },
    async (call) => {
      const { viewer, body, address } = call
      const objection = await spendOtherFactor(call, { factor: body.factor, purpose: REGISTER_PURPOSE }, deps)
      if (objection !== undefined) return objection
      const wanted = { person: viewer.person, purpose: REGISTER_PURPOSE, name: body.name }
      const actor = { by: viewer.person, origin: address }
      const done = await deps.passkeys.register({ ...wanted, response: registrationOf(body.response) }, actor)
      if (done.outcome === 'registered') return keyView(done.passkey)
      return done.why === 'too-many' ? new Problem('too-many-passkeys') : new Problem('passkey-refused')
    },
  )
}

function remove(deps: OwnPasskeyDeps) {
  const { passkeys, factors, login } = deps
  return route(
    {
      method: 'post',
      path: `${AT}/:id/remove`,
      summary: `Remove one that is not your last factor; purpose of the factor: "${REMOVE_PURPOSE}"`,
      ...{ body: FactorBody, query, answer: Done },
    },
    async ({ viewer: { person }, id, body, address }) => {
      // What is not there, or is the last, costs no code.
      const own = await passkeys.listOf(person)
      if (!own.some((one) => one.id === id)) return new Problem('not-found')
      if (own.length === 1 && !(await factors.isEnrolled(person))) return new Problem('last-factor')
      const objection = await spendFactor({ person, address, factor: body.factor, purpose: REMOVE_PURPOSE }, login)
      if (objection !== undefined) return objection
      const done = await passkeys.remove({ id, person }, { by: person, origin: address })
      return done === 'removed' ? { done: true as const } : new Problem(done)
    },
  )
}

/** A passkey as its owner sees it. */
export const keyView = ({ id, name, createdAt, usedAt }: Passkey) => ({
  id,
  name,
  createdAt: timeOf(createdAt),
  usedAt: usedAt === undefined ? null : timeOf(usedAt),
})
