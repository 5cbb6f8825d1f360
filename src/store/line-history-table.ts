import { MAX_HISTORY, type LineHistory } from '../model/line-history.ts'
import type { Database } from './database.ts'
import { text } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const LOAD = `SELECT text FROM line_history WHERE person = :person AND target = :target ORDER BY sequence DESC LIMIT ${MAX_HISTORY}`
const ADD = 'INSERT INTO line_history (person, target, text, at) VALUES (:person, :target, :text, :at)'
const FORGET = `DELETE FROM line_history WHERE person = :person AND target = :target AND sequence <= (
    SELECT sequence FROM line_history WHERE person = :person AND target = :target ORDER BY sequence DESC LIMIT 1 OFFSET ${MAX_HISTORY})`

export const lineHistoryTable = (database: Database): Synchronous<LineHistory> => ({
  load: ({ person, target }) =>
    database
      .all(LOAD, { person, target })
      .map((row) => text(row, 'text'))
      .reverse(),
  add({ person, target, text: line, at }) {
    database.run(ADD, { person, target, text: line, at })
    database.run(FORGET, { person, target })
  },
})
