import { hkdfSync, randomBytes } from 'node:crypto'

/** What a key derived from the node's master key is for; no two purposes share bytes. */
export type KeyPurpose =
  | 'factor'
  | 'scram-salt'
  | 'approval-digest'
  | 'value-tag'
  | 'challenge'
  | 'passkey-user'
  | 'enrolment'
  | 'oidc'
  | 'script'

const MASTER_BYTES = 32

/** A fresh master key; `app.ts` keeps it in a file of mode 0600 below the data folder. */
export const newMasterKey = (): Buffer => randomBytes(MASTER_BYTES)

/** 32 bytes for one purpose: HKDF-SHA-256 (RFC 5869) with the purpose as info. Throws RangeError on a master key of another size. */
export function deriveKey(master: Uint8Array, purpose: KeyPurpose): Buffer {
  if (master.length !== MASTER_BYTES) throw new RangeError(`a node key has ${MASTER_BYTES} bytes`)
  return Buffer.from(hkdfSync('sha256', master, '', `countersign/${purpose}/1`, 32))
}
