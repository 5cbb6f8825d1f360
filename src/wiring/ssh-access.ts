import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { createSshCertificates, keyIdOf, type SshCertificates } from '../access/ssh-certificates.ts'
import { createSshKeys, type ReadKey, type SshKeys } from '../access/ssh-keys.ts'
import type { Config } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import type { UserAuthority } from '../protocol/ssh/certificate-check.ts'
import { mintCertificate, type Authority } from '../protocol/ssh/certificate-mint.ts'
import { readKeyLine } from '../protocol/ssh/key-line.ts'
import { fingerprintOf, isFault, printPublicKey } from '../protocol/ssh/public-key.ts'
import { openAuthority, readUserAuthorities } from '../proxy/ssh/authorities.ts'
import { openHostKey, type HostKey } from '../proxy/ssh/host-key.ts'
import type { Clock } from '../std/clock.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'

/** What lets people in by SSH. */
export interface SshAccess {
  readonly keys: SshKeys
  readonly certificates: SshCertificates
  /** Undefined where there is no SSH listener. */
  readonly door: SshDoorKeys | undefined
}

export interface SshDoorKeys {
  readonly hostKey: HostKey
  /** The CAs that sign for people, ours first, as they were read last. */
  readonly authorities: () => readonly UserAuthority[]
  /** Reads the configured ones again. Throws where one cannot be used; then nothing has changed. */
  readonly reread: () => void
  /** Signs what lets this node in at targets. */
  readonly targets: Authority
}

const NONCE_BYTES = 32
const CLIENT_SKEW_MS = 60_000
/** What an ordinary login may do; the rules judge the rest. */
const EXTENSIONS = ['permit-port-forwarding', 'permit-pty']

/** Makes, or finds in the data folder, the host key and the CAs. Throws a CodedError for a configured key that cannot be used. */
export function openSshAccess({
  config,
  store,
  clock,
}: {
  readonly config: Config
  readonly store: Pick<Store, 'sshKeys' | 'sshCertificates'>
  readonly clock: Clock
}): SshAccess {
  const folder = path.join(config.data, 'keys')
  const people = config.listen.ssh === undefined ? undefined : openAuthority(folder, 'people')
  return {
    keys: createSshKeys({ store: store.sshKeys, clock, read, newId: () => newId('k_', 12), scrub }),
    certificates: createSshCertificates({
      ...{ store: store.sshCertificates, clock, read },
      newSerial: () => randomBytes(6).readUIntBE(0, 6),
      sign: (certificate, keyLine) => signed(people, certificate, keyLine),
    }),
    door: people && openDoorKeys(config, folder, people),
  }
}

function openDoorKeys({ ssh }: Config, folder: string, people: Authority): SshDoorKeys {
  let authorities = readUserAuthorities(ssh.userCa, people)
  return {
    hostKey: openHostKey({ file: ssh.hostKey, folder }),
    authorities: () => authorities,
    reread: () => (authorities = readUserAuthorities(ssh.userCa, people)),
    targets: openAuthority(folder, 'targets'),
  }
}

const read: ReadKey = (text) => {
  const found = readKeyLine(text)
  if (isFault(found)) return found
  const { key, comment } = found
  return { line: printPublicKey(key), fingerprint: fingerprintOf(key.blob), comment }
}

type Signing = Parameters<Parameters<typeof createSshCertificates>[0]['sign']>[0]

function signed(people: Authority | undefined, certificate: Signing, keyLine: string): string {
  const found = readKeyLine(keyLine)
  if (people === undefined || isFault(found)) throw new Error('a certificate was asked for that nobody could use')
  const { key } = found
  const blob = mintCertificate(people, {
    ...{ key, serial: BigInt(certificate.serial), keyId: keyIdOf(certificate), principals: [certificate.person] },
    // Clients look at the start of their own certificate, by clocks of their own.
    ...{ validAfter: certificate.issuedAt - CLIENT_SKEW_MS, validBefore: certificate.expiresAt },
    ...{ extensions: EXTENSIONS, nonce: randomBytes(NONCE_BYTES) },
  })
  return `${key.type}-cert-v01@openssh.com ${blob.toString('base64')}`
}
