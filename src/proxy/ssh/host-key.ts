import { generateKeyPairSync, randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import ssh2, { type ParsedKey } from 'ssh2'
import { printPrivateKey } from '../../protocol/ssh/private-key.ts'
import { isFault, printPublicKey, readPublicKey } from '../../protocol/ssh/public-key.ts'
import { CodedError } from '../../std/errors.ts'

/** What the listener proves itself by. */
export interface HostKey {
  /** With its private part; as the library has it. */
  readonly parsed: ParsedKey
  /** `type base64`. */
  readonly line: string
}

const FILE = 'ssh_host_ed25519_key'
const MAX_CHECK = 2 ** 32

/**
 * The configured key, or one of our own: Ed25519, made on first start below `folder`, mode 0600 in a folder of mode 0700. Throws `E_SSH_HOST_KEY` for a file that is
 * no private key, has a passphrase, or is too weak.
 */
export function openHostKey({ file, folder }: { readonly file: string | undefined; readonly folder: string }): HostKey {
  const place = file ?? path.join(folder, FILE)
  if (file === undefined && !existsSync(place)) makeKeyFile(place, 'countersign')
  return readHostKey(place)
}

/** A fresh Ed25519 key in the form of OpenSSH, mode 0600 in a folder of mode 0700, and its public part beside it. Throws where there is such a file. */
export function makeKeyFile(place: string, comment: string): void {
  mkdirSync(path.dirname(place), { recursive: true, mode: 0o700 })
  const { privateKey } = generateKeyPairSync('ed25519')
  const { secret, line } = printPrivateKey(privateKey, { comment, check: randomInt(MAX_CHECK) })
  writeFileSync(place, secret, { mode: 0o600, flag: 'wx' })
  writeFileSync(`${place}.pub`, `${line}\n`, { mode: 0o644 })
}

function readHostKey(place: string): HostKey {
  const parsed = ssh2.utils.parseKey(readFileSync(place))
  if (parsed instanceof Error) throw unusable(place, reasonOf(parsed))
  if (!parsed.isPrivateKey()) throw unusable(place, 'it is a public key')
  const key = readPublicKey(parsed.getPublicSSH())
  if (isFault(key)) throw unusable(place, key.fault)
  return { parsed, line: printPublicKey(key) }
}

const reasonOf = ({ message }: Error): string =>
  /passphrase/i.test(message)
    ? 'it has a passphrase; ssh-keygen -p takes it off'
    : 'it is no private key in the form of OpenSSH'

const unusable = (place: string, why: string): CodedError =>
  new CodedError('E_SSH_HOST_KEY', { clientMessage: `the host key ${place} cannot be used: ${why}` })
