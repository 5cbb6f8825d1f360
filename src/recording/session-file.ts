import { hash } from 'node:crypto'
import type { SessionHeader } from './event.ts'
import type { ChainHead } from './chain-file.ts'
import type { Stamp } from './line.ts'

/** Format of `session.json` and of the events beside it; a change that an old reader would misread gets a new number. */
export const FORMAT = 'countersign.recording/1'

/** Names inside one session's folder. */
export const SESSION_FILE = 'session.json'
export const EVENTS_FILE = 'events.ndjson'
export const TORN_FILE = 'events.torn'
export const SUMMARY_FILE = 'summary.json'

/** Name of the file that holds what a channel showed. */
export const castName = (channel: number): string => `channel-${channel}.cast`

/** The channel of such a name; undefined where it is none. */
export function castChannel(name: string): number | undefined {
  const digits = /^channel-([1-9]\d{0,8})\.cast$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** What the recorder itself knows at the start of a session. */
export interface SessionStart {
  readonly node: string
  /** Version of Countersign. */
  readonly version: string
  readonly keyId: string
  readonly stamp: Stamp
  /** Where the node's ledger stood: a ledger that is shorter was cut. */
  readonly ledger: ChainHead
}

/** The exact text of `session.json`; its hash is the `prev` of the first event. */
export function sessionText(header: SessionHeader, start: SessionStart): string {
  const { session, person, account, upstreamAccount, address, target, protocol, database } = header
  const body = {
    format: FORMAT,
    session,
    startedAt: start.stamp.at,
    mono: start.stamp.mono,
    version: start.version,
    key: start.keyId,
    ledger: { seq: start.ledger.seq, head: start.ledger.hash },
    who: { person, account, upstreamAccount },
    origin: { address, tls: header.tls?.version ?? null, node: start.node },
    resource: { target, protocol, database },
    roles: header.roles,
    service: header.service,
    tags: header.tags,
    cipher: header.tls?.cipher ?? null,
    clientCertificate: header.tls?.clientCertificate ?? null,
    grant: header.grant ?? null,
    credential: header.credential ?? null,
    application: header.application ?? null,
    policyVersion: header.policyVersion,
  }
  return `${JSON.stringify(body)}\n`
}

/** SHA-256 in hex, the only hash of this format. */
export const sha256 = (bytes: string | Uint8Array): string => hash('sha256', bytes, 'hex')
