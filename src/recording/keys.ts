import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CodedError } from '../std/errors.ts'
import { keyIdOf, signerOf, type Signer } from './seal.ts'

const PRIVATE = 'recording.pem'

/**
 * The node's signing key: made in `keys` on first start (PEM, mode 0600), its public half published in `recordings`/keys. To rotate, move
 * the private file away; public halves stay, so that old recordings verify for ever.
 */
export function openSigner(folders: { readonly keys: string; readonly recordings: string }): Signer {
  const privateKey = ownKey(folders.keys)
  const signer = signerOf(privateKey)
  publish(path.join(folders.recordings, 'keys'), signer.keyId, createPublicKey(privateKey))
  return signer
}

/** Public keys found beside recordings, by their real id: a file's name proves nothing. */
export function readPublicKeys(folder: string): ReadonlyMap<string, KeyObject> {
  if (!existsSync(folder)) return new Map()
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.pem'))
    .map((name) => readPublicKey(path.join(folder, name)))
  return new Map(found.map((key) => [keyIdOf(key), key]))
}

/** Reads one Ed25519 public key in PEM; throws `E_NO_KEY` where it is anything else. */
export function readPublicKey(file: string): KeyObject {
  const pem = readFileSync(file)
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw noKey(file, cause)
  }
  throw noKey(file)
}

const noKey = (file: string, cause?: unknown): CodedError =>
  new CodedError('E_NO_KEY', { clientMessage: `${file} is no Ed25519 public key in PEM`, cause })

function ownKey(folder: string): KeyObject {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, PRIVATE)
  if (existsSync(file)) return createPrivateKey(readFileSync(file))
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { flag: 'wx', mode: 0o600, flush: true })
  return privateKey
}

function publish(folder: string, keyId: string, key: KeyObject): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, `${keyId}.pem`)
  if (existsSync(file)) return
  writeFileSync(file, key.export({ type: 'spki', format: 'pem' }), { flag: 'wx', mode: 0o644, flush: true })
}
