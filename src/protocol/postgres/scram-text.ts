import { decodeUtf8 } from '../../bytes/utf8.ts'
import { ProtocolError, reading } from './protocol-error.ts'
import { decodeBase64 } from './scram-verifier.ts'

/* The comma-separated attributes of RFC 5802 section 5.1. */

export const PLAIN_MECHANISM = 'SCRAM-SHA-256'
export const PLUS_MECHANISM = 'SCRAM-SHA-256-PLUS'
export const BINDING_TYPE = 'tls-server-end-point'

/** The text of a SASL message and its attributes. */
export interface Attributes {
  readonly text: string
  /** In order: letter and value. */
  readonly list: readonly (readonly [string, string])[]
}

export function readAttributes(bytes: Buffer): Attributes {
  const text = saslText(bytes)
  return { text, list: splitAttributes(text) }
}

/** Strict UTF-8 without control characters; ProtocolError otherwise. */
export function saslText(bytes: Buffer): string {
  const text = reading('SASL message', () => decodeUtf8(bytes))
  if (/[\x00-\x1f\x7f]/.test(text)) throw new ProtocolError('SASL message: a control character')
  return text
}

export function splitAttributes(text: string): (readonly [string, string])[] {
  return text.split(',').map((part) => {
    if (!/^[A-Za-z]=/.test(part)) throw new ProtocolError('SASL message: not an attribute')
    return [part.charAt(0), part.slice(2)] as const
  })
}

/** The value of the attribute at `index`, which must have this letter. */
export function attributeAt(list: Attributes['list'], index: number, letter: string): string {
  const found = list[index]
  if (found?.[0] !== letter) throw new ProtocolError(`SASL message: attribute ${letter} is missing`)
  return found[1]
}

/** As `attributeAt`, for canonical base64. */
export function bytesAt(list: Attributes['list'], index: number, letter: string): Buffer {
  const bytes = decodeBase64(attributeAt(list, index, letter))
  if (bytes === undefined) throw new ProtocolError(`SASL message: attribute ${letter} is not base64`)
  return bytes
}

/** A nonce as we send it: printable ASCII without the comma, RFC 5802 section 7. */
export function checkNonce(nonce: string): string {
  if (!/^[\x21-\x2b\x2d-\x7e]+$/.test(nonce)) throw new ProtocolError('SASL message: a nonce of other characters')
  return nonce
}
