import { z } from 'zod'
import type { SshKey } from '../access/ssh-keys.ts'
import { timeOf } from './approval-view.ts'
import { bearerToken } from './bearer.ts'
import { Factor } from './factor.ts'
import { spendFactor } from './fresh-factor.ts'
import { FactorBody } from './identity-schemas.ts'
import type { LoginPort, SshPort } from './ports.ts'
import { Problem } from './problem.ts'
import { NO_BODY, NO_QUERY, route } from './route.ts'
import type { Call } from './route.ts'
import { Done } from './schemas.ts'

export interface SshKeyRouteDeps {
  readonly ssh: SshPort
  readonly login: Pick<LoginPort, 'verifyFactor' | 'isRecent'>
}

const AT = '/api/v1/keys'
export const ADD_KEY_PURPOSE = 'add ssh key'
export const REMOVE_KEY_PURPOSE = 'remove ssh key'
export const CERTIFICATE_PURPOSE = 'ssh certificate'

/** RFC 3339 in UTC. */
const Time = z.string()
/** A line of a .pub file; the longest RSA key takes some 3 KiB. */
const KeyText = z.string().trim().min(1).max(8192)

export const SshKeyView = z.object({
  id: z.string(),
  name: z.string(),
  /** As it stands in an authorized_keys file, without a comment. */
  key: z.string(),
  fingerprint: z.string(),
  createdAt: Time,
  usedAt: Time.nullable(),
})
export const SshKeysAnswer = z.object({ keys: z.array(SshKeyView) })
const AddKeyBody = z.strictObject({ key: KeyText, name: z.string().trim().min(1).max(60).optional(), factor: Factor })
const CertificateBody = z.strictObject({
  /** The caller's public key. */
  key: KeyText,
  /** At most eight hours, the default. */
  forSeconds: z.int().min(60).max(28_800).default(28_800),
  /** Left out within ten minutes of a sign-in. */
  factor: Factor.optional(),
})
export const SshCertificateAnswer = z.object({
  /** As it stands in a -cert.pub file. */
  certificate: z.string(),
  keyId: z.string(),
  expiresAt: Time,
})
export const SshHostKeyAnswer = z.object({
  host: z.string(),
  port: z.int(),
  /** Public keys that the listener shows. */
  keys: z.array(z.string()),
})

/** One's own SSH keys and certificates, and the key of the listener: everybody handles only their own. */
export function sshKeyRoutes(deps: SshKeyRouteDeps) {
  const { keys, door } = deps.ssh
  return {
    listKeys: route(
      {
        method: 'get',
        path: AT,
        summary: 'Your SSH keys',
        ...{ body: NO_BODY, query: NO_QUERY, answer: SshKeysAnswer },
      },
      async ({ viewer }) => ({ keys: (await keys.listOf(viewer.person)).map(viewOf) }),
    ),
    addKey: addKey(deps),
    removeKey: removeKey(deps),
    sshCertificate: certificate(deps),
    sshHostKey: route(
      {
        method: 'get',
        path: '/api/v1/ssh-host-key',
        summary: 'Where the SSH listener is and what it shows',
        ...{ body: NO_BODY, query: NO_QUERY, answer: SshHostKeyAnswer },
      },
      () => {
        const { host, port, keys: shown } = door() ?? {}
        return Promise.resolve(
          host === undefined || port === undefined || shown === undefined
            ? new Problem('no-ssh')
            : { host, port, keys: [...shown] },
        )
      },
    ),
  }
}

function addKey({ ssh: { keys }, login }: SshKeyRouteDeps) {
  return route(
    {
      method: 'post',
      path: AT,
      summary: `Log in by this key from now on; purpose of the factor: "${ADD_KEY_PURPOSE}"`,
      ...{ body: AddKeyBody, query: NO_QUERY, answer: SshKeyView, status: 201 },
    },
    async ({ viewer: { person }, body, address }) => {
      // What cannot be taken costs no code.
      const fault = keys.faultOf(body.key)
      if (fault !== undefined) return new Problem('key-refused', fault)
      const objection = await spendFactor({ person, address, factor: body.factor, purpose: ADD_KEY_PURPOSE }, login)
      if (objection !== undefined) return objection
      const done = await keys.add({ person, text: body.key, name: body.name }, { by: person, origin: address })
      return done.outcome === 'added' ? viewOf(done.key) : refusalOf(done)
    },
  )
}

