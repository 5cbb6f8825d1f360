import assert from 'node:assert/strict'
import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { nodeFiles, type GrowingFile, type RecordingFiles } from '../../src/recording/files.ts'
import { RecorderError } from '../../src/recording/recorder-error.ts'
import { MAX_LINE } from '../../src/recording/line-bytes.ts'
import { verify } from '../../src/recording/verify.ts'
import { clean, header, linesOf, recordSession, result, scratch, startNode, statement } from './node.ts'

const FIRST = 's_00000000000000000001'
const eventsOf = (folder: string): string[] => linesOf(path.join(folder, 'events.ndjson')).filter((line) => line !== '')

/** The real file system with one call of `events.ndjson` replaced once `armed`. */
function faulty(fault: Partial<GrowingFile>): { files: RecordingFiles; arm: () => void } {
  let armed = false
  const wrap = (file: GrowingFile): GrowingFile => ({
    write: (text) => (armed && fault.write ? fault.write(text) : file.write(text)),
    datasync: () => (armed && fault.datasync ? fault.datasync() : file.datasync()),
    close: () => file.close(),
  })
  const create = (name: string): GrowingFile =>
    name.endsWith('events.ndjson') ? wrap(nodeFiles.create(name)) : nodeFiles.create(name)
  return { files: { ...nodeFiles, create }, arm: () => (armed = true) }
}

const systemError = (code: string): Error => Object.assign(new Error(code), { code })
const isCode = (code: string) => (error: unknown) => error instanceof RecorderError && error.code === code

test('every line states who, what kind, when, the outcome, from where and on what', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  recording.append(statement(1))
  recording.append(result(1))
  recording.append({ kind: 'hold', statement: 2, approval: 'a_x' as never, digest: 'd', terms: [] })
  recording.append({
    kind: 'ruling',
    statement: 2,
    ruling: 'refused',
    approval: undefined,
    by: [],
    reason: clean('no'),
  })
  recording.append({ kind: 'rows', statement: 1, columns: [clean('pan')], rows: [[['4111'], null]] })
  recording.append({ kind: 'pg.notice', severity: clean('NOTICE'), sqlstate: '00000', text: clean('hm') })
  recording.append({ kind: 'pg.parameter', name: clean('TimeZone'), value: clean('UTC') })
  recording.append({ kind: 'pg.notification', channel: clean('c'), payload: clean('p') })
  recording.append({ kind: 'find', statement: 1, where: 'cell', count: 1 })
  await recording.close({ reason: 'client-left' })
  const lines = eventsOf(recording.folder).map(
    (line): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>,
  )
  assert.deepEqual(
    lines.map(({ kind, outcome }) => `${String(kind)} ${String(outcome)}`),
    [
      ...['open allowed', 'statement allowed', 'result masked', 'hold held', 'ruling denied', 'rows masked'],
      ...['pg.notice noted', 'pg.parameter noted', 'pg.notification noted', 'find found', 'close ended', 'seal noted'],
    ],
  )
  for (const line of lines) {
    assert.deepEqual(line['who'], { person: 'alice', account: 'alice@cards', upstreamAccount: 'app' })
    assert.deepEqual(line['origin'], { address: '127.0.0.1:55012', tls: 'TLSv1.3', node: 'n1' })
    assert.deepEqual(line['resource'], { target: 'cards', protocol: 'postgres', database: 'cards' })
    assert.match(String(line['at']), /^2026-11-22T01:02:03\.\d{6}Z$/)
    assert.equal(typeof line['mono'], 'number')
  }
})

test('a property that the event types do not know never reaches the disk', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  const stray = { secret: '4111111111111111' }
  recording.append({ ...statement(1), ...stray })
  recording.append({ ...result(1), ...stray })
  recording.append({ kind: 'find', statement: 1, where: 'cell', count: 1, ...stray })
  recording.handOver()
  assert.doesNotMatch(eventsOf(recording.folder).join(''), /4111111111111111/)
})

