import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LedgerNote } from '../../src/model/ledger.ts'
import type { FailedEntry } from '../../src/proxy/postgres/connection.ts'
import { createFailedLogins } from '../../src/wiring/failed-logins.ts'

const MINUTE = 60_000

function door() {
  const world = { now: 1_000_000, counted: 0, notes: new Array<LedgerNote>() }
  const failed = createFailedLogins({
    ledger: { append: (note) => ({ seq: world.notes.push(note), hash: '' }), broken: undefined },
    clock: {
      now: () => world.now,
      nowMicros: () => 0n,
      monoMicros: () => 0,
      after: () => () => undefined,
    },
    listener: 'postgres',
    count: () => (world.counted += 1),
    broken: (reason) => assert.fail(reason),
  })
  const many = (times: number, entry: Partial<FailedEntry>): void => {
    for (let port = 40_000; port < 40_000 + times; port += 1)
      failed({ login: undefined, address: `10.0.0.7:${port}`, why: 'left before its first byte', ...entry })
  }
  return { world, many }
}

test('each guess is a line of the ledger', () => {
  const { world, many } = door()
  many(10, { login: 'alice@cards', why: 'wrong' })
  assert.deepEqual([world.notes.length, world.counted], [10, 10])
})

test('a flood of connections that name nobody is a line a minute for each reason and host, which counts the others', () => {
  const { world, many } = door()
  many(300, {})
  many(300, { why: 'began TLS where none is configured' })
  many(1, { address: '10.0.0.8:40000' })
  assert.deepEqual([world.notes.length, world.counted], [3, 601])
  world.now += MINUTE
  many(2, {})
  assert.deepEqual(
    [world.notes.length, world.notes.at(-1)?.detail],
    [4, { why: 'left before its first byte', since: 299 }],
  )
})

test('whoever goes on behind a lock fills no disk', () => {
  const { world, many } = door()
  many(300, { login: 'alice@cards', why: 'locked' })
  assert.deepEqual(
    world.notes.map(({ by, outcome, resource, detail }) => ({ by, outcome, resource, detail })),
    [{ by: 'alice@cards', outcome: 'refused', resource: 'listener:postgres', detail: { why: 'locked', since: 0 } }],
  )
})
