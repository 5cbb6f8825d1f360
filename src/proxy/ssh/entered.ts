import type { Socket } from 'node:net'
import type { Connection } from 'ssh2'
import type { Credential } from '../../access/credentials.ts'
import type { Grant } from '../../access/grants.ts'
import type { PersonName, TargetName } from '../../model/ids.ts'
import type { Flow } from './flow.ts'

/**
 * A client whose person is known and whose target is chosen; nothing has been said to the target yet. It is handed over while the library tells that the
 * login is done, and a channel may be asked for at once: whoever takes it over listens for `session`, `request` and the like before it waits for anything.
 */
export interface SshEntered {
  readonly connection: Connection
  readonly socket: Socket
  /** The pace at which the socket is read. */
  readonly flow: Flow
  readonly person: PersonName
  readonly target: TargetName
  readonly grant: Grant
  /** What was typed as password; undefined where a key or a certificate let the person in. */
  readonly credential: Credential | undefined
  readonly how: SshLoginWay
  /** `SHA256:…` of the key, or of the certificate's key, by which the person came in; undefined for a credential. */
  readonly clientKey: string | undefined
  /** As it was given, e.g. `alice@web-1`. */
  readonly login: string
  /** Address and port of the client. */
  readonly address: string
  /** Address of the client, without port. */
  readonly source: string
  /** What the client calls itself, e.g. `OpenSSH_9.2p1`. Untrusted text, at most 255 characters of printable ASCII. */
  readonly software: string
  /** What protects the connection; undefined only where the library did not say. */
  readonly cipher: SshCipher | undefined
  /** What the certificate leaves of the login. All open for every other way. */
  readonly restrictions: SshRestrictions
}

/** `key`: a registered key and a one-time code. `certificate`: of a CA that checks factors itself, or ours, minted under MFA. */
export type SshLoginWay = 'credential' | 'key' | 'certificate'

/** What the key exchange settled, by the names of the protocol. */
export interface SshCipher {
  readonly kex: string
  readonly cipher: string
  /** Empty where the cipher authenticates by itself. */
  readonly mac: string
  readonly hostKey: string
}

/** What a certificate permits beside its person. OpenSSH's PROTOCOL.certkeys, "Critical options" and "Extensions". */
export interface SshRestrictions {
  /** The only command that may run, whatever the client asks for. */
  readonly command: string | undefined
  readonly terminal: boolean
  readonly forwards: boolean
}
