import type { Decision } from '../approvals/approval.ts'
import { termsAt, type Waiting } from '../approvals/escalation.ts'
import { isSatisfied, stillCounting } from '../approvals/quorum.ts'
import type { Role } from '../model/principal.ts'
import type { Database } from './database.ts'
import { json, text } from './row.ts'
import { STOPPED_PERSON } from './stops-table.ts'

const ROLES = `SELECT name, roles FROM people
  WHERE disabled_at IS NULL AND NOT ${STOPPED_PERSON} AND people.name IN (SELECT value FROM json_each(:names))`

/** Those of the decisions that count at this moment, with the roles that their people still have. Of whoever is disabled or stopped none does. */
export function countingNow(database: Database, decisions: readonly Decision[]): readonly Decision[] {
  if (decisions.length === 0) return decisions
  const names = JSON.stringify(decisions.map(({ person }) => person))
  const roles = new Map(
    database.all(ROLES, { names }).map((row) => [text(row, 'name'), json<readonly Role[]>(row, 'roles')]),
  )
  return stillCounting(decisions, roles)
}

/** Whether what was agreed to is agreed to now: by people who are still here, in roles that they still have. What nobody had to agree to is. */
export function isStillAgreed(
  database: Database,
  asked: Waiting & { readonly decisions: readonly Decision[] },
  now: number,
): boolean {
  const { holds, decisions } = asked
  if (holds.length === 0 || decisions.some(({ kind }) => kind === 'break-glass')) return true
  return isSatisfied(termsAt(asked, now), countingNow(database, decisions))
}
