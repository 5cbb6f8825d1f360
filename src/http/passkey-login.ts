import type { LoginOutcome } from '../access/login.ts'
import { timeOf } from './approval-view.ts'
import { assertionOf } from './factor.ts'
import { Options, PasskeyLoginBody } from './identity-schemas.ts'
import type { LoginPort, PasskeysPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_QUERY, openRoute } from './route.ts'
import { EmptyBody, LoginAnswer } from './schemas.ts'

/** A passkey alone signs in. Nobody says a name: the device knows whose key it is. */
export function passkeyLoginRoutes({
  login,
  passkeys,
}: {
  readonly login: LoginPort
  readonly passkeys: PasskeysPort
}) {
  return {
    passkeyLoginOptions: openRoute(
      {
        method: 'post',
        path: '/api/v1/login/passkey/options',
        summary: 'A challenge for a passkey login, good once, for two minutes',
        ...{ body: EmptyBody, query: NO_QUERY, answer: Options },
      },
      async () => (passkeys.available ? { ...(await passkeys.loginOptions()) } : new Problem('no-passkeys')),
    ),
    passkeyLogin: openRoute(
      {
        method: 'post',
        path: '/api/v1/login/passkey',
        summary: 'A passkey for a token',
        ...{ body: PasskeyLoginBody, query: NO_QUERY, answer: LoginAnswer },
      },
      async ({ body, address }) =>
        loginAnswer(await login.loginWithPasskey({ response: assertionOf(body.response), address })),
    ),
  }
}

/** The same whatever was wrong: it must not tell which of them was (PCI DSS 8.5.1). */
export const LOGIN_HINT = 'a phone whose clock is off shows wrong codes'

/** A login of any kind as the API answers it. */
export function loginAnswer(done: LoginOutcome) {
  switch (done.outcome) {
    case 'refused':
      return new Problem('login-refused', LOGIN_HINT)
    case 'locked':
      return new Problem('locked', 'try again later', { retryAfterSeconds: done.retryAfterSeconds })
    case 'password-change':
      return new Problem('password-change', done.problem)
    case 'done': {
      const { person, roles } = done.principal
      return { token: done.token.reveal(), expiresAt: timeOf(done.expiresAt), person, roles: [...roles] }
    }
  }
}
