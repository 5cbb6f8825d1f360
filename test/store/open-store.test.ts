import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { DatabaseSync } from 'node:sqlite'
import { createInterface } from 'node:readline'
import { personName } from '../../src/model/ids.ts'
import type { LedgerNote } from '../../src/model/ledger.ts'
import { Database } from '../../src/store/database.ts'
import { openStore } from '../../src/store/open-store.ts'
import { peopleOf, scratchFolder, threadedStore, seedPeople } from './scratch.ts'

const note = (kind: string): LedgerNote => ({
  kind,
  at: 1,
  by: 'local:root',
  origin: 'local',
  outcome: 'done',
  resource: 'test',
  detail: {},
})

const unused = (): never => assert.fail('the store was lost')

test('a store that is closed and opened again holds what it held', async (context) => {
  const file = path.join(scratchFolder(context), 'store.db')
  const first = await openStore({ path: file, onFailure: unused })
  await first.settings.write({ name: 'sealed', value: 'yesterday' })
  await first.close()
  const second = await openStore({ path: file, onFailure: unused })
  assert.equal(await second.settings.read({ name: 'sealed' }), 'yesterday')
  assert.equal(await second.settings.read({ name: 'other' }), undefined)
  await second.close()
})

test('the file and those beside it are readable by their owner alone', async (context) => {
  const { path: file, store } = await threadedStore(context)
  await store.settings.write({ name: 'a', value: 'b' })
  for (const each of [file, `${file}-wal`, `${file}-shm`]) assert.equal(statSync(each).mode & 0o777, 0o600, each)
})

test('the connection waits for the disk at each commit, keeps foreign keys and defends its schema', (context) => {
  const database = new Database(path.join(scratchFolder(context), 'store.db'))
  const pragma = (name: string) => database.get(`PRAGMA ${name}`)?.[name]
  assert.equal(pragma('journal_mode'), 'wal')
  assert.equal(pragma('synchronous'), 2)
  assert.equal(pragma('foreign_keys'), 1)
  database.script('PRAGMA journal_mode = OFF')
  assert.equal(pragma('journal_mode'), 'wal')
  database.close()
})

