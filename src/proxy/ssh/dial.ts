import { connect } from 'node:net'
import {
  Client,
  type AnyAuthMethod,
  type CipherAlgorithm,
  type ConnectConfig,
  type KexAlgorithm,
  type MacAlgorithm,
} from 'ssh2'
import { asError } from '../../std/errors.ts'
import type { Secret } from '../../std/secret.ts'
import { loginWithCertificate, type CertifiedKey } from './certificate-login.ts'
import { gatherWrites } from './gathered.ts'
import type { CertifiedHost } from './host-certificate.ts'
import { algorithmsFor, fingerprint, isKnown, type HostKey } from './known-host.ts'
import { guardPackets } from './packet-gate.ts'
import { PacketFault } from './packet-fault.ts'
import { prepareKeys } from './prepared-keys.ts'
import { SshUpstreamError, type SshUpstreamCode } from './upstream-error.ts'

/** How we log in at a target. */
export type SshLogin =
  | { readonly kind: 'password'; readonly password: Secret }
  /** A private key in OpenSSH's or PEM form, without passphrase. */
  | { readonly kind: 'key'; readonly key: Secret }
  /** A key for this login alone, certified by our authority for some minutes. */
  | { readonly kind: 'certificate'; readonly mint: () => Promise<CertifiedKey> | CertifiedKey }

export interface SshDial {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly login: SshLogin
  /** The keys that the target may show; any other ends the connection before anything is sent to it. */
  readonly hostKeys: readonly HostKey[]
  /** Where no key is pinned and a CA vouches for the target. */
  readonly certifiedHost?: CertifiedHost | undefined
  /** For the whole of it, TCP, key exchange and login, in milliseconds. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
}

/** Without SHA-1, CBC and what the strict key exchange would have to save. */
const KEX: KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
]
const CIPHERS: CipherAlgorithm[] = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes128-ctr']
const MACS: MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
]
/** A target that is gone without a word is noticed after three of these, in milliseconds. */
const KEEPALIVE_MS = 20_000
const KEEPALIVES = 3

/**
 * Connects to a target and logs in. The only place where a target's password or key is used. Throws SshUpstreamError; nothing stays open then. Whoever takes
 * the client has to listen for its `error` and `close`.
 */
export async function dialSsh(dial: SshDial): Promise<Client> {
  const certified = dial.login.kind === 'certificate' ? await dial.login.mint() : undefined
  const known = new Verdict(await keysOf(dial))
  const client = new Client()
  prepareKeys(client)
  try {
    await connected(client, { dial, known, certified })
  } catch (thrown) {
    client.on('error', () => undefined)
    client.destroy()
    if (known.objection !== undefined) dial.certifiedHost?.forget()
    throw known.objection ?? errorOf(thrown, dial.signal)
  }
  // Keys and file requests are small and each waits for the one before: the system would hold them back for tens of milliseconds.
  client.setNoDelay(true)
  return client
}

/** A pinned key is enough: only a target that has none is asked for its certificate. */
async function keysOf({ hostKeys, certifiedHost, signal }: SshDial): Promise<readonly HostKey[]> {
  return certifiedHost === undefined || hostKeys.length > 0 ? hostKeys : [await certifiedHost.key(signal)]
}

/** What the target showed, and whether it is what it is known by. */
class Verdict {
  readonly keys: readonly HostKey[]
  objection: SshUpstreamError | undefined

  constructor(keys: readonly HostKey[]) {
    this.keys = keys
  }

  judge(shown: Buffer): boolean {
    if (isKnown(this.keys, shown)) return true
    const fields = { expected: this.keys.map(fingerprint).join(' '), shown: fingerprint(shown) }
    const message = `the host key has changed: expected ${fields.expected}, shown ${fields.shown}`
    this.objection = new SshUpstreamError('E_UPSTREAM_HOST_KEY', { message, fields })
    return false
  }
}

