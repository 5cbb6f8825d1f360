import { timingSafeEqual } from 'node:crypto'
import type { Credential, Credentials } from '../../access/credentials.ts'
import type { Grant, Grants } from '../../access/grants.ts'
import type { Lockout } from '../../access/lockout.ts'
import { parseLogin } from '../../access/login-name.ts'
import { scramVerifier } from '../../access/scram-verifier.ts'
import type { SshCertificates } from '../../access/ssh-certificates.ts'
import type { SshKeys } from '../../access/ssh-keys.ts'
import { personName, type PersonName, type TargetName } from '../../model/ids.ts'
import { checkCertificate, type UserAuthority } from '../../protocol/ssh/certificate-check.ts'
import { isCertificateAlgorithm, readCertificate, type Certificate } from '../../protocol/ssh/certificate.ts'
import { fingerprintOf, isFault, readPublicKey } from '../../protocol/ssh/public-key.ts'
import { signatureFits, unwrappedSignatureFits } from '../../protocol/ssh/signature.ts'
import type { SshRestrictions } from './entered.ts'
import { comesFrom } from './source-address.ts'

export interface ProofDeps {
  readonly credentials: Pick<Credentials, 'verifiersFor'>
  readonly grants: Pick<Grants, 'resolve' | 'find'>
  readonly lockout: Pick<Lockout, 'lockedUntil' | 'failed' | 'succeeded'>
  readonly keys: Pick<SshKeys, 'ownerOf' | 'used'>
  readonly certificates: Pick<SshCertificates, 'stands'>
  /** The CAs that sign for people as of now, ours among them. */
  readonly authorities: () => readonly UserAuthority[]
  /** Whether it is a person whose account is live, and no program. */
  readonly isPerson: (name: PersonName) => Promise<boolean>
  /** Names of the targets that speak this protocol. */
  readonly targets: readonly TargetName[]
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface Candidate {
  readonly login: string
  /** Address of the client, without port. */
  readonly source: string
}

/** The signed request of a client, as the library hands it on. */
export interface SignedRequest {
  readonly algorithm: string
  /** The key, or the certificate with the key in it. */
  readonly key: Buffer
  readonly signature: Buffer
  /** What was signed: the exchange's hash, the login name and the key itself. */
  readonly message: Buffer
  /** Undefined where the client named SHA-1, and for keys whose type says it. */
  readonly hash: string | undefined
}

export type Refused = { readonly outcome: 'refused'; readonly why: string }

export type CredentialProof =
  { readonly outcome: 'proved'; readonly credential: Credential; readonly grant: Grant } | Refused

export type KeyProof =
  | {
      readonly outcome: 'proved'
      readonly person: PersonName
      readonly how: 'key' | 'certificate'
      readonly clientKey: string
      readonly restrictions: SshRestrictions
      /** Whether a one-time code is still to be asked for. */
      readonly needsCode: boolean
    }
  | Refused

const OPEN: SshRestrictions = { command: undefined, terminal: true, forwards: true }
/** No person; looked up like one where the login is no name at all. */
const NOBODY = personName('-')

/** Name and address of an attempt, as all doors count them. */
export const attemptOf = ({ login, source }: Candidate): { readonly person: string; readonly source: string } => ({
  person: parseLogin(login)?.person ?? login,
  source,
})

/** The short-lived credential, typed as password. The same work for every name: the counters, one salted hash, one comparison at least. */
export async function proveCredential(
  deps: ProofDeps,
  candidate: Candidate,
  password: string,
): Promise<CredentialProof> {
  const attempt = attemptOf(candidate)
  const [locked, resolved] = await Promise.all([deps.lockout.lockedUntil(attempt), grantOf(deps, candidate.login)])
  const named = resolved && { person: resolved.person, target: resolved.target }
  const offer = await deps.credentials.verifiersFor(named ?? candidate.login, candidate.source)
  const typed = await scramVerifier(password, offer.salt)
  isSame(typed, offer.decoy)
  const matched = offer.candidates.find(({ verifier }) => isSame(typed, verifier))
  if (locked !== undefined) return { outcome: 'refused', why: 'locked' }
  if (matched === undefined) {
    // Nothing typed is no guess: some clients send that where nobody is there to type.
    if (password !== '') await deps.lockout.failed(attempt)
    return { outcome: 'refused', why: 'wrong' }
  }
  await deps.lockout.succeeded(attempt)
  const grant = await deps.grants.find(matched.credential.grant)
  if (grant === undefined) return { outcome: 'refused', why: 'no-grant' }
  return { outcome: 'proved', credential: matched.credential, grant }
}

/** A registered key or a certificate. The same work for every name and key; a wrong one is counted by whoever knows the whole connection. */
export async function proveKey(deps: ProofDeps, candidate: Candidate, request: SignedRequest): Promise<KeyProof> {
  const person = parseLogin(candidate.login)?.person
  const shown = readShown(request)
  const [locked, isPerson, owner] = await Promise.all([
    deps.lockout.lockedUntil(attemptOf(candidate)),
    deps.isPerson(person ?? NOBODY),
    deps.keys.ownerOf(shown?.fingerprint ?? ''),
  ])
  if (shown === undefined) return { outcome: 'refused', why: 'a key or signature that does not fit' }
  const { fingerprint, certificate } = shown
  if (owner?.removed === true) return { outcome: 'refused', why: 'a key that was removed' }
  if (person === undefined || !isPerson) return { outcome: 'refused', why: 'wrong' }
  if (locked !== undefined) return { outcome: 'refused', why: 'locked' }
  const known = { person, clientKey: fingerprint }
  if (certificate !== undefined) return proveCertificate(deps, { ...known, certificate, source: candidate.source })
  if (owner?.person !== person) return { outcome: 'refused', why: 'a key that is not registered' }
  return { outcome: 'proved', how: 'key', ...known, restrictions: OPEN, needsCode: true }
}

/** The live grant that a login means on this protocol. */
export async function grantOf(
  { grants, targets }: Pick<ProofDeps, 'grants' | 'targets'>,
  login: string,
): Promise<Grant | undefined> {
  const parsed = parseLogin(login)
  return parsed === undefined ? undefined : grants.resolve(parsed, targets)
}

interface Shown {
  /** Of the plain key, in a certificate too. */
  readonly fingerprint: string
  readonly certificate: Certificate | undefined
}

/** What was shown and signed with; undefined where the signature is not the key's. */
function readShown({ algorithm, key: blob, signature, message, hash }: SignedRequest): Shown | undefined {
  if (isCertificateAlgorithm(algorithm)) {
    const certificate = readCertificate(blob)
    // The library takes a signature out of its wrapping only where both have the same name; a certificate's has its key's.
    if (isFault(certificate) || !signatureFits(certificate.key, signature, message)) return undefined
    return { fingerprint: fingerprintOf(certificate.key.blob), certificate }
  }
  const key = readPublicKey(blob)
  if (isFault(key) || key.type !== algorithm) return undefined
  if (!unwrappedSignatureFits(key, { bytes: signature, hash }, message)) return undefined
  return { fingerprint: fingerprintOf(key.blob), certificate: undefined }
}

async function proveCertificate(
  deps: ProofDeps,
  shown: {
    readonly person: PersonName
    readonly clientKey: string
    readonly certificate: Certificate
    readonly source: string
  },
): Promise<KeyProof> {
  const { person, clientKey, certificate, source } = shown
  const verdict = checkCertificate(certificate, { authorities: deps.authorities(), person, now: deps.now() })
  if (verdict.outcome === 'refused') return verdict
  const { sourceAddress, forceCommand, extensions, serial } = certificate
  if (sourceAddress !== undefined && !comesFrom(sourceAddress, source))
    return { outcome: 'refused', why: 'a certificate for another address' }
  if (verdict.authority.own && !(await deps.certificates.stands({ serial, person, fingerprint: clientKey })))
    return { outcome: 'refused', why: 'a certificate that was taken back' }
  const terminal = extensions.has('permit-pty')
  const restrictions = { command: forceCommand, terminal, forwards: extensions.has('permit-port-forwarding') }
  const needsCode = !verdict.authority.checksFactor
  return { outcome: 'proved', how: 'certificate', person, clientKey, restrictions, needsCode }
}

/** Both are of one length where both are verifiers. */
function isSame(typed: string, verifier: string): boolean {
  const [a, b] = [Buffer.from(typed), Buffer.from(verifier)]
  return a.length === b.length && timingSafeEqual(a, b)
}
