import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** What a page hands the browser, as far as a device looks at it. */
interface Creation {
  readonly challenge: string
  readonly rp: { readonly id?: string | undefined }
  readonly user: { readonly id: string; readonly name: string }
  readonly excludeCredentials?: readonly { readonly id: string }[]
}

interface Request {
  readonly challenge: string
  readonly rpId?: string | undefined
  readonly allowCredentials?: readonly { readonly id: string }[]
}

/** How a device or its browser lies. */
export interface Lie {
  readonly origin?: string
  readonly rpId?: string
  readonly type?: string
  readonly challenge?: string
  /** The device did not verify its owner. */
  readonly unverified?: boolean
  readonly counter?: number
  readonly userHandle?: string
  /** Signs with another key. */
  readonly key?: KeyObject
  readonly crossOrigin?: boolean
}

export type Algorithm = 'ES256' | 'EdDSA'

const FLAGS = { present: 0x01, verified: 0x04, attested: 0x40 }
const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()

/** A security key in software: real keys, real COSE, real signatures; it answers for one origin and one person. */
export class Authenticator {
  readonly id = b64(randomBytes(24))
  readonly #origin: string
  readonly #keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  readonly #algorithm: Algorithm
  /** Signatures so far; a device that counts nothing stays at 0. */
  counter: number
  readonly #counts: boolean
  #userHandle = ''

  constructor(
    origin: string,
    { algorithm = 'ES256', counts = true }: { algorithm?: Algorithm; counts?: boolean } = {},
  ) {
    this.#origin = origin
    this.#algorithm = algorithm
    this.#counts = counts
    this.counter = 0
    this.#keys =
      algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  }

  /** The answer of `navigator.credentials.create()`, without attestation. */
  create(options: Creation, lie: Lie = {}) {
    this.#userHandle = options.user.id
    const key = this.#cose()
    const id = Buffer.from(this.id, 'base64url')
    const length = Buffer.alloc(2)
    length.writeUInt16BE(id.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, id, key])
    const head = this.#head({ rpId: options.rp.id ?? '', lie, flags: FLAGS.attested })
    const attestationObject = cborMap([
      ['fmt', cborText('none')],
      ['attStmt', Buffer.from([0xa0])],
      ['authData', cborBytes(Buffer.concat([head, attested]))],
    ])
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key' as const,
      response: {
        clientDataJSON: this.#clientData('webauthn.create', options.challenge, lie),
        attestationObject: b64(attestationObject),
        transports: ['internal'],
      },
    }
  }

  /** The answer of `navigator.credentials.get()`. */
  get(options: Request, lie: Lie = {}) {
    if (this.#counts) this.counter += 1
    const authenticatorData = this.#head({ rpId: options.rpId ?? '', lie, flags: 0 })
    const clientDataJSON = this.#clientData('webauthn.get', options.challenge, lie)
    const signed = Buffer.concat([authenticatorData, sha256(Buffer.from(clientDataJSON, 'base64url'))])
    const signature = sign(this.#algorithm === 'ES256' ? 'sha256' : null, signed, lie.key ?? this.#keys.privateKey)
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key' as const,
      response: {
        clientDataJSON,
        authenticatorData: b64(authenticatorData),
        signature: b64(signature),
        userHandle: lie.userHandle ?? this.#userHandle,
      },
    }
  }

  #head({ rpId, lie, flags }: { rpId: string; lie: Lie; flags: number }): Buffer {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(lie.counter ?? this.counter)
    const verified = lie.unverified === true ? 0 : FLAGS.verified
    return Buffer.concat([sha256(lie.rpId ?? rpId), Buffer.from([FLAGS.present | verified | flags]), counter])
  }

  #clientData(type: string, challenge: string, lie: Lie): string {
    const data = {
      type: lie.type ?? type,
      challenge: lie.challenge ?? challenge,
      origin: lie.origin ?? this.#origin,
      crossOrigin: lie.crossOrigin ?? false,
    }
    return b64(Buffer.from(JSON.stringify(data)))
  }

  /** RFC 9053: EC2 with P-256 and ES256, or OKP with Ed25519. */
  #cose(): Buffer {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' })
    const coordinate = (text: string): Buffer => cborBytes(Buffer.from(text, 'base64url'))
    const [kty, alg, crv] = this.#algorithm === 'ES256' ? ([2, -7, 1] as const) : ([1, -8, 6] as const)
    return cborMap([
      [1, cborNumber(kty)],
      [3, cborNumber(alg)],
      [-1, cborNumber(crv)],
      [-2, coordinate(x)],
      ...(this.#algorithm === 'ES256' ? [[-3, coordinate(y)] as const] : []),
    ])
  }
}

/** The little CBOR (RFC 8949) that a device speaks. */
function cborHead(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value])
  if (value < 256) return Buffer.from([(major << 5) | 24, value])
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255])
}

const cborNumber = (value: number): Buffer => (value < 0 ? cborHead(1, -1 - value) : cborHead(0, value))
const cborText = (text: string): Buffer => Buffer.concat([cborHead(3, Buffer.byteLength(text)), Buffer.from(text)])
const cborBytes = (bytes: Uint8Array): Buffer => Buffer.concat([cborHead(2, bytes.length), bytes])

function cborMap(members: readonly (readonly [string | number, Buffer])[]): Buffer {
  const parts = members.map(([name, value]) =>
    Buffer.concat([typeof name === 'string' ? cborText(name) : cborNumber(name), value]),
  )
  return Buffer.concat([cborHead(5, members.length), ...parts])
}
