import type { TestContext } from 'node:test'
import { fromBase32 } from '../../src/access/base32.ts'
import type { ProposalId } from '../../src/access/proposal.ts'
import { codeAt } from '../../src/access/totp.ts'
import { createTwoPerson } from '../../src/access/two-person.ts'
import type { ApiDeps } from '../../src/http/api.ts'
import { personName } from '../../src/model/ids.ts'
import type { Role } from '../../src/model/principal.ts'
import { newId } from '../../src/std/ids.ts'
import { entry } from '../access/entry.ts'
import { admin, peopleOf, scrub, seedPeople } from '../store/scratch.ts'
import { world } from './world.ts'

export const HOME = { origin: 'https://countersign.example' }
const STEP = 30_000

/** The API over real identity: real people, passkeys, codes, invites and proposals in a store in memory; everything else is `world`'s. */
export async function house(
  context: TestContext,
  roles: Record<string, readonly Role[]>,
  more: (all: ReturnType<typeof entry>) => Partial<ApiDeps> = () => ({}),
) {
  const all = entry(context)
  await seedPeople(all, roles)
  const twoPerson = createTwoPerson({
    ...{ store: all.store.proposals, people: all.store.people, factors: all.store.factors, clock: all.clock, scrub },
    cde: true,
    newId: () => newId('p_', 12) as ProposalId,
  })
  const { login, passkeys, factors, offers, invites, welcome, clock } = all
  const real = { login, passkeys, factors, offers, invites, welcome, twoPerson, people: peopleOf(all), clock }
  const { app } = world({ ...real, ...more(all) })
  const secrets = new Map<string, Uint8Array>()
  const post = async (who: string | undefined, path: string, body: unknown = {}) =>
    app.request(`/api/v1/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(who === undefined ? {} : await bearer(who)) },
      body: JSON.stringify(body),
    })
  const tokens = new Map<string, string>()
  const bearer = async (who: string): Promise<Record<string, string>> => {
    const known = tokens.get(who) ?? (await signIn(who))
    tokens.set(who, known)
    return { Authorization: `Bearer ${known}` }
  }
  const signIn = async (who: string): Promise<string> => {
    const note = { kind: 'login', at: clock.now(), by: who, origin: 'x', outcome: 'done', resource: 'api', detail: {} }
    return (await all.tokens.issue(personName(who), note))?.token.reveal() ?? ''
  }
  return {
    ...all,
    ...{ app, post, twoPerson },
    get: async (who: string, path: string) => app.request(`/api/v1/${path}`, { headers: await bearer(who) }),
    /** An unused code of the person's app, which is set up at first. */
    async code(who: string): Promise<string> {
      if (!secrets.has(who)) {
        const made = await factors.enrol(personName(who), admin)
        secrets.set(who, fromBase32(made?.secret.reveal() ?? '') ?? Buffer.alloc(20))
      }
      clock.advance(STEP)
      return codeAt(secrets.get(who) ?? Buffer.alloc(20), clock.now())
    },
    forget: (who: string) => tokens.delete(who),
  }
}

/** The JSON of an answer with its status, for one comparison. */
export async function told(response: Response): Promise<{ status: number } & Record<string, unknown>> {
  const said: unknown = await response.json()
  return { status: response.status, ...(typeof said === 'object' ? said : {}) }
}
