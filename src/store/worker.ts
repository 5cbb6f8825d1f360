import { parentPort, workerData } from 'node:worker_threads'
import { runBatch } from './batch.ts'
import { Database } from './database.ts'
import { faultOf, isFatal } from './fault.ts'
import type { FromWorker, StoreRequest, ToWorker } from './message.ts'
import { migrate } from './migrations.ts'
import { integer } from './row.ts'
import { tablesOf } from './tables.ts'
import type { Tables } from './tables.ts'

/** How often to look whether another process has written; a command's revocation reaches live sessions that soon. */
const WATCH_MS = 500

/** The thread that owns the database: an fsync blocks it, and not the loop that relays bytes. */
function start(path: string): void {
  const database = new Database(path)
  migrate(database, Date.now())
  const tables = tablesOf(database)
  const waiting: StoreRequest[] = []
  const flush = (): void => {
    const requests = waiting.splice(0)
    if (requests.length > 0) answer(database, tables, requests)
  }
  const watch = watchVersion(database)
  parentPort?.on('message', (message: ToWorker) => {
    if (message.kind === 'close') {
      flush()
      clearInterval(watch)
      database.close()
      post({ kind: 'closed' })
      parentPort?.close()
      return
    }
    // All messages that have arrived by now come before the immediate: they share a transaction.
    if (waiting.push(message.request) === 1) setImmediate(flush)
  })
  post({ kind: 'ready' })
}

function answer(database: Database, tables: Tables, requests: readonly StoreRequest[]): void {
  try {
    post({ kind: 'replies', replies: runBatch(database, requests, (request) => call(tables, request)) })
  } catch (error) {
    const fault = faultOf(error)
    if (isFatal(error) || fault.code === 'E_STORE') fail(error)
    else post({ kind: 'replies', replies: requests.map(({ id }) => ({ id, ok: false, fault })) })
  }
}

function call(tables: Tables, request: StoreRequest): unknown {
  const method: unknown = Object.entries(tables[request.table]).find(([name]) => name === request.method)?.[1]
  if (typeof method !== 'function') throw new TypeError(`no method ${request.table}.${request.method}`)
  return Reflect.apply(method, undefined, [request.input])
}

/** PRAGMA data_version moves when another connection has committed, not when this one has. */
function watchVersion(database: Database): NodeJS.Timeout {
  const version = (): number => integer(database.get('PRAGMA data_version') ?? {}, 'data_version')
  let last = version()
  return setInterval(() => {
    try {
      const now = version()
      if (now !== last) post({ kind: 'changed' })
      last = now
    } catch (error) {
      fail(error)
    }
  }, WATCH_MS)
}

function fail(error: unknown): void {
  post({ kind: 'failed', fault: faultOf(error) })
  // The exit follows once the message is out; whatever it leaves unanswered is rejected on the other side.
  setImmediate(() => process.exit(1))
}

function pathIn(given: unknown): string {
  if (typeof given === 'object' && given !== null && 'path' in given && typeof given.path === 'string')
    return given.path
  throw new TypeError('the store needs a path')
}

const post = (message: FromWorker): void => parentPort?.postMessage(message)

try {
  start(pathIn(workerData))
} catch (error) {
  fail(error)
}
