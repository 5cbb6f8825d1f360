import { timingSafeEqual } from 'node:crypto'
import { ProtocolError } from './protocol-error.ts'
import { attributeAt, BINDING_TYPE, bytesAt, checkNonce, PLAIN_MECHANISM, PLUS_MECHANISM } from './scram-text.ts'
import { readAttributes, saslText, splitAttributes } from './scram-text.ts'
import { hmac, KEY_BYTES, type ScramVerifier, sha256, xor } from './scram-verifier.ts'

/** What a server needs to know before the client's first word. */
export interface ScramServerDeps {
  /** Of every verifier below; for a name that nobody has, the caller's keyed fake, the same at each attempt. */
  readonly salt: Buffer
  readonly iterations: number
  /** All live credentials of the person; empty where there is none, and the exchange then fails at its last step, as with a wrong password. */
  readonly verifiers: readonly ScramVerifier[]
  /** Fresh random text, 18 random bytes in base64 or better. */
  readonly nonce: string
  /** Hash of our certificate as RFC 5929 `tls-server-end-point` has it; undefined without TLS: no channel binding is offered then. */
  readonly certificateHash?: Buffer | undefined
}

export type ScramOutcome =
  | {
      readonly outcome: 'accepted'
      /** Index in `verifiers`. */ readonly matched: number
      /** For AuthenticationSASLFinal. */ readonly final: Buffer
    }
  | { readonly outcome: 'refused' }

/** One run of SCRAM-SHA-256 in the server's part: `first` once, then `final` once. Messages that break the grammar, or its order, are a ProtocolError. */
export interface ScramServer {
  /** To be offered in AuthenticationSASL, best first. */
  readonly mechanisms: readonly string[]
  /** Takes the SASLInitialResponse and gives the challenge for AuthenticationSASLContinue. */
  first(mechanism: string, response: Buffer | null): Buffer
  /** Takes the client's proof. A wrong one is refused, whatever is wrong with it. */
  final(response: Buffer): ScramOutcome
}

interface Begun {
  /** The client's GS2 header with the binding it must repeat, as base64 in `c=`. */
  readonly binding: string
  readonly nonce: string
  readonly transcript: string
}

export function createScramServer(deps: ScramServerDeps): ScramServer {
  const bound = deps.certificateHash !== undefined
  let turn: 'first' | 'final' | 'over' = 'first'
  let begun: Begun | undefined
  return {
    mechanisms: bound ? [PLUS_MECHANISM, PLAIN_MECHANISM] : [PLAIN_MECHANISM],
    first(mechanism, response) {
      if (turn !== 'first' || response === null) throw new ProtocolError('SASL message: out of turn')
      turn = 'over'
      const { header, bare } = splitHeader(saslText(response))
      const nonce = clientNonce(bare) + deps.nonce
      const challenge = `r=${nonce},s=${deps.salt.toString('base64')},i=${deps.iterations}`
      begun = {
        binding: expectedBinding(mechanism, header, deps.certificateHash),
        nonce,
        transcript: `${bare},${challenge}`,
      }
      turn = 'final'
      return Buffer.from(challenge, 'utf8')
    },
    final(response) {
      if (turn !== 'final' || begun === undefined) throw new ProtocolError('SASL message: out of turn')
      turn = 'over'
      return judgeProof(deps.verifiers, begun, response)
    },
  }
}

/** RFC 5802: gs2-header = ("p=" type / "n" / "y") "," [authzid] ","; PostgreSQL knows no authzid. */
function splitHeader(text: string): { header: string; bare: string } {
  const match = /^((?:p=[A-Za-z0-9.-]+|n|y),,)(.*)$/su.exec(text)
  if (match?.[1] === undefined || match[2] === undefined) throw new ProtocolError('SASL message: bad GS2 header')
  return { header: match[1], bare: match[2] }
}

/** The name in it is ignored, as in PostgreSQL: the startup packet's counts. A mandatory extension (`m`) stands in the name's place and is refused. */
function clientNonce(bare: string): string {
  const list = splitAttributes(bare)
  attributeAt(list, 0, 'n')
  return checkNonce(attributeAt(list, 1, 'r'))
}

function expectedBinding(mechanism: string, header: string, certificateHash: Buffer | undefined): string {
  const head = Buffer.from(header, 'utf8')
  if (mechanism === PLUS_MECHANISM && certificateHash !== undefined) {
    if (header !== `p=${BINDING_TYPE},,`) throw new ProtocolError('SASL message: another channel binding than offered')
    return Buffer.concat([head, certificateHash]).toString('base64')
  }
  if (mechanism !== PLAIN_MECHANISM) throw new ProtocolError('SASL message: a mechanism that was not offered')
  if (header.startsWith('p')) throw new ProtocolError('SASL message: channel binding without its mechanism')
  // "y" says: the client could bind, but believes that we cannot. As we offered it, somebody between us has taken it out of the list.
  if (header.startsWith('y') && certificateHash !== undefined)
    throw new ProtocolError('SASL message: channel binding was stripped')
  return head.toString('base64')
}

function judgeProof(verifiers: readonly ScramVerifier[], state: Begun, response: Buffer): ScramOutcome {
  const { text, list } = readAttributes(response)
  const binding = attributeAt(list, 0, 'c')
  const nonce = attributeAt(list, 1, 'r')
  const proof = bytesAt(list, list.length - 1, 'p')
  if (proof.length !== KEY_BYTES) throw new ProtocolError('SASL message: a proof of wrong length')
  const message = `${state.transcript},${text.slice(0, text.lastIndexOf(',p='))}`
  const matched = matching(verifiers, message, proof)
  const verifier = verifiers[matched]
  if (verifier === undefined || binding !== state.binding || nonce !== state.nonce) return { outcome: 'refused' }
  const signature = hmac(verifier.serverKey, message).toString('base64')
  return { outcome: 'accepted', matched, final: Buffer.from(`v=${signature}`, 'utf8') }
}

/** Tries every verifier, also behind a match, and one that nobody has where there is none: time tells nothing of which one matched. */
function matching(verifiers: readonly ScramVerifier[], message: string, proof: Buffer): number {
  const keys = verifiers.length > 0 ? verifiers.map((verifier) => verifier.storedKey) : [Buffer.alloc(KEY_BYTES)]
  const fits = keys.map((storedKey) => timingSafeEqual(sha256(xor(proof, hmac(storedKey, message))), storedKey))
  return fits.indexOf(true)
}
