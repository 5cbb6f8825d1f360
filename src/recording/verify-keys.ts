import type { KeyObject } from 'node:crypto'
import type { Problem } from './problem.ts'
import { isSignedBy } from './seal.ts'

/** The public keys that a verification trusts. */
export interface TrustedKeys {
  readonly keys: ReadonlyMap<string, KeyObject>
  /** Named by the person who verifies; false for keys that merely lie beside the recordings. */
  readonly pinned: boolean
}

/** What is wrong with a signature, or undefined. `expected` is the key that should have made it, where one is known. */
export function signatureProblem(
  trusted: TrustedKeys,
  signed: { key: string; signature: string; text: string; expected: string | undefined },
): Pick<Problem, 'code' | 'text'> | undefined {
  const { key, signature, text, expected } = signed
  if (expected !== undefined && key !== expected) {
    return { code: 'foreign-key', text: `signed by key ${key}, not by ${expected} that began it` }
  }
  const found = trusted.keys.get(key)
  if (found !== undefined) {
    return isSignedBy(found, text, signature)
      ? undefined
      : { code: 'signature', text: `the signature of key ${key} does not fit` }
  }
  return trusted.pinned
    ? { code: 'foreign-key', text: `signed by key ${key}, which is not the pinned one` }
    : { code: 'unknown-key', text: `signed by key ${key}, whose public half is not beside the recordings` }
}
