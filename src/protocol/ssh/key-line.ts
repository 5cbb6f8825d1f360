import { isFault, readPublicKey, type KeyFault, type PublicKey } from './public-key.ts'

/** A key as it stands in a .pub or authorized_keys file. */
export interface KeyLine {
  readonly key: PublicKey
  /** What follows the key: untrusted text without control characters, at most 100 characters. */
  readonly comment: string
}

/** The longest line: an RSA key of 16384 bits takes 2.8 KiB in base64. */
const MAX_LINE = 8192
const MAX_COMMENT = 100

/** `type base64 comment`, one line. Options in front of a key and private keys are not taken. */
export function readKeyLine(text: string): KeyLine | KeyFault {
  const line = text.trim()
  if (line.includes('PRIVATE KEY'))
    return { fault: 'this is a private key, which is yours alone: give the file that ends in .pub' }
  if (line.length > MAX_LINE) return { fault: 'this is longer than any public key' }
  if (/[\r\n]/.test(line)) return { fault: 'one key at a time, in one line' }
  const [type = '', body = '', ...rest] = line.split(/[ \t]+/)
  if (type === '') return { fault: 'there is no key here' }
  if (!/^[A-Za-z0-9@.-]+$/.test(type))
    return { fault: 'a key begins with its type, e.g. ssh-ed25519; options are not taken' }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return { fault: 'a key is: its type, its base64, a comment' }
  const blob = Buffer.from(body, 'base64')
  const key = readPublicKey(blob)
  if (isFault(key)) return key
  // What was read is what is kept: a line with bits that base64 drops, or another type in front, is not the same key.
  if (key.type !== type || !key.blob.equals(blob)) return { fault: 'the key is damaged' }
  return { key, comment: rest.join(' ').replace(/\p{C}/gu, '').slice(0, MAX_COMMENT) }
}
