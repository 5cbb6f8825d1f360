import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'

/** `length` characters of `[0-9a-z]` from the CSPRNG without modulo bias, behind `prefix`. */
export function newId(prefix: string, length: number): string {
  let id = prefix
  while (id.length < prefix.length + length) {
    for (const byte of randomBytes(length)) {
      // 252 is the largest multiple of 36 below 256; what lies above would favour the first letters.
      if (byte < 252 && id.length < prefix.length + length) id += ALPHABET.charAt(byte % 36)
    }
  }
  return id
}
