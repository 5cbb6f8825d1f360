import { bestOf } from '../access/grants.ts'
import type { z } from 'zod'
import type { Credential, MintOutcome, NewCredential } from '../access/credentials.ts'
import { stopOn, stopWords } from '../access/stops.ts'
import type { Target } from '../model/target.ts'
import { timeOf } from './approval-view.ts'
import { spendFactor } from './fresh-factor.ts'
import { asTarget, credentialId } from './ids.ts'
import type { CredentialsPort, GrantsPort, LoginPort, PeoplePort, SshPort, StopsPort, TargetsPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import type { Call } from './route.ts'
import { Credentials, Done, MintBody, Minted } from './schemas.ts'
import type { Viewer } from './viewer.ts'

export interface CredentialDeps {
  readonly credentials: CredentialsPort
  readonly grants: GrantsPort
  readonly people: Pick<PeoplePort, 'list'>
  readonly login: Pick<LoginPort, 'verifyFactor'>
  readonly targets: TargetsPort
  readonly stops: Pick<StopsPort, 'standing'>
  /** Where clients reach the Postgres listener. */
  readonly postgres: { readonly host: string; readonly port: number } | undefined
  readonly ssh: Pick<SshPort, 'door'>
}

const PATH = '/api/v1/credentials'

/** The routes of short-lived login secrets: everybody handles their own, and those of the programs that they own. */
export function credentialRoutes(deps: CredentialDeps) {
  return {
    listCredentials: route(
      {
        method: 'get',
        path: PATH,
        summary: 'Your live credentials, and those of programs that you own',
        body: NO_BODY,
        query: NO_QUERY,
        answer: Credentials,
      },
      async ({ viewer }) => ({ credentials: (await listed(viewer, deps)).map(viewOf) }),
    ),
    mintCredential: route(
      {
        method: 'post',
        path: PATH,
        summary: 'Mint a credential; its secret is shown once',
        body: MintBody,
        query: NO_QUERY,
        answer: Minted,
        status: 201,
      },
      (call) => mint(call, deps),
    ),
    revokeCredential: route(
      {
        method: 'delete',
        path: `${PATH}/:id`,
        summary: 'End a credential of yours, or of a program that you own',
        body: NO_BODY,
        query: NO_QUERY,
        answer: Done,
      },
      async (call) => ((await ended(call, deps)) ? { done: true as const } : new Problem('not-found')),
    ),
  }
}

type Wish = Pick<Call<z.infer<typeof MintBody>, unknown>, 'viewer' | 'body' | 'address'>

/** A new credential of one's own, or of a program that one owns, under its widest live grant; the secret is in the clear this once. */
export async function mint({ viewer, body, address }: Wish, deps: CredentialDeps) {
  const target = deps.targets.all().find(({ name }) => name === asTarget(body.target))
  const account = body.service === undefined ? viewer : await programOf(viewer, body.service, deps)
  if (account === undefined) return new Problem('not-found', 'no program of that name is yours')
  if (target === undefined) return new Problem('no-grant')
  const ordered = await order({ account, target, address, ttlMs: body.forSeconds * 1000 }, deps)
  if (ordered instanceof Problem) return ordered
  const unproved = await unprovedFor(account, { viewer, body, address }, deps)
  if (unproved !== undefined) return unproved
  const minted = await deps.credentials.mint(ordered, { by: viewer.person, origin: address })
  if (minted.outcome === 'refused') return refusalOf(minted.why, await stopAt(target, account, deps))
  const login = `${account.person}@${target.name}`
  const secret = minted.secret.reveal()
  return { ...viewOf(minted.credential), login, secret, dsn: dsnOf({ login, secret, target }, deps) }
}

/** Whose credential it is: a person's, or a program's. */
type Account = Pick<Viewer, 'person' | 'owner' | 'service'>

/** The live accounts of programs that somebody answers for. */
async function programsOf({ person }: Viewer, { people }: CredentialDeps): Promise<readonly Account[]> {
  const mine = (await people.list()).filter(
    (one) => one.service && one.owner === person && one.disabledAt === undefined,
  )
  return mine.map(({ name, owner }) => ({ person: name, owner, service: true }))
}

const programOf = async (viewer: Viewer, name: string, deps: CredentialDeps): Promise<Account | undefined> =>
  (await programsOf(viewer, deps)).find(({ person }) => person === name)

interface Wanted {
  readonly account: Account
  readonly target: Target
  readonly ttlMs: number
  readonly address: string
}

/** What is to be minted, or why it cannot be: found out before a factor is spent on it. The mint checks all of it again. */
async function order({ account, target, ttlMs }: Wanted, deps: CredentialDeps): Promise<NewCredential | Problem> {
  const { person, service } = account
  const grant = bestOf((await deps.grants.liveOf(person)).filter((one) => one.target === target.name))
  if (grant !== undefined) return { person, target: target.name, grant, ttlMs, service }
  const stopped = await stopAt(target, account, deps)
  if (stopped !== undefined || !service) return refusalOf('no-grant', stopped)
  return new Problem('no-grant', 'an admin gives a program its grant: countersign user grant')
}

/** A secret that outlives the working day costs its owner a fresh factor (PCI DSS 8.6). */
async function unprovedFor({ person, service }: Account, { viewer, body, address }: Wish, { login }: CredentialDeps) {
  const { factor } = body
  if (!service) return undefined
  if (factor === undefined)
    return new Problem('factor-refused', "a program's credential takes a fresh one of its owner")
  return spendFactor({ person: viewer.person, address, factor, purpose: `credential ${person}` }, login)
}

async function stopAt({ name }: Target, account: Account, { stops }: CredentialDeps): Promise<string | undefined> {
  const stop = stopOn(await stops.standing(), name, account)
  return stop && stopWords(stop)
}

/** A stop revokes grants as well; that it stands is what there is to say. */
function refusalOf(why: Extract<MintOutcome, { outcome: 'refused' }>['why'], stopped: string | undefined): Problem {
  if (why === 'stopped' || stopped !== undefined) return new Problem('stopped', stopped)
  if (why === 'bad-duration') return new Problem('invalid', 'the duration does not fit the grant')
  return new Problem(why)
}

/** One's own live credentials, and those of one's programs. */
async function listed(viewer: Viewer, deps: CredentialDeps): Promise<readonly Credential[]> {
  const people = [viewer, ...(await programsOf(viewer, deps))].map(({ person }) => person)
  return (await Promise.all(people.map((person) => deps.credentials.liveOf(person)))).flat()
}

/** Nobody ends what is not theirs: the store looks at the person again. */
async function ended(
  { viewer, id, address }: Pick<Call<unknown, unknown>, 'viewer' | 'id' | 'address'>,
  deps: CredentialDeps,
) {
  const known = credentialId(id)
  const found = known && (await listed(viewer, deps)).find((one) => one.id === known)
  if (found === undefined) return false
  return deps.credentials.revoke(found.id, { by: viewer.person, origin: address }, found.person)
}

const viewOf = ({ id, person, target, createdAt, expiresAt }: Credential) => ({
  ...{ id, person, target },
  createdAt: timeOf(createdAt),
  expiresAt: timeOf(expiresAt),
})

interface Login {
  readonly login: string
  readonly secret: string
  readonly target: Target
}

/** One address that holds all; for SSH, whose clients take no password there, without the secret. */
function dsnOf({ login, secret, target }: Login, { postgres, ssh }: CredentialDeps): string {
  const isSsh = target.protocol === 'ssh'
  const at = isSsh ? ssh.door() : postgres
  // A configuration with a target that has no listener is not loaded.
  if (at === undefined) throw new Error('there is no listener for this target')
  const { host, port } = at
  const place = host.includes(':') ? `[${host}]` : host
  if (isSsh) return `ssh://${encodeURIComponent(login)}@${place}:${port}`
  return `postgresql://${encodeURIComponent(login)}:${encodeURIComponent(secret)}@${place}:${port}/${encodeURIComponent(target.database)}`
}
