import type { Credential, Credentials } from '../../access/credentials.ts'
import type { Grant, Grants } from '../../access/grants.ts'
import type { Lockout } from '../../access/lockout.ts'
import { parseLogin } from '../../access/login-name.ts'
import type { PersonName, TargetName } from '../../model/ids.ts'
import { decodeSaslInitialResponse, decodeSaslResponse } from '../../protocol/postgres/decode.ts'
import { encodeBackend } from '../../protocol/postgres/encode.ts'
import type { Frame } from '../../protocol/postgres/framing.ts'
import { ProtocolError } from '../../protocol/postgres/protocol-error.ts'
import { createScramServer, type ScramServer } from '../../protocol/postgres/scram-server.ts'
import { parseVerifier } from '../../protocol/postgres/scram-verifier.ts'
import type { Inbox } from '../inbox.ts'
import type { Outlet } from '../outlet.ts'

export interface AuthenticateDeps {
  readonly credentials: Pick<Credentials, 'verifiersFor'>
  readonly grants: Pick<Grants, 'resolve' | 'find'>
  readonly lockout: Pick<Lockout, 'lockedUntil' | 'failed' | 'succeeded'>
  /** Names of the targets that speak this protocol. */
  readonly targets: readonly TargetName[]
  readonly newNonce: () => string
}

export interface Candidate {
  readonly login: string
  /** Address of the client, without port. */
  readonly source: string
  readonly certificateHash: Buffer | undefined
}

/** Who it is, by which grant and credential. Every way of failing looks the same to the client. */
export type Authentication =
  | {
      readonly outcome: 'accepted'
      readonly person: PersonName
      readonly target: TargetName
      readonly grant: Grant
      readonly credential: Credential
    }
  | { readonly outcome: 'refused'; readonly why: 'locked' | 'wrong' | 'left' | 'no-grant' }

/** SCRAM-SHA-256 against the live credentials of person and target. Manual: "SASL Authentication". */
export async function authenticate(
  deps: AuthenticateDeps,
  wire: { inbox: Inbox<Frame>; client: Outlet },
  candidate: Candidate,
): Promise<Authentication> {
  const attempt = { person: parseLogin(candidate.login)?.person ?? candidate.login, source: candidate.source }
  if ((await deps.lockout.lockedUntil(attempt)) !== undefined) return { outcome: 'refused', why: 'locked' }
  const resolved = await resolve(deps, candidate.login)
  const offer = await deps.credentials.verifiersFor(resolved ?? candidate.login, candidate.source)
  const live = offer.candidates.flatMap((one) => {
    const verifier = parseVerifier(one.verifier)
    return verifier === undefined ? [] : [{ verifier, credential: one.credential }]
  })
  const { salt, iterations } = offer
  const verifiers = live.map((one) => one.verifier)
  const scram = createScramServer({
    salt,
    iterations,
    verifiers,
    nonce: deps.newNonce(),
    certificateHash: candidate.certificateHash,
  })
  const matched = await exchange(scram, wire)
  // psql without a password connects once to learn that it needs one: leaving before the proof is no guess.
  if (matched === 'left') return { outcome: 'refused', why: 'left' }
  const credential = matched === 'wrong' ? undefined : live[matched]?.credential
  if (credential === undefined) {
    await deps.lockout.failed(attempt)
    return { outcome: 'refused', why: 'wrong' }
  }
  await deps.lockout.succeeded(attempt)
  const grant = await deps.grants.find(credential.grant)
  if (grant === undefined) return { outcome: 'refused', why: 'no-grant' }
  return { outcome: 'accepted', person: credential.person, target: credential.target, grant, credential }
}

/** The person and target that a login name means, if a live grant stands behind it. */
async function resolve(
  deps: AuthenticateDeps,
  login: string,
): Promise<{ person: PersonName; target: TargetName } | undefined> {
  const parsed = parseLogin(login)
  const grant = parsed === undefined ? undefined : await deps.grants.resolve(parsed, deps.targets)
  return grant === undefined ? undefined : { person: grant.person, target: grant.target }
}

/** Which verifier the proof fits. */
async function exchange(
  scram: ScramServer,
  { inbox, client }: { inbox: Inbox<Frame>; client: Outlet },
): Promise<number | 'wrong' | 'left'> {
  client.write(encodeBackend({ name: 'authenticationSasl', mechanisms: scram.mechanisms }))
  const initial = await nextPassword(inbox)
  if (initial === undefined) return 'left'
  const { mechanism, response } = decodeSaslInitialResponse(initial)
  client.write(encodeBackend({ name: 'authenticationSaslContinue', challenge: scram.first(mechanism, response) }))
  const proof = await nextPassword(inbox)
  if (proof === undefined) return 'left'
  const outcome = scram.final(decodeSaslResponse(proof).response)
  if (outcome.outcome === 'refused') return 'wrong'
  client.write(encodeBackend({ name: 'authenticationSaslFinal', outcome: outcome.final }))
  return outcome.matched
}

async function nextPassword(inbox: Inbox<Frame>): Promise<Frame<'password'> | undefined> {
  while (!inbox.isOver) {
    const frame = inbox.take()
    if (frame === undefined) {
      await inbox.ready()
      continue
    }
    if (frame.name === 'terminate') return undefined
    if (frame.name !== 'password') throw new ProtocolError('a message that authentication does not know')
    return frame
  }
  return undefined
}
