import { PROTOCOLS, type Protocol } from '../model/target.ts'
import type { RuleEffect } from '../model/verdict.ts'
import type { CloseReason } from '../recording/event.ts'
import { Tally } from '../std/tally.ts'
import type { HoldEnd } from './holds.ts'

/** What a node has counted since it started. The words are all ours: no name, no text from outside (rule D18). */
export interface Tallies {
  readonly sessionsOpened: Tally<Protocol>
  readonly sessionsClosed: Tally<CloseReason>
  /** Announced statements, by the verdict of the packs. */
  readonly statements: Tally<RuleEffect>
  readonly holds: Tally<HoldEnd['end']>
  /** By the door at which they failed. */
  readonly failedLogins: Tally<Protocol | 'http'>
  /** Recordings that broke, and the ledger. */
  readonly recorderFailures: Tally<'recording' | 'ledger'>
}

const CLOSE_REASONS = {
  'client-left': true,
  'upstream-left': true,
  idle: true,
  'grant-ended': true,
  'person-disabled': true,
  terminated: true,
  'settings-drift': true,
  'protocol-error': true,
  'login-failed': true,
  'node-stop': true,
  fault: true,
  crash: true,
} as const satisfies Record<CloseReason, true>

const isReason = (word: string): word is CloseReason => Object.hasOwn(CLOSE_REASONS, word)

export const createTallies = (): Tallies => ({
  sessionsOpened: new Tally(PROTOCOLS),
  sessionsClosed: new Tally(Object.keys(CLOSE_REASONS).filter(isReason)),
  statements: new Tally(['allow', 'hold', 'deny']),
  holds: new Tally(['approved', 'denied', 'expired', 'withdrawn', 'void']),
  failedLogins: new Tally([...PROTOCOLS, 'http']),
  recorderFailures: new Tally(['recording', 'ledger']),
})
