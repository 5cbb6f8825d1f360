import type { Counter, LockoutStore } from '../access/lockout.ts'
import type { Database } from './database.ts'
import { maybeInteger } from './row.ts'
import type { Synchronous } from './synchronous.ts'

const COUNT = `INSERT INTO lockouts (key, failures, last_at, locked_until, keep_until)
  VALUES (:key, 1, :now, CASE WHEN :limit <= 1 THEN :now + :lockMs END, :now + :windowMs + :lockMs)
  ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN last_at + :windowMs < :now OR locked_until <= :now THEN 1 ELSE failures + 1 END,
    locked_until = CASE WHEN last_at + :windowMs < :now OR locked_until <= :now THEN NULL
      WHEN failures + 1 >= :limit THEN :now + :lockMs END,
    last_at = :now, keep_until = excluded.keep_until`

const FORGIVE = `UPDATE lockouts SET failures = max(0, failures - 1),
  locked_until = CASE WHEN failures - 1 >= :limit THEN locked_until END WHERE key = :key`

export const lockoutsTable = (database: Database): Synchronous<LockoutStore> => ({
  count({ counters, now }) {
    const locked = lockedUntil(database, { keys: counters.map((counter) => counter.key), now })
    if (locked !== undefined) return locked
    // Names that nobody bears are counted too: what has run out goes, so that inventing names fills nothing for long.
    database.run('DELETE FROM lockouts WHERE keep_until < :now', { now })
    for (const counter of counters) database.run(COUNT, { key: counter.key, now, ...limits(counter) })
    return undefined
  },
  lockedUntil: (input) => lockedUntil(database, input),
  forgive({ counters }) {
    for (const { key, rule } of counters) database.run(FORGIVE, { key, limit: rule.limit })
  },
  clear({ key }) {
    database.run('DELETE FROM lockouts WHERE key = :key', { key })
  },
})

const limits = ({ rule }: Counter) => ({ limit: rule.limit, windowMs: rule.windowMs, lockMs: rule.lockMs })

function lockedUntil(database: Database, { keys, now }: { keys: readonly string[]; now: number }): number | undefined {
  const sql = `SELECT max(locked_until) AS until FROM lockouts
    WHERE key IN (SELECT value FROM json_each(:keys)) AND locked_until > :now`
  const row = database.get(sql, { keys: JSON.stringify(keys), now })
  return row && maybeInteger(row, 'until')
}
