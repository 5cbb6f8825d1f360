import type { JournalStore, LedgerNote } from '../model/ledger.ts'
import { isTiding } from '../model/tiding.ts'
import type { Database } from './database.ts'
import { integer, json } from './row.ts'
import type { Synchronous } from './synchronous.ts'

/** Part of a change: the note commits with it, or neither does. What people are to be told of is kept for the messages as well. */
export function writeNote(database: Database, note: LedgerNote | undefined): void {
  if (note === undefined) return
  const text = JSON.stringify(note)
  database.run('INSERT INTO journal (note) VALUES (:text)', { text })
  if (isTiding(note.kind)) database.run('INSERT INTO tidings (note) VALUES (:text)', { text })
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
