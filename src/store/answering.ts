import type { Role } from '../model/principal.ts'
import type { Database } from './database.ts'
import { integer, json } from './row.ts'
import { STOPPED_PERSON } from './stops-table.ts'

const STANDING = `SELECT roles, disabled_at IS NOT NULL AS gone, ${STOPPED_PERSON} AS stopped FROM people WHERE name = :name`

/**
 * An answer with its person as they stand in the step that takes it: a role may have been taken away, an account disabled, a person stopped since the token was
 * looked at, and a body that trickles in makes that time as long as somebody likes.
 */
export function asTheyStand<Answer extends { readonly roles: readonly Role[] }>(
  database: Database,
  name: string,
  answer: Answer,
): Answer & { readonly keptOut: boolean } {
  const row = database.get(STANDING, { name })
  const live = row !== undefined && integer(row, 'gone') === 0 ? json<readonly Role[]>(row, 'roles') : []
  const keptOut = row !== undefined && integer(row, 'stopped') === 1
  return { ...answer, roles: answer.roles.filter((role) => live.includes(role)), keptOut }
}
