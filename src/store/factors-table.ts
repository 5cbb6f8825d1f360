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
  enrol({ person, sealed, at, note }) {
    if (database.run(ENROL, { person, sealed, at }) === 0) return false
    writeNote(database, note)
    return true
  },
  remove({ person, note }) {
    if (database.run('DELETE FROM factors WHERE person = :person', { person }) === 0) return false
    // What the lost factor opened is closed with it.
    database.run('DELETE FROM tokens WHERE person = :person', { person })
    writeNote(database, note)
    return true
  },
  consume: ({ person, counter }) => database.run(CONSUME, { person, counter }) === 1,
})