function refusalOf(refused: { readonly why: string; readonly fault?: string }): Problem {
  switch (refused.why) {
    case 'too-many':
      return new Problem('too-many-keys')
    case 'taken':
      return new Problem('key-taken', 'a key is one person’s: make one of your own with ssh-keygen -t ed25519')
    case 'stopped':
      return new Problem('stopped', 'there is no certificate for whoever is kept out')
    case 'removed':
      return new Problem(
        'key-taken',
        'this key was removed and stays removed: make a new one with ssh-keygen -t ed25519',
      )
    default:
      return new Problem('key-refused', refused.fault)
  }
}

function removeKey({ ssh: { keys }, login }: SshKeyRouteDeps) {
  return route(
    {
      method: 'post',
      path: `${AT}/:id/remove`,
      summary: `Remove one for good; its sessions end. Purpose of the factor: "${REMOVE_KEY_PURPOSE}"`,
      ...{ body: FactorBody, query: NO_QUERY, answer: Done },
    },
    async ({ viewer: { person }, id, body, address }) => {
      if (!(await keys.listOf(person)).some((one) => one.id === id)) return new Problem('not-found')
      const objection = await spendFactor({ person, address, factor: body.factor, purpose: REMOVE_KEY_PURPOSE }, login)
      if (objection !== undefined) return objection
      const done = await keys.remove(id, { by: person, origin: address }, person)
      return done ? { done: true as const } : new Problem('not-found')
    },
  )
}

function certificate(deps: SshKeyRouteDeps) {
  const { certificates, door } = deps.ssh
  return route(
    {
      method: 'post',
      path: '/api/v1/ssh-certificate',
      summary: `A short-lived certificate over your key; purpose of the factor: "${CERTIFICATE_PURPOSE}"`,
      ...{ body: CertificateBody, query: NO_QUERY, answer: SshCertificateAnswer, status: 201 },
    },
    async (call) => {
      const { viewer, body, address } = call
      if (door() === undefined) return new Problem('no-ssh')
      if (viewer.service) return new Problem('forbidden', 'an account of a program has no second factor to stand for')
      const objection = await factorOrRecent(call, deps)
      if (objection !== undefined) return objection
      const wanted = { person: viewer.person, key: body.key, ttlMs: body.forSeconds * 1000 }
      const done = await certificates.issue(wanted, { by: viewer.person, origin: address })
      if (done.outcome === 'refused') return refusalOf(done)
      const { certificate: issued, line } = done
      return {
        certificate: line,
        keyId: `${issued.person}/${issued.serial}`,
        expiresAt: timeOf(issued.expiresAt),
      }
    },
  )
}

/** The certificate stands for a second factor: one is shown now, or was with the sign-in a few minutes ago. */
async function factorOrRecent(
  { viewer: { person }, body: { factor }, address, c }: Call<z.output<typeof CertificateBody>, unknown>,
  { login }: SshKeyRouteDeps,
): Promise<Problem | undefined> {
  if (factor !== undefined) return spendFactor({ person, address, factor, purpose: CERTIFICATE_PURPOSE }, login)
  const token = bearerToken(c)
  const recent = token !== undefined && (await login.isRecent(token))
  return recent ? undefined : new Problem('factor-refused', 'sign in again, or send a fresh factor')
}

const viewOf = ({ id, name, line, fingerprint, createdAt, usedAt }: SshKey) => ({
  ...{ id, name, key: line, fingerprint, createdAt: timeOf(createdAt) },
  usedAt: usedAt === undefined ? null : timeOf(usedAt),
})