test('what was appended is in the file as soon as handOver returns, and not before', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  recording.append(statement(1))
  assert.equal(eventsOf(recording.folder).length, 1)
  recording.handOver()
  assert.equal(eventsOf(recording.folder).length, 2)
})

test('a pending event is handed over after 50 ms without anybody asking', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  recording.append(result(1))
  node.clock.pass(49)
  assert.equal(eventsOf(recording.folder).length, 1)
  node.clock.pass(1)
  assert.equal(eventsOf(recording.folder).length, 2)
})

test('pending events are bounded: beyond 256 KiB they are handed over at once', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  for (let count = 0; count < 30; count += 1) recording.append(statement(count, { text: ['x'.repeat(10_000)] }))
  assert.ok(statSync(path.join(recording.folder, 'events.ndjson')).size > 256 * 1024)
})

test('a checkpoint is written every thousand events and after 30 s of a session that says something', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  for (let count = 0; count < 1000; count += 1) recording.append(result(count))
  recording.handOver()
  const seals = (): number => eventsOf(recording.folder).filter((line) => line.includes('"kind":"seal"')).length
  assert.equal(seals(), 1)
  recording.append(result(1))
  node.clock.pass(40_000)
  assert.equal(seals(), 2)
  node.clock.pass(60_000)
  assert.equal(seals(), 2)
})

test('a second recording under a taken id is refused and leaves the first as it was', async (test) => {
  const node = await startNode(scratch(test))
  await recordSession(node, FIRST)
  assert.throws(() => node.recorder.open(header(FIRST)), isCode('E_RECORDING_EXISTS'))
  assert.deepEqual(node.recorder.health(), { healthy: true })
})

const writeFaults: readonly [string, Partial<GrowingFile>][] = [
  ['a full disk', { write: () => assert.fail(systemError('ENOSPC')) }],
  ['an I/O error', { write: () => assert.fail(systemError('EIO')) }],
  ['a disk that became read-only', { write: () => assert.fail(systemError('EROFS')) }],
  ['a short write', { write: (text) => text.length - 1 }],
]

for (const [what, fault] of writeFaults) {
  test(`${what} breaks the recording for good, and the recorder takes no new session`, async (test) => {
    const { files, arm } = faulty(fault)
    const node = await startNode(scratch(test), { files })
    const recording = node.recorder.open(header())
    arm()
    recording.append(statement(1))
    assert.throws(() => recording.handOver(), isCode('E_RECORDER_WRITE'))
    assert.equal(node.failures.length, 1)
    assert.throws(() => recording.append(statement(2)), isCode('E_RECORDER_BROKEN'))
    assert.throws(() => recording.handOver(), isCode('E_RECORDER_BROKEN'))
    await assert.rejects(recording.settle(), isCode('E_RECORDER_BROKEN'))
    await assert.rejects(recording.close({ reason: 'fault' }), isCode('E_RECORDER_BROKEN'))
    assert.equal(node.recorder.health().healthy, false)
    assert.throws(() => node.recorder.open(header('s_00000000000000000002')), isCode('E_RECORDER_BROKEN'))
    assert.match(readFileSync(path.join(node.folder, 'ledger.ndjson'), 'utf8'), /"kind":"recorder.failed"/)
  })
}

test('a failed fdatasync breaks the recording for good', async (test) => {
  const { files, arm } = faulty({ datasync: () => Promise.reject(systemError('EIO')) })
  const node = await startNode(scratch(test), { files })
  const recording = node.recorder.open(header())
  arm()
  recording.append(statement(1))
  await assert.rejects(recording.settle(), isCode('E_RECORDER_WRITE'))
  assert.throws(() => recording.append(statement(2)), isCode('E_RECORDER_BROKEN'))
})

test('a write that fails in the flush timer meets the session at its next call', async (test) => {
  const { files, arm } = faulty({ write: () => assert.fail(systemError('ENOSPC')) })
  const node = await startNode(scratch(test), { files })
  const recording = node.recorder.open(header())
  recording.append(result(1))
  arm()
  node.clock.pass(50)
  assert.equal(node.failures.length, 1)
  assert.throws(() => recording.append(statement(2)), isCode('E_RECORDER_BROKEN'))
})

