import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import { openCardShop } from '../../src/cli/demo/card-shop.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/cli/demo/embedded-postgres.ts'
import { connectSimple, type SimpleClient } from '../../src/proxy/postgres/simple-client.ts'
import { systemClock } from '../../src/std/clock.ts'
import type { Secret } from '../../src/std/secret.ts'

const connect = (port: number, login: { user: string; password: Secret; database: string }): Promise<SimpleClient> =>
  connectSimple({
    ...login,
    target: { host: '127.0.0.1', port, tls: 'off' },
    parameters: new Map(),
    clock: systemClock,
    deadlineMs: 5000,
  })

const asSuperuser =
  ({ port, superuser }: EmbeddedPostgres) =>
  (database: string): Promise<SimpleClient> =>
    connect(port, { user: superuser.name, password: superuser.password, database })

/** Temporary folders that a process with this id made. */
const foldersOf = async (pid: number): Promise<string[]> =>
  (await readdir(os.tmpdir())).filter((name) => name.startsWith(`countersign-postgres-${pid}-`))

/** Not merely dead: where nobody collects it, a dead process keeps its number. */
function isAlive(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) !== ''
  } catch {
    return false
  }
}

/** As `demo --data` makes it: enterable by the account that the server runs under. */
async function keptFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'countersign-kept-'))
  await chmod(folder, 0o711)
  return folder
}

/** A process of its own that starts a server, tells where it is and waits. */
async function starter(options: string): Promise<{ child: ReturnType<typeof spawn>; pid: number; server: number }> {
  const module = new URL('../../src/cli/demo/embedded-postgres.ts', import.meta.url).href
  const program = `const { startEmbeddedPostgres } = await import('${module}')
    const { port, logPath } = await startEmbeddedPostgres(${options})
    console.log(JSON.stringify({ port, logPath }))
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [chunk]: unknown[] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => ['{}'])])
  const told: unknown = JSON.parse(String(chunk))
  assert.ok(typeof told === 'object' && told !== null && 'logPath' in told && typeof told.logPath === 'string')
  const pidFile = readFileSync(path.join(path.dirname(told.logPath), 'cluster', 'postmaster.pid'), 'utf8')
  return { child, pid: child.pid ?? 0, server: Number(pidFile.split('\n')[0]) }
}

describe('the embedded Postgres of the demo', () => {
  test('starts with the card shop in it and leaves nothing behind', async () => {
    const started = performance.now()
    const postgres = await startEmbeddedPostgres()
    const shop = await openCardShop(asSuperuser(postgres))
    assert.ok(performance.now() - started < 10_000)
    const app = await connect(postgres.port, { user: shop.account, password: shop.password, database: shop.database })
    const [counts] = await app.query(
      'SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM cards), (SELECT count(*) FROM payments)',
    )
    assert.deepEqual(counts, ['2000', '3000', '5000'])
    for (const text of [
      'CREATE TABLE t ()',
      'CREATE TEMP TABLE t ()',
      'TRUNCATE payments',
      'CREATE SCHEMA s',
      "SELECT pg_read_file('PG_VERSION')",
    ]) {
      await assert.rejects(
        app.query(text),
        (error: unknown) => error instanceof Error && error.message.includes('42501'),
        text,
      )
    }
    const folders = await foldersOf(process.pid)
    await postgres.stop()
    assert.deepEqual([folders.length, await foldersOf(process.pid)], [1, []])
    await postgres.stop()
  })

  test('keeps a cluster in a folder, with a new password each time', async () => {
    const dataDir = await keptFolder()
    const first = await startEmbeddedPostgres({ dataDir })
    await openCardShop(asSuperuser(first))
    const before = await asSuperuser(first)('cards')
    await before.query('DELETE FROM payments WHERE id > 10')
    await first.stop()
    const second = await startEmbeddedPostgres({ dataDir })
    await openCardShop(asSuperuser(second))
    const client = await asSuperuser(second)('cards')
    assert.deepEqual(await client.query('SELECT count(*) FROM payments'), [['10']])
    assert.deepEqual([first.isNew, second.isNew], [true, false])
    assert.notEqual(first.superuser.password.reveal(), second.superuser.password.reveal())
    await second.stop()
    await rm(dataDir, { recursive: true })
  })

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    test(`ends with its process on ${signal}`, async () => {
      const { child, pid, server } = await starter('{}')
      child.kill(signal)
      await once(child, 'exit')
      assert.equal(isAlive(server), false)
      assert.deepEqual(await foldersOf(pid), [])
    })
  }

  test('clears what a killed process left, running server and folder', async () => {
    const { child, pid, server } = await starter('{}')
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.deepEqual([isAlive(server), (await foldersOf(pid)).length], [true, 1])
    const next = await startEmbeddedPostgres()
    assert.deepEqual([isAlive(server), (await foldersOf(pid)).length], [false, 0])
    await next.stop()
  })

  test(
    'says what is wrong with a folder that the account nobody cannot enter',
    { skip: process.getuid?.() !== 0 },
    async () => {
      const dataDir = await mkdtemp(path.join(os.tmpdir(), 'countersign-kept-'))
      await assert.rejects(startEmbeddedPostgres({ dataDir }), /cannot enter/)
      assert.deepEqual(await foldersOf(process.pid), [])
      await rm(dataDir, { recursive: true })
    },
  )

  test('takes over a kept cluster whose server a killed process left running', async () => {
    const dataDir = await keptFolder()
    const { child, server } = await starter(JSON.stringify({ dataDir }))
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.equal(isAlive(server), true)
    const next = await startEmbeddedPostgres({ dataDir })
    assert.equal(isAlive(server), false)
    await next.stop()
    await rm(dataDir, { recursive: true })
  })
})
