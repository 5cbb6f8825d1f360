import type { FrontendName } from './messages.ts'
import type { BackendKind } from './tags.ts'

/** The largest value of a frame's length field (body and the four bytes themselves) and why it is that. */
export interface Limit {
  readonly max: number
  readonly reason: string
}

/** A kind that is missing is refused: a phase of the connection lists what may come in it. */
export type FrontendLimits = Readonly<Partial<Record<FrontendName, Limit>>>
export type BackendLimits = Readonly<Partial<Record<BackendKind, Limit>>>

const KIB = 1024
const MIB = 1024 * KIB

const empty: Limit = { max: 4, reason: 'a message without a body' }
const named: Limit = { max: 1 * KIB, reason: 'a name of at most 63 bytes as servers keep them, with room to spare' }
const report: Limit = { max: 1 * MIB, reason: 'an error repeats the statement (internal query, context) at most' }
const copyFormats: Limit = { max: 7 + 2 * 1664, reason: 'a server has at most 1664 columns in a result' }

/** From the startup packet to the end of authentication, for clients. Nobody has shown who they are: small. */
export const CLIENT_AUTHENTICATING: FrontendLimits = {
  password: { max: 1 * KIB, reason: 'PostgreSQL takes SASL messages up to 1024 bytes itself' },
  terminate: empty,
}

/** After authentication, for clients. Query, Parse, Bind and CopyData may be set otherwise by `withMax`. */
export const CLIENT_SESSION: FrontendLimits = {
  query: { max: 1 * MIB, reason: 'a longer text cannot be judged in reasonable time' },
  parse: { max: 1 * MIB, reason: 'a longer text cannot be judged in reasonable time' },
  bind: { max: 16 * MIB, reason: 'values are held in memory while a statement waits' },
  describe: named,
  execute: named,
  close: named,
  sync: empty,
  flush: empty,
  terminate: empty,
  functionCall: { max: 1 * MIB, reason: 'refused anyhow, but read so that the refusal can be told' },
  copyData: { max: 1 * MIB, reason: 'clients cut COPY into pieces of some kilobytes' },
  copyDone: empty,
  copyFail: { max: 64 * KIB, reason: 'a sentence' },
}

/** From the startup packet to the first ReadyForQuery, for upstreams. */
export const UPSTREAM_AUTHENTICATING: BackendLimits = {
  authentication: { max: 64 * KIB, reason: 'the longest authentication token of PostgreSQL is 65535 bytes' },
  backendKeyData: { max: 4 + 4 + 256, reason: 'protocol 3.2 allows keys up to 256 bytes' },
  errorResponse: { max: 64 * KIB, reason: 'nothing long to repeat yet' },
  negotiateProtocolVersion: { max: 10_000, reason: 'it repeats options of our startup packet at most' },
  noticeResponse: { max: 64 * KIB, reason: 'nothing long to repeat yet' },
  parameterStatus: { max: 64 * KIB, reason: 'a name and a setting' },
  readyForQuery: { max: 5, reason: 'one letter' },
}

/** After the first ReadyForQuery, for upstreams. */
export const UPSTREAM_SESSION: BackendLimits = {
  bindComplete: empty,
  closeComplete: empty,
  commandComplete: { max: 1 * KIB, reason: 'PostgreSQL builds tags in 64 bytes' },
  copyData: { max: 32 * MIB, reason: 'a row is held in memory while it is masked' },
  copyDone: empty,
  copyInResponse: copyFormats,
  copyOutResponse: copyFormats,
  copyBothResponse: copyFormats,
  dataRow: { max: 32 * MIB, reason: 'a row is held in memory while it is masked' },
  emptyQueryResponse: empty,
  errorResponse: report,
  functionCallResponse: { max: 1 * MIB, reason: 'function calls are refused' },
  noData: empty,
  noticeResponse: report,
  notificationResponse: { max: 16 * KIB, reason: 'PostgreSQL allows payloads below 8000 bytes' },
  parameterDescription: { max: 4 + 2 + 4 * 65_535, reason: 'a count of 16 bits' },
  parameterStatus: { max: 1 * MIB, reason: 'a setting may be as long as a statement' },
  parseComplete: empty,
  portalSuspended: empty,
  readyForQuery: { max: 5, reason: 'one letter' },
  rowDescription: { max: 1 * MIB, reason: 'at most 1664 columns with names of at most 63 bytes, with room to spare' },
}

/** The limits with other numbers for some kinds that they already allow; a kind that they refuse stays refused. */
export function withMax<Limits extends Readonly<Record<string, Limit | undefined>>>(
  limits: Limits,
  max: { readonly [Kind in keyof Limits]?: number },
): Limits {
  const changed = { ...limits }
  for (const kind in limits) {
    const limit = limits[kind]
    if (limit !== undefined) Object.assign(changed, { [kind]: { ...limit, max: max[kind] ?? limit.max } })
  }
  return changed
}
