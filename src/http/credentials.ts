import type { z } from 'zod'
import type { Credential, MintOutcome } from '../access/credentials.ts'
import { stopOn, stopWords } from '../access/stops.ts'
import type { Target } from '../model/target.ts'
import { timeOf } from './approval-view.ts'
import { asTarget, credentialId } from './ids.ts'
import type { CredentialsPort, GrantsPort, SshPort, StopsPort, TargetsPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import type { Call } from './route.ts'
import { Credentials, Done, MintBody, Minted } from './schemas.ts'
import type { Viewer } from './viewer.ts'

export interface CredentialDeps {
  readonly credentials: CredentialsPort
  readonly grants: GrantsPort
  readonly targets: TargetsPort
  readonly stops: Pick<StopsPort, 'standing'>
  /** Where clients reach the Postgres listener. */
  readonly postgres: { readonly host: string; readonly port: number } | undefined
  readonly ssh: Pick<SshPort, 'door'>
}

const PATH = '/api/v1/credentials'

/** The routes of short-lived login secrets: everybody handles only their own. */
export function credentialRoutes(deps: CredentialDeps) {
  return {
    listCredentials: route(
      {
        method: 'get',
        path: PATH,
        summary: 'Your live credentials',
        body: NO_BODY,
        query: NO_QUERY,
        answer: Credentials,
      },
      async ({ viewer }) => ({ credentials: (await deps.credentials.liveOf(viewer.person)).map(viewOf) }),
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
        summary: 'End one of your credentials',
        body: NO_BODY,
        query: NO_QUERY,
        answer: Done,
      },
      async ({ viewer: { person }, id, address }) => {
        const known = credentialId(id)
        const ended =
          known !== undefined && (await deps.credentials.revoke(known, { by: person, origin: address }, person))
        return ended ? { done: true as const } : new Problem('not-found')
      },
    ),
  }
}

/** A new credential of one's own under one's longest live grant, its secret in the clear this once. */
export async function mint(
  { viewer, body, address }: Pick<Call<z.infer<typeof MintBody>, unknown>, 'viewer' | 'body' | 'address'>,
  deps: CredentialDeps,
) {
  const target = deps.targets.all().find(({ name }) => name === asTarget(body.target))
  if (target === undefined) return new Problem('no-grant')
  const minted = await mintUnder({ viewer, target, ttlMs: body.forSeconds * 1000, address }, deps)
  if (minted.outcome === 'refused') return refusalOf(minted.why, await stopAt(target, viewer, deps))
  const login = `${viewer.person}@${target.name}`
  const secret = minted.secret.reveal()
  return { ...viewOf(minted.credential), login, secret, dsn: dsnOf({ login, secret, target }, deps) }
}

interface Order {
  readonly viewer: Viewer
  readonly target: Target
  readonly ttlMs: number
  readonly address: string
}

/** Takes the person's longest live grant; the mint checks it again. */
async function mintUnder({ viewer, target, ttlMs, address }: Order, deps: CredentialDeps): Promise<MintOutcome> {
  const { person, service } = viewer
  const grants = (await deps.grants.liveOf(person)).filter((grant) => grant.target === target.name)
  const grant = grants.toSorted((a, b) => b.expiresAt - a.expiresAt)[0]
  if (grant === undefined) return { outcome: 'refused', why: 'no-grant' }
  return deps.credentials.mint({ person, target: target.name, grant, ttlMs, service }, { by: person, origin: address })
}

async function stopAt({ name }: Target, viewer: Viewer, { stops }: CredentialDeps): Promise<string | undefined> {
  const stop = stopOn(await stops.standing(), name, viewer)
  return stop && stopWords(stop)
}

/** A stop revokes grants as well; that it stands is what there is to say. */
function refusalOf(why: Extract<MintOutcome, { outcome: 'refused' }>['why'], stopped: string | undefined): Problem {
  if (why === 'stopped' || stopped !== undefined) return new Problem('stopped', stopped)
  if (why === 'bad-duration') return new Problem('invalid', 'the duration does not fit the grant')
  return new Problem(why)
}

const viewOf = ({ id, target, createdAt, expiresAt }: Credential) => ({
  id,
  target,
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