interface Connecting {
  readonly dial: SshDial
  readonly known: Verdict
  readonly certified: CertifiedKey | undefined
}

function connected(client: Client, { dial, known, certified }: Connecting): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const onAbort = (): void => reject(new SshUpstreamError('E_UPSTREAM_ABORTED'))
  dial.signal?.addEventListener('abort', onAbort, { once: true })
  client.on('error', reject)
  client.on('close', () => reject(new SshUpstreamError('E_UPSTREAM_UNREACHABLE')))
  client.once('ready', () => resolve(undefined))
  if (dial.signal?.aborted === true) onAbort()
  else {
    client.connect(configOf(dial, known))
    guard(client)
    if (certified !== undefined) loginWithCertificate(client, certified)
  }
  return promise.finally(() => {
    dial.signal?.removeEventListener('abort', onAbort)
    client.removeListener('error', reject)
  })
}

/** A target that breaks the protocol is left at once. */
function guard(client: Client): void {
  const onFault = (words: string): void => {
    client.emit('error', new PacketFault(words))
    client.destroy()
  }
  if (guardPackets(client, { from: 'target', onFault }) === undefined)
    throw new SshUpstreamError('E_UPSTREAM_PROTOCOL', {
      message: 'the SSH library has changed: its packets cannot be seen',
    })
}

function configOf(dial: SshDial, known: Verdict): ConnectConfig {
  const { host, port, user, deadlineMs } = dial
  const ways = waysOf(dial)
  const sock = connect({ host, port })
  gatherWrites(sock)
  return {
    ...{ sock, username: user },
    ident: 'countersign',
    readyTimeout: deadlineMs,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: KEEPALIVES,
    hostVerifier: (key: Buffer) => known.judge(key),
    algorithms: {
      ...{ kex: KEX, cipher: CIPHERS, hmac: MACS, compress: ['none'] },
      serverHostKey: algorithmsFor(known.keys),
    },
    // Each way once: nothing else may be tried with what belongs to this target.
    authHandler: ways,
  }
}

type Prompting = Extract<AnyAuthMethod, { prompt: unknown }>['prompt']

function waysOf({ user: username, login }: SshDial): AnyAuthMethod[] {
  switch (login.kind) {
    case 'password': {
      const password = login.password.reveal()
      // Some hosts take a password only in answer to a question.
      // Its order of parameters is the library's.
      const prompt: Prompting = (...[, , , prompts, finish]) =>
        finish(prompts.map(({ echo }) => (echo === true ? '' : password)))
      return [
        { type: 'password', username, password },
        { type: 'keyboard-interactive', username, prompt },
      ]
    }
    case 'key':
      return [{ type: 'publickey', username, key: login.key.reveal() }]
    case 'certificate':
      // The request that stands for it is written by `loginWithCertificate`.
      return [{ type: 'none', username }]
  }
}

function errorOf(thrown: unknown, signal: AbortSignal | undefined): SshUpstreamError {
  if (thrown instanceof SshUpstreamError) return thrown
  if (signal?.aborted === true) return new SshUpstreamError('E_UPSTREAM_ABORTED')
  const cause = asError(thrown)
  return new SshUpstreamError(codeOf(cause), { message: cause.message, cause })
}

function codeOf(error: Error): SshUpstreamCode {
  if (/no matching host key/.test(error.message)) return 'E_UPSTREAM_HOST_KEY'
  if (/Timed out/.test(error.message)) return 'E_UPSTREAM_TIMEOUT'
  const level: unknown = Reflect.get(error, 'level')
  return CODES[typeof level === 'string' ? level : ''] ?? 'E_UPSTREAM_PROTOCOL'
}

const CODES: Readonly<Record<string, SshUpstreamCode>> = {
  'client-authentication': 'E_UPSTREAM_AUTH',
  'client-socket': 'E_UPSTREAM_UNREACHABLE',
  'client-timeout': 'E_UPSTREAM_TIMEOUT',
}
