import type { Database } from './database.ts'
import { isFatal, faultOf } from './fault.ts'
import type { StoreReply, StoreRequest } from './message.ts'

/**
 * Runs requests in their order inside one transaction, so that they share one fsync. Each has a savepoint of its own: one that fails takes
 * nothing of itself and nothing of its neighbours along. The replies may be sent only after this returns; where it throws, nothing of the
 * batch has happened.
 */
export function runBatch(
  database: Database,
  requests: readonly StoreRequest[],
  call: (request: StoreRequest) => unknown,
): readonly StoreReply[] {
  database.script('BEGIN IMMEDIATE')
  try {
    const replies = requests.map((request) => runOne(database, request, call))
    database.script('COMMIT')
    return replies
  } catch (error) {
    rollBack(database)
    throw error
  }
}

function runOne(database: Database, request: StoreRequest, call: (request: StoreRequest) => unknown): StoreReply {
  database.script('SAVEPOINT one')
  try {
    const value = call(request)
    database.script('RELEASE one')
    return { id: request.id, ok: true, value }
  } catch (error) {
    if (isFatal(error)) throw error
    database.script('ROLLBACK TO one; RELEASE one')
    return { id: request.id, ok: false, fault: faultOf(error) }
  }
}

function rollBack(database: Database): void {
  try {
    database.script('ROLLBACK')
  } catch {
    // SQLite has rolled back by itself, or the file is gone: either way nothing was committed.
  }
}
