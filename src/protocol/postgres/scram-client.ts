import { timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../std/secret.ts'
import type { SaslInitialResponse } from './messages.ts'
import { ProtocolError } from './protocol-error.ts'
import { attributeAt, BINDING_TYPE, bytesAt, checkNonce, PLAIN_MECHANISM, PLUS_MECHANISM } from './scram-text.ts'
import { readAttributes } from './scram-text.ts'
import {
  clientKeyOf,
  hmac,
  KEY_BYTES,
  saltPassword,
  type SaltPassword,
  serverKeyOf,
  sha256,
  xor,
} from './scram-verifier.ts'

/** What a client needs to know to begin. */
export interface ScramClientDeps {
  readonly password: Secret
  /** Left out as libpq does: PostgreSQL takes the name of the startup packet. */
  readonly name?: string | undefined
  /** Fresh random text, 18 random bytes in base64 or better. */
  readonly nonce: string
  /** What AuthenticationSASL offered. */
  readonly mechanisms: readonly string[]
  /** Hash of the server's certificate as RFC 5929 `tls-server-end-point` has it; undefined without TLS. */
  readonly certificateHash?: Buffer | undefined
  /** The way to PBKDF2's result: one that keeps results saves some milliseconds of CPU a connection. */
  readonly salted?: SaltPassword | undefined
}

/** One run of SCRAM-SHA-256 in the client's part, in this order. A server that breaks the grammar, or does not prove that it knows us, is a ProtocolError. */
export interface ScramClient {
  readonly initial: SaslInitialResponse
  /** Takes the challenge of AuthenticationSASLContinue and gives the bytes of our SASLResponse. */
  respond(challenge: Buffer): Buffer
  /** Takes AuthenticationSASLFinal. Only after it, and never without it, AuthenticationOk is to be believed. */
  verify(outcome: Buffer): void
}

/** PostgreSQL's default is 4096; beyond this, one hostile server could stop the whole process for seconds. */
const MAX_ITERATIONS = 1_000_000

export function createScramClient(deps: ScramClientDeps): ScramClient {
  const { mechanism, header, binding } = chooseMechanism(deps.mechanisms, deps.certificateHash)
  const bare = `n=${escapedName(deps.name ?? '')},r=${checkNonce(deps.nonce)}`
  let expected: Buffer | undefined
  return {
    initial: { name: 'saslInitialResponse', mechanism, response: Buffer.from(`${header}${bare}`, 'utf8') },
    respond(challenge) {
      if (expected !== undefined) throw new ProtocolError('SASL message: out of turn')
      const { text, nonce, salt, iterations } = readChallenge(challenge, deps.nonce)
      const salted = (deps.salted ?? saltPassword)(deps.password, salt, iterations)
      const withoutProof = `c=${binding.toString('base64')},r=${nonce}`
      const message = `${bare},${text},${withoutProof}`
      expected = hmac(serverKeyOf(salted), message)
      return Buffer.from(`${withoutProof},p=${proofOf(salted, message).toString('base64')}`, 'utf8')
    },
    verify(outcome) {
      if (expected === undefined) throw new ProtocolError('SASL message: out of turn')
      const signature = bytesAt(readAttributes(outcome).list, 0, 'v')
      if (signature.length !== KEY_BYTES || !timingSafeEqual(signature, expected)) {
        throw new ProtocolError('SASL message: the server does not know the password')
      }
    },
  }
}

/** Over TLS the binding is taken where it is offered; where it is not, "y" tells a server that did offer it that somebody took it away. */
function chooseMechanism(offered: readonly string[], certificateHash: Buffer | undefined): Chosen {
  if (certificateHash !== undefined && offered.includes(PLUS_MECHANISM)) {
    const header = `p=${BINDING_TYPE},,`
    return { mechanism: PLUS_MECHANISM, header, binding: Buffer.concat([Buffer.from(header, 'utf8'), certificateHash]) }
  }
  if (!offered.includes(PLAIN_MECHANISM)) throw new ProtocolError('no SASL mechanism that we know')
  const header = certificateHash === undefined ? 'n,,' : 'y,,'
  return { mechanism: PLAIN_MECHANISM, header, binding: Buffer.from(header, 'utf8') }
}

const escapedName = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C')

interface Chosen {
  readonly mechanism: string
  readonly header: string
  readonly binding: Buffer
}

function readChallenge(
  challenge: Buffer,
  ours: string,
): { text: string; nonce: string; salt: Buffer; iterations: number } {
  const { text, list } = readAttributes(challenge)
  const nonce = checkNonce(attributeAt(list, 0, 'r'))
  const salt = bytesAt(list, 1, 's')
  const iterations = attributeAt(list, 2, 'i')
  // A nonce that is only ours would let an old exchange be played back.
  if (!nonce.startsWith(ours) || nonce.length === ours.length) throw new ProtocolError('SASL message: a foreign nonce')
  if (!/^[1-9]\d{0,8}$/.test(iterations) || Number(iterations) > MAX_ITERATIONS) {
    throw new ProtocolError('SASL message: a bad iteration count')
  }
  if (salt.length === 0) throw new ProtocolError('SASL message: no salt')
  return { text, nonce, salt, iterations: Number(iterations) }
}

function proofOf(salted: Buffer, message: string): Buffer {
  const clientKey = clientKeyOf(salted)
  return xor(clientKey, hmac(sha256(clientKey), message))
}
