import type * as WebAuthnServer from '@simplewebauthn/server'
import type { PasskeyAssertion } from './factor-answer.ts'
import type { Passkey, PasskeyRegistration, SpentChallenge } from './passkey.ts'

/** Who asks a device for a key: the host of our pages, and their origin. */
export interface RelyingParty {
  readonly id: string
  readonly origin: string
}

/** What `navigator.credentials.create()` is given, in the JSON form of WebAuthn Level 3. */
export type CreationOptions = Awaited<ReturnType<WebAuthn['generateRegistrationOptions']>>
/** What `navigator.credentials.get()` is given. */
export type RequestOptions = Awaited<ReturnType<WebAuthn['generateAuthenticationOptions']>>

type WebAuthn = typeof WebAuthnServer
type Open = (challenge: string) => SpentChallenge | undefined

/** Loaded with the first passkey: its ASN.1 takes a third of a second that no command has to wait for. */
const webauthn = (): Promise<WebAuthn> => import('@simplewebauthn/server')

const TIMEOUT_MS = 110_000
/** Ed25519, P-256 and RSA PKCS#1: what browsers and keys speak. */
const ALGORITHMS = [-8, -7, -257]
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']

export async function creationOptions(
  party: RelyingParty,
  wanted: {
    readonly challenge: string
    readonly user: { readonly name: string; readonly handle: string }
    readonly known: readonly Passkey[]
  },
): Promise<CreationOptions> {
  const { generateRegistrationOptions } = await webauthn()
  return generateRegistrationOptions({
    rpName: 'Countersign',
    rpID: party.id,
    userName: wanted.user.name,
    userID: bytesOf(wanted.user.handle),
    challenge: bytesOf(wanted.challenge),
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    excludeCredentials: wanted.known.map(described),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  })
}

export async function requestOptions(
  party: RelyingParty,
  wanted: { readonly challenge: string; readonly allowed: readonly Passkey[] },
): Promise<RequestOptions> {
  const { generateAuthenticationOptions } = await webauthn()
  return generateAuthenticationOptions({
    rpID: party.id,
    challenge: bytesOf(wanted.challenge),
    timeout: TIMEOUT_MS,
    userVerification: 'required',
    ...(wanted.allowed.length > 0 && { allowCredentials: wanted.allowed.map(described) }),
  })
}

/** A registration that is ours, for an open challenge, with its owner verified; undefined for anything else. */
export async function attested(
  party: RelyingParty,
  response: PasskeyRegistration,
  open: Open,
): Promise<(Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'transports'> & { spent: SpentChallenge }) | undefined> {
  const { verifyRegistrationResponse } = await webauthn()
  const met = meeting(open)
  const { clientDataJSON, attestationObject, transports = [] } = response.response
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...response, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} },
      expectedChallenge: met.challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    const spent = met.spent()
    if (!verified || spent === undefined || isFramed(clientDataJSON)) return undefined
    const { id, publicKey, counter } = registrationInfo.credential
    const known = transports.filter((one) => TRANSPORTS.includes(one))
    return { id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports: known, spent }
  } catch {
    // The library throws for everything that does not fit. Whoever answers a challenge wrongly learns no more than that.
    return undefined
  }
}

/** An assertion by this passkey, for an open challenge, with its owner verified. Whether the counter moved on, the store says in one step. */
export async function assertedBy(
  party: RelyingParty,
  asked: { readonly answer: PasskeyAssertion; readonly passkey: Passkey; readonly open: Open },
): Promise<{ counter: number; spent: SpentChallenge } | undefined> {
  const { verifyAuthenticationResponse } = await webauthn()
  const met = meeting(asked.open)
  const { clientDataJSON, authenticatorData, signature } = asked.answer.response
  const { id, publicKey } = asked.passkey
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        ...asked.answer,
        response: { clientDataJSON, authenticatorData, signature },
        clientExtensionResults: {},
      },
      expectedChallenge: met.challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      credential: { id, publicKey: bytesOf(publicKey), counter: 0 },
      requireUserVerification: true,
    })
    const spent = met.spent()
    if (!verified || spent === undefined || isFramed(clientDataJSON)) return undefined
    return { counter: authenticationInfo.newCounter, spent }
  } catch {
    return undefined
  }
}

/** The page stood in another site's frame. Ours never do, and the library lets it pass where the browser does not name that site. */
function isFramed(clientDataJSON: string): boolean {
  const said: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString())
  return typeof said === 'object' && said !== null && 'crossOrigin' in said && said.crossOrigin !== false
}

/** Keeps the challenge that the library was shown. */
function meeting(open: Open): { challenge: (text: string) => boolean; spent: () => SpentChallenge | undefined } {
  let spent: SpentChallenge | undefined
  return {
    challenge(text) {
      spent = open(text)
      return spent !== undefined
    },
    spent: () => spent,
  }
}

const described = ({ id, transports }: Passkey) => ({ id, transports: [...transports] })

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64url'))
