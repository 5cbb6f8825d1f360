import type { FactorStore } from '../access/factors.ts'
import type { Database } from './database.ts'
import { writeNote } from './journal-table.ts'
import { text } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const ENROL = `INSERT INTO factors (person, sealed, enrolled_at)
  SELECT name, :sealed, :at FROM people WHERE name = :person AND disabled_at IS NULL AND service = 0 ON CONFLICT DO NOTHING`

/** The counter outlives a reset: no step is ever accepted twice for one person, whatever the secret. */
const CONSUME = `INSERT INTO factor_counters (person, counter) SELECT name, :counter FROM people WHERE name = :person AND disabled_at IS NULL
  ON CONFLICT (person) DO UPDATE SET counter = excluded.counter WHERE excluded.counter > factor_counters.counter`

const FIND = `SELECT sealed FROM factors JOIN people ON name = person WHERE person = :person AND disabled_at IS NULL`

export const factorsTable = (database: Database): Synchronous<FactorStore> => ({
  find({ person }) {
    const row = database.get(FIND, { person })
    return row && { sealed: text(row, 'sealed') }
  },
  enrol({ person, sealed, counter, at, note }) {
    if (!insertFactor(database, { person, sealed, at })) return false
    if (counter !== undefined) consumeCode(database, { person, counter })
    writeNote(database, note)
    return true
  },
  remove({ person, note }) {
    if (!removeFactors(database, person)) return false
    writeNote(database, note)
    return true
  },
  consume: ({ person, counter }) => consumeCode(database, { person, counter }),
})

/** False where the person has a secret already, or is no live human account. */
export const insertFactor = (database: Database, factor: { person: string; sealed: string; at: number }): boolean =>
  database.run(ENROL, factor) === 1

/** False where a code of this or a later step was taken before. */
export const consumeCode = (database: Database, code: { person: string; counter: number }): boolean =>
  database.run(CONSUME, code) === 1

/** Every factor of a person, and what the lost factor opened. False where there was none. */
export function removeFactors(database: Database, person: string): boolean {
  const codes = database.run('DELETE FROM factors WHERE person = :person', { person })
  const keys = database.run('DELETE FROM passkeys WHERE person = :person', { person })
  if (codes + keys === 0) return false
  database.run('DELETE FROM tokens WHERE person = :person', { person })
  return true
}
