import assert from 'node:assert/strict'
import { appendFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { toAsciicast, toHtml } from '../../src/recording/export.ts'
import { openSigner, readPublicKeys } from '../../src/recording/keys.ts'
import { readLines } from '../../src/recording/lines.ts'
import { readEvents, readPage, readSession } from '../../src/recording/reader.ts'
import { header, recordSession, scratch, startNode, statement, clean } from './node.ts'

const FIRST = 's_00000000000000000001'

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

test('lines are the same whatever the size of the pieces they come in', async (test) => {
  const file = path.join(scratch(test), 'lines')
  const texts = ['', 'a', 'b'.repeat(300_000), 'é€', 'end without newline']
  writeFileSync(file, texts.join('\n'))
  const lines = (await all(readLines(file))).flat()
  assert.deepEqual(
    lines.map(({ bytes }) => bytes.toString().replace(/\n$/, '')),
    texts,
  )
  assert.deepEqual(
    lines.map(({ offset }) => offset),
    [0, 1, 3, 300_004, 300_010],
  )
  assert.deepEqual(
    lines.map(({ complete }) => complete),
    [true, true, true, true, false],
  )
})

test('a line beyond the cap is refused before it is in memory whole', async (test) => {
  const file = path.join(scratch(test), 'lines')
  writeFileSync(file, 'x'.repeat(2_000_000))
  await assert.rejects(all(readLines(file, 1_000_000)), /longer than 1000000 bytes/)
})

test('a page of events begins at the sequence number asked for and ends at the limit', async (test) => {
  const node = await startNode(scratch(test))
  const folder = await recordSession(node, FIRST)
  const page = await readPage(folder, { from: 2, limit: 3 })
  assert.deepEqual(
    page.map(({ seq, kind }) => `${seq} ${kind}`),
    ['2 result', '3 statement', '4 result'],
  )
})

test('a live recording is read up to its last whole line', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  appendFileSync(path.join(recording.folder, 'events.ndjson'), '{"seq":1,')
  assert.equal((await all(readEvents(recording.folder))).length, 1)
})

test('a folder without a readable session.json is refused with a sentence', (test) => {
  assert.throws(() => readSession(scratch(test)), /session\.json cannot be read/)
})

test('an asciicast keeps the pauses and makes escapes harmless', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  node.clock.pass(1500)
  recording.append(statement(1, { text: ['\u001b[2J'] }))
  await recording.close({ reason: 'client-left' })
  const session = readSession(recording.folder)
  const lines = await all(toAsciicast({ session, events: readEvents(recording.folder) }))
  const [head, , shown] = lines.map((line): unknown => JSON.parse(line))
  assert.equal((head as { version: number }).version, 2)
  assert.deepEqual(shown, [1.5, 'o', 'alice@cards=> \\u{1b}[2J\r\n'])
  assert.doesNotMatch(lines.join(''), /\\u001b/)
})

test('a page of HTML holds no markup but ours and lets no script run', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header(FIRST, { database: clean('<b>&"\'') }))
  recording.append(statement(1, { text: ['</pre><script>alert(1)</script><img src=x onerror=alert(1)>'] }))
  await recording.close({ reason: 'client-left' })
  const session = readSession(recording.folder)
  const page = (await all(toHtml({ session, events: readEvents(recording.folder) }))).join('\n')
  assert.match(page, /default-src 'none'/)
  assert.match(page, /&lt;script&gt;alert\(1\)/)
  assert.doesNotMatch(page, /<script|<img|<b>/)
})

test('the signing key is made once, for its owner alone, and its public half lies beside the recordings', (test) => {
  const data = scratch(test)
  const folders = { keys: path.join(data, 'keys'), recordings: path.join(data, 'recordings') }
  const first = openSigner(folders)
  assert.equal(openSigner(folders).keyId, first.keyId)
  assert.equal(statSync(path.join(folders.keys, 'recording.pem')).mode & 0o777, 0o600)
  assert.deepEqual([...readPublicKeys(path.join(folders.recordings, 'keys')).keys()], [first.keyId])
})