test('requests of one tick share a commit, and a failing one takes no neighbour along', async (context) => {
  const scratch = await threadedStore(context)
  const { store } = scratch
  const times = { createdAt: 1, nextAt: 1, attempts: 0, reason: undefined, deliveredAt: undefined }
  const about = { subject: undefined, message: 'approval.opened', person: undefined }
  const entry = { id: 'm1', channel: 'oncall', body: '{}', state: 'waiting', ...times, ...about } as const
  await Promise.all([1, 2].map(() => store.journal.append({ note: note('stop.ordered') })))
  const [first, second] = await store.outbox.tidings({ limit: 9 })
  assert.ok(first && second)
  await store.journal.drop({ upTo: 2 })
  const settled = await Promise.allSettled([
    store.outbox.add({ tiding: first.sequence, deliveries: [entry] }),
    store.outbox.add({ tiding: second.sequence, deliveries: [entry] }),
    store.journal.append({ note: note('after') }),
  ])
  assert.deepEqual(
    settled.map((one) => one.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal((await store.outbox.due({ channel: 'oncall', now: 2, limit: 9 })).length, 1)
  assert.deepEqual(await store.outbox.tidings({ limit: 9 }), [second], 'what could not be kept is still owed')
  assert.equal((await store.journal.take({ limit: 9 })).length, 1)
  assert.equal(store.healthy(), true)
  assert.deepEqual(scratch.failures, [])
})

test('notes come out in the order of their commits and go when they are dropped', async (context) => {
  const { store } = await threadedStore(context)
  await Promise.all(['a', 'b', 'c'].map((kind) => store.journal.append({ note: note(kind) })))
  const waiting = await store.journal.take({ limit: 2 })
  assert.deepEqual(
    waiting.map((one) => one.note.kind),
    ['a', 'b'],
  )
  await store.journal.drop({ upTo: waiting[1]?.sequence ?? 0 })
  assert.deepEqual(
    (await store.journal.take({ limit: 9 })).map((one) => one.note.kind),
    ['c'],
  )
})

test('a file that is no database is refused when the store opens', async (context) => {
  const file = path.join(scratchFolder(context), 'store.db')
  writeFileSync(file, 'x'.repeat(5000))
  await assert.rejects(openStore({ path: file, onFailure: unused }), { code: 'E_STORE' })
})

test('a file of a newer version is refused when the store opens', async (context) => {
  const { path: file, store } = await threadedStore(context)
  await store.close()
  const other = new DatabaseSync(file)
  other.exec('INSERT INTO migrations VALUES (999, 1)')
  other.close()
  await assert.rejects(openStore({ path: file, onFailure: unused }), /schema 999/)
})

test('a folder that does not exist is an error, not a store', async (context) => {
  const missing = path.join(scratchFolder(context), 'missing', 'store.db')
  await assert.rejects(openStore({ path: missing, onFailure: unused }), { code: 'E_STORE' })
})

test('a damaged file makes the store unhealthy, tells once and rejects everything after', async (context) => {
  const { store, path: file, failures } = await threadedStore(context)
  const other = new DatabaseSync(file, { defensive: false })
  other.exec('PRAGMA writable_schema = ON')
  other.exec("UPDATE sqlite_schema SET rootpage = 100000 WHERE name = 'settings'")
  // Makes every connection read the schema anew.
  other.exec('PRAGMA schema_version = 9999')
  other.close()
  const calls = [1, 2, 3].map((n) => store.settings.write({ name: 'a', value: String(n) }))
  const settled = await Promise.allSettled(calls)
  assert.deepEqual(
    settled.map((one) => one.status),
    ['rejected', 'rejected', 'rejected'],
  )
  await assert.rejects(store.people.list(), { code: 'E_STORE' })
  assert.equal(store.healthy(), false)
  assert.equal(failures.length, 1)
})

test('a closed store answers nothing and is not healthy', async (context) => {
  const { store, failures } = await threadedStore(context)
  const last = store.settings.write({ name: 'a', value: 'b' })
  await store.close()
  await last
  await assert.rejects(store.people.list(), { code: 'E_STORE' })
  assert.equal(store.healthy(), false)
  assert.deepEqual(failures, [])
})

test('what another process changes is told, and what we change ourselves is not', async (context) => {
  const scratch = await threadedStore(context)
  await seedPeople(scratch, { alice: ['engineer'] })
  let told = 0
  const changed = new Promise<void>((resolve) => {
    scratch.store.changes(() => {
      told += 1
      resolve()
    })
  })
  const other = await openStore({ path: scratch.path, onFailure: unused })
  await scratch.store.settings.write({ name: 'own', value: '1' })
  assert.equal(told, 0)
  await other.people.disable({ name: personName('alice'), at: 5, note: note('person.disabled') })
  await changed
  assert.equal((await peopleOf(scratch).find(personName('alice')))?.disabledAt, 5)
  await other.close()
})

test('two processes that write at once both succeed', async (context) => {
  const scratch = await threadedStore(context)
  const other = await openStore({ path: scratch.path, onFailure: unused })
  const writes = Array.from({ length: 40 }, (_, index) =>
    (index % 2 ? other : scratch.store).journal.append({ note: note('n') }),
  )
  await Promise.all(writes)
  assert.equal((await other.journal.take({ limit: 99 })).length, 40)
  await other.close()
})

test('nothing acknowledged is lost when the process is killed, five times over', async (context) => {
  const file = path.join(scratchFolder(context), 'store.db')
  let acknowledged = 0
  for (let round = 0; round < 5; round += 1) {
    acknowledged = Math.max(acknowledged, await writeUntilKilled(file, { from: acknowledged, lines: 60 }))
    const store = await openStore({ path: file, onFailure: unused })
    const kept = Number(await store.settings.read({ name: 'last' }))
    const notes = await store.journal.take({ limit: 100_000 })
    await store.close()
    assert.ok(kept >= acknowledged, `kept ${kept}, acknowledged ${acknowledged}`)
    const kinds = new Set(notes.map((one) => one.note.kind))
    for (let n = 1; n <= acknowledged; n += 1) assert.ok(kinds.has(`n${n}`), `n${n} of ${acknowledged} is missing`)
    acknowledged = kept
  }
  assert.ok(acknowledged >= 300)
})

/** Starts a writer, kills it with SIGKILL in the midst of its work, and gives the last number that it acknowledged. */
async function writeUntilKilled(file: string, { from, lines }: { from: number; lines: number }): Promise<number> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'endless-writer.ts'), file, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let last = from
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    last = Math.max(last, Number(line))
    seen += 1
    if (seen === lines) child.kill('SIGKILL')
  }
  await exited
  assert.ok(seen >= lines, 'the writer ended early')
  return last
}

test('a disk that takes no more bytes ends the store, and what was acknowledged stays', async (context) => {
  const file = path.join(scratchFolder(context), 'store.db')
  const writer = path.join(import.meta.dirname, 'endless-writer.ts')
  // No file of the child grows beyond 600 KiB: writes fail as on a full disk.
  const child = spawn(
    'sh',
    ['-c', 'trap "" XFSZ; ulimit -f 1200; exec "$0" "$1" "$2"', process.execPath, writer, file],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const exited = once(child, 'exit')
  let last = 0
  for await (const line of createInterface({ input: child.stdout })) last = Number(line)
  assert.deepEqual(await exited, [3, null], 'the writer learned of the loss')
  const store = await openStore({ path: file, onFailure: unused })
  assert.ok(last > 10)
  assert.ok(Number(await store.settings.read({ name: 'last' })) >= last)
  await store.close()
})
