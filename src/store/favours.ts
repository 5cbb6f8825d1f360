import type { Decision } from '../approvals/approval.ts'
import { notReciprocalMs, type Favour, type FavourAsked } from '../approvals/reciprocal.ts'
import type { PersonName } from '../model/ids.ts'
import type { HoldTerms } from '../model/verdict.ts'
import type { Database } from './database.ts'
import { integer, text } from './row.ts'

const LAST = `SELECT resource, at FROM (
    SELECT approvals.id AS resource, decisions.at AS at FROM decisions JOIN approvals ON approvals.id = decisions.approval
      WHERE decisions.human = :by AND decisions.kind = 'approve' AND decisions.at > :since AND approvals.human = :for
    UNION ALL
    SELECT scripts.id, script_decisions.at FROM script_decisions JOIN scripts ON scripts.id = script_decisions.script
      WHERE script_decisions.human = :by AND script_decisions.kind = 'approve' AND script_decisions.at > :since AND scripts.human = :for
    UNION ALL
    SELECT access_requests.id, access_decisions.at FROM access_decisions JOIN access_requests ON access_requests.id = access_decisions.request
      WHERE access_decisions.human = :by AND access_decisions.kind = 'approve' AND access_decisions.at > :since AND access_requests.human = :for)
  ORDER BY at DESC LIMIT 1`

/** The last thing that one human approved for another since a moment. */
export function lastFavour(database: Database, { by, for: whom, since }: FavourAsked): Favour | undefined {
  const row = database.get(LAST, { by, for: whom, since })
  return row && { of: text(row, 'resource'), at: integer(row, 'at') }
}

/** Whether an approval would return a favour that one of the rules does not take. */
export function isReturned(
  database: Database,
  asked: { readonly human: PersonName; readonly holds: readonly HoldTerms[] } | undefined,
  { kind, human, at }: Decision,
): boolean {
  const ms = notReciprocalMs(asked?.holds ?? [])
  if (asked === undefined || kind !== 'approve' || ms === 0) return false
  return lastFavour(database, { by: asked.human, for: human, since: at - ms }) !== undefined
}
