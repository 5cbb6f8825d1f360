import { bestOf, type Grant } from '../access/grants.ts'
import type { Person } from '../access/person.ts'
import type { Rights } from '../model/rights.ts'
import type { Target } from '../model/target.ts'
import { Secret } from '../std/secret.ts'
import { timeOf } from './approval-view.ts'
import { bearerToken } from './bearer.ts'
import type { GrantsPort, LoginPort, PeoplePort, TargetsPort } from './ports.ts'
import { loginAnswer } from './passkey-login.ts'
import { NO_BODY, NO_QUERY, openRoute, route } from './route.ts'
import { Done, EmptyBody, LoginAnswer, LoginBody, Me, People, Targets } from './schemas.ts'
import { seesAllTargets } from './sight.ts'

export interface PeopleDeps {
  readonly login: LoginPort
  readonly people: PeoplePort
  readonly targets: TargetsPort
  readonly grants: GrantsPort
}

/** The routes of logging in and of who and what there is. */
export function peopleRoutes({ login, people, targets, grants }: PeopleDeps) {
  return {
    ...loginRoutes(login),
    me: route(
      { method: 'get', path: '/api/v1/me', summary: 'Who you are', body: NO_BODY, query: NO_QUERY, answer: Me },
      ({ viewer: { person, roles } }) => Promise.resolve({ person, roles: [...roles] }),
    ),
    targets: route(
      {
        method: 'get',
        path: '/api/v1/targets',
        summary: 'Targets that you may see or ask for, with your grants',
        body: NO_BODY,
        query: NO_QUERY,
        answer: Targets,
      },
      async ({ viewer }) => {
        const live = await grants.liveOf(viewer.person)
        const held = new Set(live.map(({ target }) => target))
        const askable = new Set(targets.askable(viewer).map(({ name }) => name))
        const seen = targets.all().filter(({ name }) => seesAllTargets(viewer) || held.has(name) || askable.has(name))
        return {
          targets: seen.map((target) => ({
            ...plainTarget(target),
            mayAsk: askable.has(target.name),
            ...standing(live, target.name),
          })),
        }
      },
    ),
    people: route(
      {
        method: 'get',
        path: '/api/v1/people',
        summary: 'Everybody who has an account',
        body: NO_BODY,
        query: NO_QUERY,
        answer: People,
      },
      async () => ({ people: (await people.list()).map(personView) }),
    ),
  }
}

function loginRoutes(login: LoginPort) {
  return {
    login: openRoute(
      {
        method: 'post',
        path: '/api/v1/login',
        summary: 'Password and one-time code for a token',
        body: LoginBody,
        query: NO_QUERY,
        answer: LoginAnswer,
      },
      async ({ body, address }) => {
        const done = await login.login({
          person: body.person,
          password: new Secret(body.password),
          totp: body.totp,
          newPassword: body.newPassword === undefined ? undefined : new Secret(body.newPassword),
          address,
        })
        return loginAnswer(done)
      },
    ),
    logout: route(
      {
        method: 'post',
        path: '/api/v1/logout',
        summary: 'End this token',
        body: EmptyBody,
        query: NO_QUERY,
        answer: Done,
      },
      async ({ c, address }) => {
        const token = bearerToken(c)
        if (token !== undefined) await login.logout(token, address)
        return { done: true as const }
      },
    ),
  }
}

const plainTarget = ({ name, protocol, database, tags }: Target) => ({ name, protocol, database, tags: [...tags] })

const personView = ({ name, roles, service, owner, disabledAt }: Person) => ({
  person: name,
  roles: [...roles],
  service,
  owner: owner ?? null,
  disabled: disabledAt !== undefined,
})

/** What a new session would stand on. */
function standing(
  grants: readonly Grant[],
  target: string,
): { grantedUntil: string | null; grantedFor: Rights | null } {
  const best = bestOf(grants.filter((grant) => grant.target === target))
  return { grantedUntil: until(best?.expiresAt), grantedFor: best?.rights ?? null }
}

const until = (millis: number | undefined): string | null => (millis === undefined ? null : timeOf(millis))
