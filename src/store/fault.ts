import type { StoreFault } from './message.ts'

/** Primary result codes of SQLite after which a request, and only it, has failed. https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5
const SQLITE_CONSTRAINT = 19
/** Bugs of ours in one statement (SQLITE_ERROR, SQLITE_MISMATCH, SQLITE_RANGE) do not doubt the file either. */
const HARMLESS: readonly number[] = [1, SQLITE_BUSY, SQLITE_CONSTRAINT, 20, 25]

/** Whether the file, the disk or the memory is in doubt: full, read-only, I/O error, corrupt. Then nothing is promised any more. */
export function isFatal(error: unknown): boolean {
  const code = sqliteCode(error)
  return code !== undefined && !HARMLESS.includes(code)
}

/** For the operator's log. SQLite's messages name tables and columns, never values. */
export const faultOf = (error: unknown): StoreFault => ({
  code: sqliteCode(error) === undefined ? 'E_STORE' : `SQLITE_${sqliteCode(error) ?? 0}`,
  message: error instanceof Error ? error.message : 'unknown fault',
})

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  // The primary code is the low byte of an extended one.
  return error.errcode & 0xff
}
