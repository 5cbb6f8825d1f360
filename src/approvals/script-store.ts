import type { PersonName, ScriptId, SessionId, TargetName } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Answer, DecisionRefusal } from './ruling.ts'
import type { Script, ScriptState } from './script.ts'

export type ScriptAnswer = Omit<Answer, 'id'> & { readonly id: ScriptId }

export type ScriptDecision =
  | { readonly outcome: 'recorded'; readonly script: Script; readonly repeated: boolean }
  | { readonly outcome: 'refused'; readonly why: DecisionRefusal; readonly state?: ScriptState }

export interface ScriptFilter {
  readonly state?: ScriptState | undefined
  readonly person?: PersonName | undefined
  readonly target?: TargetName | undefined
  /** Only scripts made before this moment: the next page. */
  readonly before?: number
  /** 1 to 500, default 100. */
  readonly limit?: number
}

/** How a claimed script ends. */
export type ScriptEnd = 'done' | 'stopped' | 'unknown' | 'void'

/**
 * What scripts need of a store. Each method is one atomic step, and its note commits with it or not at all; times are compared inside that step.
 */
export interface ScriptStore {
  /** `full`: the person has that many waiting already. */
  open(input: { script: Script; most: number; note: LedgerNote }): Promise<'opened' | 'full'>
  find(input: { id: ScriptId }): Promise<Script | undefined>
  /** Newest first. */
  list(input: { filter: ScriptFilter }): Promise<readonly Script[]>
  /** Applies `rule` of ruling.ts to the script as it stands, and writes what follows. */
  decide(input: { answer: ScriptAnswer; now: number }): Promise<ScriptDecision>
  /** Ends an open or approved one; undefined where it had left those states. */
  settle(input: {
    id: ScriptId
    to: 'expired' | 'withdrawn' | 'void'
    why: string
    note: LedgerNote
  }): Promise<Script | undefined>
  /**
   * Approved to running, for one session and once, if at `now`: it has not expired, the session is its submitter's on its target and has not ended, the
   * session's grant is live, the submitter is not disabled, and enough of those who approved are still here, in a role that counts.
   */
  claim(input: { id: ScriptId; session: SessionId; now: number; note: LedgerNote }): Promise<boolean>
  /** One statement further, if session, grant and people still stand as for the claim, and it is the very next one. */
  advance(input: { id: ScriptId; session: SessionId; position: number; now: number }): Promise<boolean>
  finish(input: { id: ScriptId; to: ScriptEnd; detail: string; note: LedgerNote }): Promise<Script | undefined>
  /** Approves every open one whose rules have widened to people who said yes already; each with its note. Returns those that changed. */
  widen(input: { now: number }): Promise<readonly Script[]>
  /** Everything open or approved whose time is over. */
  due(input: { now: number }): Promise<readonly ScriptId[]>
  /** What an earlier process left running becomes unknown. What waits goes on waiting. Returns those that changed. */
  recover(input: { at: number }): Promise<readonly Script[]>
}
