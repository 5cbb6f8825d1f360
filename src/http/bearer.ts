import type { Context } from 'hono'
import { Secret } from '../std/secret.ts'
import { mayCall } from './access-table.ts'
import type { Who } from './access-table.ts'
import type { LoginPort } from './ports.ts'
import { Problem } from './problem.ts'
import { viewerOf } from './viewer.ts'
import type { Viewer } from './viewer.ts'

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{16,512})$/i

/** The token of a request, or undefined where there is none in the right form. Never read from the URL or a cookie. */
export function bearerToken(c: Context): Secret | undefined {
  const token = BEARER.exec(c.req.header('authorization') ?? '')?.[1]
  return token === undefined ? undefined : new Secret(token)
}

/** The person behind a request, undefined for routes open to anyone, or why not. */
export async function admit(
  c: Context,
  rules: { readonly who: Who; readonly login: LoginPort },
): Promise<Viewer | undefined | Problem> {
  if (rules.who === 'anyone') return undefined
  const token = bearerToken(c)
  const person = token && (await rules.login.personOf(token))
  if (person === undefined) return new Problem('not-signed-in')
  return mayCall(rules.who, person.roles) ? viewerOf(person) : new Problem('forbidden', 'this needs another role')
}