test(
  'the kernel’s own ENOSPC is reported and breaks the recording',
  { skip: !existsSync('/dev/full') },
  async (test) => {
    const full = (): GrowingFile => {
      const fd = openSync('/dev/full', 'w')
      return { write: (text) => writeSync(fd, text), datasync: () => Promise.resolve(), close: () => closeSync(fd) }
    }
    const create = (name: string): GrowingFile => (name.endsWith('events.ndjson') ? full() : nodeFiles.create(name))
    const node = await startNode(scratch(test), { files: { ...nodeFiles, create } })
    assert.throws(() => node.recorder.open(header()), /ENOSPC/)
    assert.equal(node.recorder.health().healthy, false)
  },
)

test('after a failure the recorder is healthy again once a probe has written, synced and read back', async (test) => {
  const { files, arm } = faulty({ write: () => assert.fail(systemError('ENOSPC')) })
  const node = await startNode(scratch(test), { files })
  const recording = node.recorder.open(header())
  arm()
  recording.append(statement(1))
  assert.throws(() => recording.handOver())
  assert.deepEqual(await node.recorder.probe(), { healthy: true })
})

test('a probe of a disk that cannot be written makes the recorder unhealthy', async (test) => {
  const create = (name: string): GrowingFile =>
    name.includes('.probe') ? assert.fail(systemError('ENOSPC')) : nodeFiles.create(name)
  const node = await startNode(scratch(test), { files: { ...nodeFiles, create } })
  assert.equal((await node.recorder.probe()).healthy, false)
  assert.throws(() => node.recorder.open(header()), isCode('E_RECORDER_BROKEN'))
})

test('a broken ledger takes the recorder with it', async (test) => {
  let armed = false
  const create = (name: string): GrowingFile => {
    const file = nodeFiles.create(name)
    const write = (bytes: Buffer): number => (armed ? assert.fail(systemError('ENOSPC')) : file.write(bytes))
    return name.endsWith('ledger.ndjson') ? { ...file, write } : file
  }
  const node = await startNode(scratch(test), { files: { ...nodeFiles, create } })
  armed = true
  assert.throws(() => node.recorder.open(header()), isCode('E_RECORDER_WRITE'))
  assert.equal(existsSync(path.join(node.folder, FIRST)), false)
  assert.equal((await node.recorder.probe()).healthy, false)
})

test('an event longer than a line may be is refused whole and the recording lives on', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  assert.throws(() => recording.append(statement(1, { text: ['x'.repeat(MAX_LINE)] })), isCode('E_RECORD_TOO_LONG'))
  recording.append(statement(2))
  await recording.close({ reason: 'client-left' })
  assert.equal((await verify(recording.folder)).ok, true)
})

test('nothing can be appended to a recording that has ended', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  const closing = recording.close({ reason: 'client-left' })
  assert.throws(() => recording.append(statement(1)), isCode('E_RECORDING_ENDED'))
  const summary = await closing
  assert.deepEqual([summary.events, summary.reason, summary.counts], [3, 'client-left', { open: 1, close: 1, seal: 1 }])
})

test('text of any script and of any length survives the way to the disk and back', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  const texts = ['é€😀', '\u0000\u001b[31m', '\ud800 alone', 'x'.repeat(300_000), '"\\\n']
  for (const [index, text] of texts.entries()) recording.append(statement(index, { text: [text] }))
  await recording.close({ reason: 'client-left' })
  const stored = eventsOf(recording.folder).map((line) => JSON.parse(line) as { text?: string[] })
  assert.deepEqual(
    stored.flatMap(({ text }) => text ?? []),
    texts,
  )
  assert.equal((await verify(recording.folder)).ok, true)
})

test('folders and files of a recording are for their owner alone', async (test) => {
  const node = await startNode(scratch(test))
  const folder = await recordSession(node, FIRST)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  for (const name of ['session.json', 'events.ndjson', 'summary.json']) {
    assert.equal(statSync(path.join(folder, name)).mode & 0o777, 0o600, name)
  }
})
