import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { nodeFiles } from '../../src/recording/files.ts'
import { recover } from '../../src/recording/recover.ts'
import type { SessionRecording } from '../../src/recording/session-recording.ts'
import { verify } from '../../src/recording/verify.ts'
import { clean, fakeClock, header, linesOf, scratch, startNode, type TestNode } from './node.ts'

const SESSION = 's_00000000000000000001'
const request = { columns: 80, rows: 24, command: clean('shell'), terminal: true }

interface Begun {
  readonly node: TestNode
  readonly recording: SessionRecording
  readonly file: string
}

async function begun(context: TestContext): Promise<Begun> {
  const node = await startNode(scratch(context))
  const recording = node.recorder.open(header(SESSION, { protocol: 'ssh', database: clean('') }))
  return { node, recording, file: path.join(recording.folder, 'channel-1.cast') }
}

const eventsOf = (file: string): readonly unknown[] =>
  linesOf(file)
    .slice(1)
    .map((line) => JSON.parse(line) as unknown)

const chainOf = ({ recording }: Begun): readonly Record<string, unknown>[] =>
  linesOf(path.join(recording.folder, 'events.ndjson'))
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('output, sizes and marks stand in an asciicast file as soon as each call returns', async (context) => {
  const all = await begun(context)
  const { node, recording, file } = all
  const cast = recording.cast(1, request)
  assert.equal(existsSync(file), false)
  cast.output(Buffer.from('$ ls\r\n'))
  assert.deepEqual(JSON.parse(linesOf(file)[0] ?? ''), {
    version: 2,
    width: 80,
    height: 24,
    timestamp: Date.UTC(2026, 10, 22, 1, 2, 3) / 1000,
    command: 'shell',
    startedAt: '2026-11-22T01:02:03.000000Z',
    terminal: true,
  })
  node.clock.pass(1500)
  cast.resize(100, 30)
  cast.mark(clean('paste'))
  assert.deepEqual(eventsOf(file), [
    [0, 'o', '$ ls\r\n'],
    [1.5, 'r', '100x30'],
    [1.5, 'm', 'paste'],
  ])
  const [vouched] = chainOf(all).filter(({ kind }) => kind === 'ssh.cast')
  assert.equal(vouched?.['state'], 'begun')
  await recording.close({ reason: 'client-left' })
  assert.deepEqual((await verify(node.folder)).problems, [])
})

test('characters that a chunk cuts come whole, and bytes that are no text stand beside what they look like', async (context) => {
  const { recording, file } = await begun(context)
  const cast = recording.cast(1, request)
  const bytes = Buffer.from('日本')
  cast.output(bytes.subarray(0, 4))
  cast.output(bytes.subarray(4))
  cast.output(Buffer.from([0x61, 0xff, 0x9b, 0x31]))
  cast.output(Buffer.from([0xe6]))
  cast.close()
  assert.deepEqual(eventsOf(file), [
    [0, 'o', '日'],
    [0, 'o', '本'],
    [0, 'b', Buffer.from([0x61, 0xff, 0x9b, 0x31]).toString('base64')],
    [0, 'o', 'a\u{fffd}\u{fffd}1'],
    [0, 'b', Buffer.from([0xe6]).toString('base64')],
    [0, 'o', '\u{fffd}'],
  ])
})

test('a cast file holds no character that acts on a terminal', async (context) => {
  const { recording, file } = await begun(context)
  const hostile = '\u{1b}]52;c;eA==\u{7}\u{9b}31m\u{202e}\u{2028}\u{200b}\u{feff}\u{7f}'
  recording.cast(1, request).output(Buffer.from(hostile))
  assert.match(readFileSync(file, 'utf8'), /^[\n -~]*$/)
  assert.deepEqual(eventsOf(file), [[0, 'o', hostile]])
})

test('output without a terminal is kept up to its limit, then counted and hashed', async (context) => {
  const all = await begun(context)
  const cast = all.recording.cast(1, { ...request, terminal: false, limit: 10 })
  const whole = Buffer.from('0123456789abcdef'.repeat(1000))
  for (let at = 0; at < whole.length; at += 7) cast.output(whole.subarray(at, at + 7))
  cast.close()
  assert.deepEqual(
    eventsOf(all.file).map((event) => (event as unknown[])[2]),
    ['0123456', '789', 'from here on output is counted, and not kept'],
  )
  const last = chainOf(all).findLast(({ kind }) => kind === 'ssh.cast')
  assert.deepEqual(
    [last?.['kept'], last?.['output'], last?.['outputHash']],
    [10, 16_000, createHash('sha256').update(whole).digest('hex')],
  )
})

