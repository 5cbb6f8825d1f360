import type { FrontendName } from '../../protocol/postgres/messages.ts'

/**
 * What the driver does with each message of a client. `judge`: only with a clearance of the guard. `track`: forwarded, with its effect on names and replies
 * followed. `conduit`: rides on a COPY that was cleared. `refuse`: never passes.
 */
export const lanes = {
  query: 'judge',
  parse: 'judge',
  bind: 'judge',
  execute: 'judge',
  describe: 'track',
  close: 'track',
  sync: 'track',
  flush: 'pass',
  copyData: 'conduit',
  copyDone: 'conduit',
  copyFail: 'conduit',
  terminate: 'leave',
  functionCall: 'refuse',
  password: 'refuse',
} as const satisfies Record<FrontendName, Lane>

export type Lane = 'judge' | 'track' | 'pass' | 'conduit' | 'leave' | 'refuse'

/** The messages that the compiler lets through to the upstream only together with a clearance. */
export type NeedsClearance = {
  [Name in FrontendName]: (typeof lanes)[Name] extends 'judge' ? Name : never
}[FrontendName]
/** The messages that pass by themselves. */
export type NeedsNone = {
  [Name in FrontendName]: (typeof lanes)[Name] extends 'track' | 'pass' ? Name : never
}[FrontendName]
