import type { Context } from 'hono'
import type { PersonName } from '../model/ids.ts'
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

/** Somebody who was not let in: with a token or a sign-in that is nobody's, without the role, from another site, or with a request that has no right form. */
export interface Turned {
  readonly by: PersonName | undefined
  readonly why: 'token' | 'role' | 'cross-site' | 'invalid'
}

export interface Admission {
  readonly who: Who
  readonly login: LoginPort
  /** Invalid attempts are evidence (PCI DSS 10.2.1.4). A request without any token is none. */
  readonly onTurned: (turned: Turned) => void
}

/**
 * The same for a request with its body: asked before, so that nobody's is read, and again once it is here, because a body may trickle in for as long as it takes
 * to lose a token or a role.
 */
export async function admitWhole(c: Context, admission: Admission): Promise<Viewer | undefined | Problem> {
  const viewer = await admit(c, admission)
  if (c.req.method !== 'POST' || admission.who === 'anyone' || viewer instanceof Problem) return viewer
  await c.req.arrayBuffer()
  return admit(c, admission)
}

/** The person behind a request, undefined for routes open to anyone, or why not. */
export async function admit(c: Context, { who, login, onTurned }: Admission): Promise<Viewer | undefined | Problem> {
  if (who === 'anyone') return undefined
  const token = bearerToken(c)
  const person = token && (await login.personOf(token))
  if (person === undefined) {
    if (c.req.header('authorization') !== undefined) onTurned({ by: undefined, why: 'token' })
    return new Problem('not-signed-in')
  }
  if (mayCall(who, person.roles)) return viewerOf(person)
  onTurned({ by: person.name, why: 'role' })
  return new Problem('forbidden', 'this needs another role')
}
