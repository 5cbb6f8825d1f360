import { createPrivateKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ssh2 from 'ssh2'
import type { UserAuthority } from '../../protocol/ssh/certificate-check.ts'
import { authorityOf, type Authority } from '../../protocol/ssh/certificate-mint.ts'
import { readKeyLine } from '../../protocol/ssh/key-line.ts'
import { isFault } from '../../protocol/ssh/public-key.ts'
import { asError, CodedError } from '../../std/errors.ts'
import { makeKeyFile } from './host-key.ts'

/**
 * `people`: signs what lets people in at this node. `targets`: signs what lets this node in at targets. Two keys, so that no person's certificate is worth anything
 * at a target.
 */
export type AuthorityName = 'people' | 'targets'

/** An own CA: Ed25519, made on first start below `folder`, mode 0600, with its public key beside it. Throws `E_SSH_CA` for a file that is no such key. */
export function openAuthority(folder: string, name: AuthorityName): Authority {
  const file = path.join(folder, `ssh_${name}_ca`)
  if (!existsSync(file)) makeKeyFile(file, `countersign-${name}-ca`)
  try {
    const parsed = ssh2.utils.parseKey(readFileSync(file))
    if (parsed instanceof Error) throw parsed
    return authorityOf(createPrivateKey(parsed.getPrivatePEM()))
  } catch (thrown) {
    throw unusable(file, 'it is no Ed25519 private key in the form of OpenSSH', asError(thrown))
  }
}

/** The CAs whose user certificates are taken. Throws `E_SSH_CA` for a file that holds anything but one public key. */
export function readUserAuthorities(
  configured: readonly { readonly file: string; readonly checksFactor: boolean }[],
  own: Authority,
): readonly UserAuthority[] {
  const others = configured.map(({ file, checksFactor }) => {
    const read = readKeyLine(readFileSync(file, 'utf8'))
    if (isFault(read)) throw unusable(file, read.fault)
    return { key: read.key, checksFactor, own: false }
  })
  return [{ key: own.key, checksFactor: true, own: true }, ...others]
}

const unusable = (file: string, why: string, cause?: Error): CodedError =>
  new CodedError('E_SSH_CA', { clientMessage: `the CA key ${file} cannot be used: ${why}`, cause })
