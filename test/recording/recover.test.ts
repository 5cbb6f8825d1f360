import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { nodeFiles } from '../../src/recording/files.ts'
import { recover, type Recovered } from '../../src/recording/recover.ts'
import { verify } from '../../src/recording/verify.ts'
import {
  header,
  linesOf,
  recordSession,
  result,
  rewrite,
  scratch,
  startNode,
  statement,
  type TestNode,
} from './node.ts'

const FIRST = 's_00000000000000000001'

const restart = async (data: string): Promise<{ node: TestNode; recovered: readonly Recovered[] }> => {
  const node = await startNode(data)
  const recovered = await recover({ ...node, files: nodeFiles }, node.unended)
  return { node, recovered }
}

/** A session that died with statement 2 running and 3 only prepared. */
async function died(data: string): Promise<{ folder: string; events: string }> {
  const node = await startNode(data)
  const recording = node.recorder.open(header(FIRST))
  recording.append(statement(1))
  recording.append(result(1))
  recording.append(statement(2))
  recording.append(statement(3, { message: 'parse' }))
  recording.append(statement(4, { verdict: { effect: 'deny', rules: ['r'], policyVersion: 'p' } }))
  recording.handOver()
  return { folder: recording.folder, events: path.join(recording.folder, 'events.ndjson') }
}

test('a recording without an end gets one that tells of the crash and of the statement without a result', async (test) => {
  const data = scratch(test)
  const { events } = await died(data)
  const { node, recovered } = await restart(data)
  assert.deepEqual(recovered, [{ session: FIRST, outcome: 'crashed', unknown: [2] }])
  const kinds = linesOf(events)
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { kind: string }).kind)
  assert.deepEqual(kinds.slice(-3), ['crash', 'close', 'seal'])
  const report = await verify(node.folder)
  assert.deepEqual([report.problems, report.sessions[0]?.status], [[], 'crashed'])
})

test('a half-written last line is moved into events.torn, and verify holds exactly those bytes against the crash event', async (test) => {
  const data = scratch(test)
  const { folder, events } = await died(data)
  truncateSync(events, statSync(events).size - 30)
  const tail = linesOf(events).at(-1) ?? ''
  const { node } = await restart(data)
  assert.equal(readFileSync(path.join(folder, 'events.torn'), 'utf8'), tail)
  assert.deepEqual((await verify(node.folder)).problems, [])
  appendFileSync(path.join(folder, 'events.torn'), 'x')
  assert.equal((await verify(node.folder)).ok, false)
  rmSync(path.join(folder, 'events.torn'))
  assert.equal((await verify(node.folder)).ok, false)
})

test('a recovery that dies after the cut finds the torn bytes again', async (test) => {
  const data = scratch(test)
  const { folder, events } = await died(data)
  const size = statSync(events).size
  const tail = readFileSync(events).subarray(size - 700)
  truncateSync(events, size - 700)
  const whole = linesOf(events)
    .filter((line) => line.endsWith('\n'))
    .join('')
  const half = readFileSync(events).subarray(whole.length)
  assert.ok(tail.length > 0 && half.length > 0)
  truncateSync(events, whole.length)
  nodeFiles.create(path.join(folder, 'events.torn')).write(half)
  const { node } = await restart(data)
  assert.deepEqual((await verify(node.folder)).problems, [])
})

test('a recording that is broken in its midst is left untouched and stays a problem', async (test) => {
  const data = scratch(test)
  const { events } = await died(data)
  rewrite(events, (lines) => lines.with(1, (lines[1] ?? '').replace('SELECT', 'DELETE')))
  const before = readFileSync(events)
  const { node, recovered } = await restart(data)
  assert.equal(recovered[0]?.outcome, 'damaged')
  assert.deepEqual(readFileSync(events), before)
  assert.equal((await verify(node.folder)).ok, false)
})

test('a session whose folder is gone after a crash is named lost and stays a problem', async (test) => {
  const data = scratch(test)
  const { folder } = await died(data)
  rmSync(folder, { recursive: true })
  const { node, recovered } = await restart(data)
  assert.equal(recovered[0]?.outcome, 'lost')
  assert.deepEqual(
    (await verify(node.folder)).problems.map(({ code }) => code),
    ['missing'],
  )
})

const ends: readonly [string, (folder: string) => void][] = [
  ['nothing but the ledger’s word', () => undefined],
  ['its summary', (folder) => rmSync(path.join(folder, 'summary.json'))],
  [
    'its last checkpoint and its summary',
    (folder) => {
      rmSync(path.join(folder, 'summary.json'))
      rewrite(path.join(folder, 'events.ndjson'), (lines) => lines.slice(0, -1))
    },
  ],
]

for (const [what, lose] of ends) {
  test(`an ended session that lost ${what} is completed without a crash event`, async (test) => {
    const data = scratch(test)
    const first = await startNode(data)
    const folder = await recordSession(first, FIRST)
    const ledger = path.join(first.folder, 'ledger.ndjson')
    rewrite(ledger, (lines) => lines.filter((line) => !line.includes('session.end')))
    lose(folder)
    const { node, recovered } = await restart(data)
    assert.deepEqual(recovered, [{ session: FIRST, outcome: 'ended', unknown: [] }])
    assert.deepEqual((await verify(node.folder)).problems, [])
  })
}

test('recovering twice changes nothing the second time', async (test) => {
  const data = scratch(test)
  const { folder } = await died(data)
  await restart(data)
  const before = readFileSync(path.join(folder, 'events.ndjson'))
  const { recovered } = await restart(data)
  assert.deepEqual(recovered, [])
  assert.deepEqual(readFileSync(path.join(folder, 'events.ndjson')), before)
  assert.equal(existsSync(path.join(folder, 'events.torn')), false)
})
