import type { JournalStore, LedgerNote } from '../model/ledger.ts'
import type { Database } from './database.ts'
import { integer, json } from './row.ts'
import type { Synchronous } from './synchronous.ts'

/** Part of a change: the note commits with it, or neither does. */
export function writeNote(database: Database, note: LedgerNote | undefined): void {
  if (note !== undefined) database.run('INSERT INTO journal (note) VALUES (:note)', { note: JSON.stringify(note) })
}

export const journalTable = (database: Database): Synchronous<JournalStore> => ({
  append: ({ note }) => writeNote(database, note),
  take: ({ limit }) =>
    database
      .all('SELECT sequence, note FROM journal ORDER BY sequence LIMIT :limit', { limit })
      .map((row) => ({ sequence: integer(row, 'sequence'), note: json<LedgerNote>(row, 'note') })),
  drop({ upTo }) {
    database.run('DELETE FROM journal WHERE sequence <= :upTo', { upTo })
  },
})
