import type { Client } from './client.ts'
import { asked, RefusedError } from './command.ts'
import type { Io } from './io.ts'
import { pinHostKeys, readSshFolder, renewCertificate, type SshFolder } from './ssh-folder.ts'

/** What ssh is to do, as its options have it. */
export interface SshPlan {
  readonly host: string
  /** Option and value, as they stand in ~/.ssh/config. */
  readonly options: readonly (readonly [name: string, value: string])[]
}

export interface SshWish {
  readonly client: Pick<Client, 'ssh'>
  readonly person: string
  readonly target: string
  /** File of the profile: what ssh needs lies beside it. */
  readonly profileFile: string
  readonly io: Io
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Shorter than this, and it would end while ssh is being started. */
const LEAST_MS = 60_000
// The library behind the listener is fastest with these; ssh would choose others.
const CIPHERS = 'aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes256-ctr,aes128-ctr'

/** Gets a certificate where there is none that still counts, pins the listener's key, and says how ssh reaches the target. */
export async function planSsh(wish: SshWish): Promise<SshPlan> {
  const { client, person, target } = wish
  const folder = await certified(wish)
  const { host, port } = await pinHostKeys(folder, client.ssh)
  return {
    host,
    options: [
      ...([
        ['HostName', host],
        ['Port', String(port)],
        ['User', `${person}@${target}`],
      ] as const),
      ...([
        ['IdentityFile', quoted(folder.key)],
        ['CertificateFile', quoted(folder.certificate)],
      ] as const),
      ...([
        ['IdentitiesOnly', 'yes'],
        ['UserKnownHostsFile', quoted(folder.knownHosts)],
      ] as const),
      ...([
        ['StrictHostKeyChecking', 'yes'],
        ['Ciphers', CIPHERS],
      ] as const),
    ],
  }
}

/** The words behind `ssh`: ours, then the host, then the person's own. Options of ssh count behind the host as well. */
export const sshArguments = ({ host, options }: SshPlan, more: readonly string[]): readonly string[] => [
  ...options.filter(([name]) => name !== 'HostName').flatMap(([name, value]) => ['-o', `${name}=${value}`]),
  host,
  ...more,
]

/** The same as lines of ~/.ssh/config, after which `ssh TARGET`, scp, rsync and ansible find their way by themselves. */
export const sshConfig = ({ options }: SshPlan, target: string): string =>
  [`Host ${target}`, ...options.map(([name, value]) => `  ${name} ${value}`)].map((line) => `${line}\n`).join('')

async function certified({ client, profileFile, io, now }: SshWish): Promise<SshFolder> {
  const kept = await readSshFolder(profileFile)
  if (kept.until !== undefined && Date.parse(kept.until) - now > LEAST_MS) return kept
  try {
    return await renewCertificate(profileFile, client.ssh)
  } catch (thrown) {
    if (!(thrown instanceof RefusedError) || thrown.json['code'] !== 'factor-refused') throw thrown
    const text = 'One-time code for an SSH certificate: '
    const factor = await asked(io, { text, hidden: false, instead: 'a fresh "countersign login"' })
    return renewCertificate(profileFile, client.ssh, factor)
  }
}

/** ssh splits a value at spaces and reads % and $ in it. */
const quoted = (file: string): string => {
  if (/["$\n]/.test(file)) throw new RefusedError(`ssh cannot read files at ${file}: use another --profile`)
  return `"${file.replaceAll('%', '%%')}"`
}
