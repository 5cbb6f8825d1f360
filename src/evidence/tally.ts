import type { SessionId } from '../model/ids.ts'
import type { IndexFile } from './index-file.ts'
import { numberOf } from './index-file.ts'
import { countVerdicts } from './statement-answers.ts'

/** One session's statements in numbers. */
export interface Tally {
  /** Statements by the policy's word. */
  readonly verdicts: Readonly<Record<string, number>>
  /** Held statements that were cleared, and refused. */
  readonly cleared: number
  readonly refused: number
  /** Statements that failed at the target. */
  readonly failed: number
  /** Cells that did not reach the client as the target sent them. */
  readonly masked: number
}

/** Counts what is indexed of a session; a live one may be a moment ahead. */
export function tallyOf(file: IndexFile, session: SessionId): Tally {
  const row = file.get(
    `SELECT coalesce(sum(s.verdict = 'hold' AND s.ruling = 'cleared'), 0) AS cleared,
      coalesce(sum(s.verdict = 'hold' AND s.ruling = 'refused'), 0) AS refused,
      coalesce(sum(s.finish = 'failed'), 0) AS failed, coalesce(sum(s.masked), 0) AS masked
      FROM statements s JOIN recordings r ON r.id = s.recording WHERE r.session = :session`,
    { session },
  )
  const of = (name: string): number => (row === undefined ? 0 : numberOf(row, name))
  const verdicts = countVerdicts(file, { session, from: undefined, to: undefined })
  return { verdicts, cleared: of('cleared'), refused: of('refused'), failed: of('failed'), masked: of('masked') }
}
