import { createHash } from 'node:crypto'
import type { ServerHostKeyAlgorithm } from 'ssh2'

/** A host key that a target is known by: its public key as it goes over the wire (RFC 4253, section 6.6). */
export type HostKey = Buffer

/** The signature algorithms under which a target may show one of these keys; never SHA-1. Nothing else is offered to it, so it cannot choose another key. */
export function algorithmsFor(keys: readonly HostKey[]): ServerHostKeyAlgorithm[] {
  return [...new Set(keys.flatMap((key) => ALGORITHMS[typeOf(key)] ?? []))]
}

const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/** The first string of the key: its type. Empty for what is no key. */
function typeOf(key: HostKey): string {
  if (key.length < 4) return ''
  return key.toString('latin1', 4, 4 + key.readUInt32BE())
}

/** Whether it is one of the keys, byte for byte. */
export const isKnown = (keys: readonly HostKey[], shown: Buffer): boolean => keys.some((key) => key.equals(shown))

/** As OpenSSH prints it: `SHA256:` and base64 without padding. */
export const fingerprint = (key: HostKey): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
