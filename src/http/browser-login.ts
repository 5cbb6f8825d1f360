import { z } from 'zod'
import type { BrowserLogins } from '../access/browser-login.ts'
import { isName, personName } from '../model/ids.ts'
import { Secret } from '../std/secret.ts'
import { timeOf } from './approval-view.ts'
import { loginAnswer } from './passkey-login.ts'
import { Problem } from './problem.ts'
import { NO_QUERY, openRoute } from './route.ts'
import { LoginAnswer } from './schemas.ts'

export type BrowserLoginPort = BrowserLogins

/** Where people type the code; it leads to the page behind the sign-in. */
export const TERMINAL_PATH = '/terminal'

const BeginBody = z.strictObject({
  /** What asks, in its own words: whoever confirms reads it. */
  client: z.string().trim().min(1).max(60),
  /** The only one who may confirm it. */
  person: z.string().refine(isName, 'must be 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen').optional(),
})
const TakeBody = z.strictObject({ deviceCode: z.string().min(1).max(200) })
/** RFC 3339 in UTC. */
const Time = z.string()

export const BrowserBegunAnswer = z.object({
  deviceCode: z.string(),
  /** To be typed at `link` by whoever signs in. */
  userCode: z.string(),
  link: z.string(),
  expiresAt: Time,
  intervalSeconds: z.int(),
})
/** `login` once somebody has confirmed it. */
export const BrowserTakenAnswer = z.object({
  state: z.enum(['pending', 'slow-down', 'done']),
  login: LoginAnswer.nullable(),
})

export interface BrowserLoginDeps {
  readonly browserLogins: BrowserLoginPort
  readonly publicUrl: string
}

/** Signing a terminal in through a browser (after RFC 8628): it shows a code, a person confirms it there, and it fetches its token. */
export function browserLoginRoutes({ browserLogins, publicUrl }: BrowserLoginDeps) {
  return {
    beginBrowserLogin: openRoute(
      {
        method: 'post',
        path: '/api/v1/login/browser',
        summary: 'A code that somebody who signs in to the console confirms, within five minutes',
        ...{ body: BeginBody, query: NO_QUERY, answer: BrowserBegunAnswer, status: 201 },
      },
      ({ body: { client, person }, address }) => {
        const begun = browserLogins.begin({
          ...{ client, address },
          person: person === undefined ? undefined : personName(person),
        })
        if (begun === 'too-many') return Promise.resolve(new Problem('too-many-logins'))
        return Promise.resolve({
          ...{ deviceCode: begun.deviceCode.reveal(), userCode: begun.userCode },
          ...{ link: `${publicUrl.replace(/\/+$/, '')}${TERMINAL_PATH}`, expiresAt: timeOf(begun.expiresAt) },
          intervalSeconds: Math.ceil(begun.intervalMs / 1000),
        })
      },
    ),
    takeBrowserLogin: openRoute(
      {
        method: 'post',
        path: '/api/v1/login/browser/token',
        summary: 'The token, once somebody has confirmed the code; it is given once',
        ...{ body: TakeBody, query: NO_QUERY, answer: BrowserTakenAnswer },
      },
      async ({ body, address }) => {
        const taken = await browserLogins.take(new Secret(body.deviceCode), address)
        switch (taken.outcome) {
          case 'pending':
          case 'slow-down':
            return { state: taken.outcome, login: null }
          case 'denied':
            return new Problem('login-denied')
          case 'expired':
            return new Problem('login-expired')
          case 'done': {
            const login = loginAnswer(taken)
            return login instanceof Problem ? login : { state: 'done' as const, login }
          }
        }
      },
    ),
  }
}
