import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, truncateSync, statSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { LedgerNote } from '../../src/model/ledger.ts'
import { createGroupCommit } from '../../src/recording/group-commit.ts'
import { nodeFiles, type GrowingFile } from '../../src/recording/files.ts'
import { verify } from '../../src/recording/verify.ts'
import { deferred, type Deferred } from '../../src/std/deferred.ts'
import { header, linesOf, recordSession, rewrite, scratch, startNode, type TestNode } from './node.ts'

const note = (kind: string): LedgerNote => ({
  kind,
  at: Date.UTC(2026, 10, 22),
  by: 'carol',
  origin: '127.0.0.1',
  outcome: 'done',
  resource: 'person:alice',
  detail: { roles: ['engineer'] },
})

const fileOf = ({ folder }: TestNode): string => path.join(folder, 'ledger.ndjson')
const kinds = (node: TestNode): string[] =>
  linesOf(fileOf(node)).flatMap((line) => /"kind":"([^"]*)"/.exec(line)?.[1] ?? [])

test('a recorded note is sealed and on the disk when its promise resolves', async (test) => {
  let synced = 0
  const create = (name: string): GrowingFile => {
    const file = nodeFiles.create(name)
    return { ...file, datasync: () => file.datasync().then(() => void (synced = readFileSync(name).length)) }
  }
  const node = await startNode(scratch(test), { files: { ...nodeFiles, create } })
  await node.ledger.record(note('person.added'))
  assert.equal(synced, statSync(fileOf(node)).size)
  assert.deepEqual(kinds(node).slice(-2), ['person.added', 'seal'])
})

test('the chain goes on over restarts, whether the node stopped or was killed', async (test) => {
  const data = scratch(test)
  const first = await startNode(data)
  await first.ledger.record(note('person.added'))
  await first.ledger.stop('test')
  const second = await startNode(data)
  second.ledger.append(note('person.disabled'))
  const third = await startNode(data)
  await third.ledger.stop('test')
  assert.equal(third.damage, undefined)
  assert.equal((await verify(third.folder)).ok, true)
  assert.equal(kinds(third).filter((kind) => kind === 'node.start').length, 3)
})

test('a half-written last line stays, is named by the next start, and verifies', async (test) => {
  const data = scratch(test)
  const first = await startNode(data)
  first.ledger.append(note('person.added'))
  truncateSync(fileOf(first), statSync(fileOf(first)).size - 20)
  const before = readFileSync(fileOf(first))
  const second = await startNode(data)
  assert.deepEqual(readFileSync(fileOf(second)).subarray(0, before.length), before)
  assert.ok(kinds(second).includes('torn'))
  await second.ledger.stop('test')
  const third = await startNode(data)
  assert.equal(third.damage, undefined)
  assert.deepEqual((await verify(third.folder)).problems, [])
})

test('a last line that lost only its newline is kept as an entry', async (test) => {
  const data = scratch(test)
  const first = await startNode(data)
  first.ledger.append(note('person.added'))
  truncateSync(fileOf(first), statSync(fileOf(first)).size - 1)
  const second = await startNode(data)
  assert.ok(kinds(second).includes('person.added') && !kinds(second).includes('torn'))
  assert.deepEqual((await verify(second.folder)).problems, [])
})

test('bytes that nobody marked as torn are a fault, for the start and for verify', async (test) => {
  const data = scratch(test)
  const first = await startNode(data)
  await first.ledger.stop('test')
  rewrite(fileOf(first), (lines) => lines.toSpliced(1, 0, 'garbage\n'))
  const second = await startNode(data)
  assert.match(String(second.damage), /line 3/)
  assert.ok((await verify(second.folder)).problems.some(({ code }) => code === 'unreadable'))
})

test('a torn mark vouches for exactly the bytes that it names', async (test) => {
  const data = scratch(test)
  const first = await startNode(data)
  appendFileSync(fileOf(first), '{"seq":99,"at":')
  const second = await startNode(data)
  await second.ledger.stop('test')
  assert.equal((await verify(second.folder)).ok, true)
  rewrite(fileOf(second), (lines) => lines.map((line) => line.replace('"seq":99', '"seq":98')))
  assert.equal((await verify(second.folder)).ok, false)
})

test('sessions without an end are handed to recovery, ended ones are not', async (test) => {
  const data = scratch(test)
  const first = await startNode(data)
  await recordSession(first, 's_00000000000000000001')
  first.recorder.open(header('s_00000000000000000002'))
  const second = await startNode(data)
  assert.deepEqual(
    second.unended.map(({ session }) => session),
    ['s_00000000000000000002'],
  )
})

test('entries without a checkpoint get one after 30 s', async (test) => {
  const node = await startNode(scratch(test))
  node.ledger.append(note('session.refused'))
  node.clock.pass(29_000)
  assert.equal(kinds(node).at(-1), 'session.refused')
  node.clock.pass(1000)
  assert.equal(kinds(node).at(-1), 'seal')
})

test('askers during a flush share the next one, and no one is told of a flush that began before its asking', async () => {
  const flushes: Deferred<boolean>[] = []
  const commit = createGroupCommit(() => {
    const flush = deferred<boolean>()
    flushes.push(flush)
    return flush.promise.then(() => undefined)
  })
  const first = commit()
  const [second, third] = [commit(), commit()]
  assert.equal(second, third)
  assert.equal(flushes.length, 1)
  flushes[0]?.resolve(true)
  await first
  await flushes[0]?.promise
  assert.equal(flushes.length, 2)
  flushes[1]?.resolve(true)
  await third
})
