import { Secret } from '../std/secret.ts'
import { answerOfFactor } from './factor.ts'
import { spendOtherFactor } from './fresh-factor.ts'
import { EnrolCodeBody, FactorsAnswer, OfferAnswer, Options, PasswordBody, PurposeBody } from './identity-schemas.ts'
import { keyView, ownPasskeyRoutes } from './own-passkeys.ts'
import type { FactorsPort, LoginPort, OffersPort, PasskeysPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import { Done, EmptyBody } from './schemas.ts'

export interface OwnFactorDeps {
  readonly login: LoginPort
  readonly passkeys: PasskeysPort
  readonly factors: FactorsPort
  readonly offers: OffersPort
}

export const ENROL_CODE_PURPOSE = 'enrol code'
export const PASSWORD_PURPOSE = 'password'
const query = NO_QUERY

/** One's own factors: seeing them, and changing them with a fresh one. Nobody reaches another's here. */
export function ownFactorRoutes(deps: OwnFactorDeps) {
  const { passkeys } = deps
  return {
    factors: route(
      {
        method: 'get',
        path: '/api/v1/factors',
        summary: 'Your own factors',
        ...{ body: NO_BODY, query, answer: FactorsAnswer },
      },
      async ({ viewer: { person } }) => ({
        totp: await deps.factors.isEnrolled(person),
        passkeys: (await passkeys.listOf(person)).map(keyView),
        passkeysAvailable: passkeys.available,
      }),
    ),
    factorOptions: route(
      {
        method: 'post',
        path: '/api/v1/factors/options',
        summary: 'A challenge for your passkeys, good for one purpose, once, for two minutes',
        ...{ body: PurposeBody, query, answer: Options },
      },
      async ({ viewer, body }) => ({ ...(await passkeys.assertionOptions(viewer.person, body.purpose)) }),
    ),
    changePassword: changePassword(deps),
    ...ownPasskeyRoutes(deps),
    ...codeRoutes(deps),
  }
}

function changePassword({ login }: OwnFactorDeps) {
  return route(
    {
      method: 'post',
      path: '/api/v1/password',
      summary: `Change your own password; purpose of the factor: "${PASSWORD_PURPOSE}". Every token of yours ends`,
      ...{ body: PasswordBody, query, answer: Done },
    },
    async ({ viewer: { person }, body, address }) => {
      const done = await login.changePassword({
        ...{ person, purpose: PASSWORD_PURPOSE, address, proof: answerOfFactor(body.factor) },
        current: new Secret(body.password),
        next: new Secret(body.newPassword),
      })
      if (done === 'changed') return { done: true as const }
      if (typeof done === 'object') return new Problem('password-refused', done.problem)
      if (done === 'locked') return new Problem('locked')
      return new Problem('factor-refused', 'the password or the factor is wrong')
    },
  )
}

function codeRoutes(deps: OwnFactorDeps) {
  const at = '/api/v1/factors/totp'
  return {
    codeOptions: route(
      {
        method: 'post',
        path: `${at}/options`,
        summary: 'A new secret for an authenticator app',
        ...{ body: EmptyBody, query, answer: OfferAnswer },
      },
      ({ viewer: { person } }) => {
        const { secret, uri, ticket } = deps.offers.make(person, `${ENROL_CODE_PURPOSE} ${person}`)
        return Promise.resolve({ secret: secret.reveal(), uri: uri.reveal(), ticket })
      },
    ),
    enrolCode: route(
      {
        method: 'post',
        path: at,
        summary: `Keep that secret, with a code that it gives now; purpose of the other factor: "${ENROL_CODE_PURPOSE}"`,
        ...{ body: EnrolCodeBody, query, answer: Done },
      },
      async (call) => {
        const { viewer, body, address } = call
        const { ticket, code } = body
        const taken = deps.offers.take({ ticket, code, purpose: `${ENROL_CODE_PURPOSE} ${viewer.person}` })
        if (taken === undefined) return new Problem('factor-refused', 'the code is not the one that the app shows now')
        const objection = await spendOtherFactor(call, { factor: body.factor, purpose: ENROL_CODE_PURPOSE }, deps)
        if (objection !== undefined) return objection
        const kept = await deps.factors.enrolTaken(viewer.person, taken, { by: viewer.person, origin: address })
        return kept ? { done: true as const } : new Problem('has-codes')
      },
    ),
  }
}
