import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'

/** Signs for one node. */
export interface Signer {
  /** First 16 hex characters of the SHA-256 of the public key (SubjectPublicKeyInfo, DER). */
  readonly keyId: string
  /** Ed25519 over the UTF-8 bytes, base64. */
  sign(text: string): string
}

/** What a checkpoint vouches for: by the line before it, everything before it. */
export interface Sealed {
  /** A session's id, or `ledger` and the node's name. */
  readonly chain: string
  readonly seq: number
  readonly at: string
  readonly mono: number
  readonly prev: string
}

export function signerOf(privateKey: KeyObject): Signer {
  const keyId = keyIdOf(createPublicKey(privateKey))
  return { keyId, sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64') }
}

export const keyIdOf = (publicKey: KeyObject): string =>
  hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'hex').slice(0, 16)

/** The exact text under a checkpoint's signature. Time is in it, so that the very last line is covered in every byte. */
export const sealText = (sealed: Sealed): string =>
  `countersign seal 1\n${sealed.chain}\n${sealed.seq}\n${sealed.at}\n${sealed.mono}\n${sealed.prev}\n`

/** The exact text under a summary's signature. */
export const summaryText = (body: string): string => `countersign summary 1\n${body}\n`

export function isSignedBy(key: KeyObject, text: string, signature: string): boolean {
  try {
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