test('a checkpoint follows every 64 KiB and every seal', async (context) => {
  const all = await begun(context)
  const { node, recording } = all
  const cast = recording.cast(1, request)
  cast.output(Buffer.alloc(200_000, 'a'))
  cast.output(Buffer.from('b'))
  node.clock.pass(36_000)
  const states = chainOf(all).filter(({ kind }) => kind === 'ssh.cast' || kind === 'seal')
  assert.deepEqual(
    states.map(({ kind, state }) => state ?? kind),
    ['begun', 'running', 'running', 'seal'],
  )
})

/** A session with some screens in it, ended; gives the cast file. */
async function ended(context: TestContext): Promise<Begun> {
  const all = await begun(context)
  const cast = all.recording.cast(1, request)
  for (let line = 0; line < 40; line++) cast.output(Buffer.from(`${'x'.repeat(5000)} line ${line}\r\n`))
  all.recording.cast(2, request).output(Buffer.from('other'))
  await all.recording.close({ reason: 'client-left' })
  assert.deepEqual((await verify(all.node.folder)).problems, [])
  return all
}

const problemsOf = async ({ node }: Begun): Promise<readonly (readonly [string, number | undefined])[]> =>
  (await verify(node.folder)).problems.map(({ code, byte }) => [code, byte] as const)

test('verify names the stretch in which a byte of a cast file was flipped', async (context) => {
  const all = await ended(context)
  const bytes = readFileSync(all.file)
  bytes[100_000] = (bytes[100_000] ?? 0) ^ 1
  writeFileSync(all.file, bytes)
  const [found] = (await verify(all.node.folder)).problems
  assert.equal(found?.code, 'cast-changed')
  const [, from = 0, to = 0] = /between bytes (\d+) and (\d+)/.exec(found.text)?.map(Number) ?? []
  assert.ok(from <= 100_000 && to >= 100_000 && to - from < 75_000, found.text)
})

test('verify names a cast file whose tail was cut, and one that was written on', async (context) => {
  const all = await ended(context)
  appendFileSync(all.file, '[9,"o","forged"]\n')
  assert.deepEqual(
    (await problemsOf(all)).map(([code]) => code),
    ['cast-changed'],
  )
  truncateSync(all.file, 150_000)
  assert.deepEqual(await problemsOf(all), [['cast-cut', 150_000]])
})

test('verify names a cast file that was dropped, swapped or added', async (context) => {
  const all = await ended(context)
  const other = path.join(all.recording.folder, 'channel-2.cast')
  const added = path.join(all.recording.folder, 'channel-3.cast')
  writeFileSync(added, 'x')
  assert.deepEqual(
    (await problemsOf(all)).map(([code]) => code),
    ['extra-file'],
  )
  rmSync(added)
  rmSync(other)
  assert.deepEqual(
    (await problemsOf(all)).map(([code]) => code),
    ['cast-missing'],
  )
  renameSync(all.file, other)
  assert.deepEqual((await problemsOf(all)).map(([code]) => code).sort(), ['cast-changed', 'cast-missing'])
})

test('a live session with an open cast file is no problem, and one whose node was killed is ended with what was there', async (context) => {
  const data = scratch(context)
  const node = await startNode(data)
  const recording = node.recorder.open(header(SESSION, { protocol: 'ssh' }))
  recording.cast(1, request).output(Buffer.from('running\r\n'))
  recording.cast(1, request).output(Buffer.from('more'))
  const again = await startNode(data, { clock: fakeClock(Date.UTC(2026, 10, 22, 2)) })
  await recover({ ...again, files: nodeFiles }, again.unended)
  const report = await verify(again.folder)
  assert.deepEqual([report.problems, report.sessions[0]?.status], [[], 'crashed'])
  const file = path.join(recording.folder, 'channel-1.cast')
  truncateSync(file, 20)
  assert.deepEqual(
    (await verify(again.folder)).problems.map(({ code }) => code),
    ['cast-cut'],
  )
})

test('a disk that refuses a channel breaks the recording', async (context) => {
  const files = {
    ...nodeFiles,
    create: (name: string) =>
      name.endsWith('.cast') ? { ...nodeFiles.create(name), write: () => 0 } : nodeFiles.create(name),
  }
  const node = await startNode(scratch(context), { files })
  const recording = node.recorder.open(header(SESSION, { protocol: 'ssh' }))
  const cast = recording.cast(1, request)
  assert.throws(() => cast.output(Buffer.from('x')), { code: 'E_RECORDER_WRITE' })
  assert.throws(() => cast.output(Buffer.from('x')), { code: 'E_RECORDER_WRITE' })
  assert.throws(() => recording.append({ kind: 'ssh.resize', channel: 1, columns: 1, rows: 1 }), {
    code: 'E_RECORDER_BROKEN',
  })
  assert.equal(node.failures.length, 1)
})
