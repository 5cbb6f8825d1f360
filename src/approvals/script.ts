import type { PersonName, ScriptId, SessionId, TargetName } from '../model/ids.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { HoldTerms, RuleMatch } from '../model/verdict.ts'
import type { ApprovalState, Decision, Eligible } from './approval.ts'
import type { Answerable } from './ruling.ts'

export const SCRIPT_STATES = [
  'open',
  'approved',
  'running',
  'done',
  'stopped',
  'unknown',
  'denied',
  'expired',
  'withdrawn',
  'void',
] as const
/**
 * `running`: a session has claimed it, and nobody else ever can. `stopped`: it ended before its last statement had succeeded. `unknown`: we died while it ran,
 * so that nobody here knows how far it came. `void`: what was approved is not so any more.
 */
export type ScriptState = (typeof SCRIPT_STATES)[number]

/** Where one statement stands in the text, as the server's grammar split it. Offsets count bytes of UTF-8. */
export interface ScriptStatement {
  readonly start: number
  readonly end: number
  /** Rules that would hold it, were it sent by itself. */
  readonly rules: readonly string[]
}

/** What is durable of a script. The text itself and what was found out about it are in `sealed`, which only this node can open. */
export interface Script {
  readonly id: ScriptId
  readonly state: ScriptState
  /** Who submitted it, and the only one who may run it. */
  readonly person: PersonName
  /** The human behind `person`. */
  readonly human: PersonName
  readonly target: TargetName
  readonly database: string
  /** The target's own account that will run it. */
  readonly account: string
  readonly sealed: string
  readonly redacted: RedactedText
  readonly statements: readonly ScriptStatement[]
  /** HMAC over everything that an approver agrees to, 64 hex characters. */
  readonly digest: string
  readonly policyVersion: string
  readonly matches: readonly RuleMatch[]
  /** What its statements would ask for one by one, all together. Empty: no statement would be held, so nobody needs to be asked. */
  readonly holds: readonly HoldTerms[]
  readonly eligible: readonly Eligible[]
  /** Free text, scrubbed of card numbers. */
  readonly reason: string
  readonly ticket: string | undefined
  readonly createdAt: number
  /** Until then it has to be approved and begun. */
  readonly expiresAt: number
  readonly decisions: readonly Decision[]
  /** When and by whom it left `open` or `approved` for good or bad, and why. */
  readonly settledAt: number | undefined
  readonly settledBy: string | undefined
  readonly why: string | undefined
  /** The session that claimed it. */
  readonly session: SessionId | undefined
  readonly runAt: number | undefined
  /** How many of its statements have been let through so far. */
  readonly position: number
  readonly finishedAt: number | undefined
  readonly detail: string | undefined
}

/** The approvals' word for a script's state: the same rules decide who may answer and when. */
const AS_APPROVAL: Readonly<Record<ScriptState, ApprovalState>> = {
  open: 'open',
  approved: 'approved',
  running: 'executing',
  done: 'done',
  stopped: 'done',
  unknown: 'unknown',
  denied: 'denied',
  expired: 'expired',
  withdrawn: 'withdrawn',
  void: 'void',
}

/** A script as the rules of answering see it. A script is always decided with a fresh factor. */
export const answerable = (script: Script): Answerable => ({
  ...script,
  state: AS_APPROVAL[script.state],
  needsFactor: true,
})

/** The state as the clock has it: what nobody marked as expired yet is expired all the same. */
export const scriptStateAt = ({ state, expiresAt }: Script, now: number): ScriptState =>
  (state === 'open' || state === 'approved') && now >= expiresAt ? 'expired' : state
