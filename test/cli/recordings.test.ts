import assert from 'node:assert/strict'
import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { run as exportRecording } from '../../src/cli/export.ts'
import type { Run } from '../../src/cli/io.ts'
import { run as replay } from '../../src/cli/replay.ts'
import { run as verify } from '../../src/cli/verify.ts'
import { openStore } from '../../src/store/open-store.ts'
import { scratch } from '../recording/node.ts'

// The sample is the golden recording of its format: it stays readable for ever.
const SAMPLE = path.join(import.meta.dirname, '../../recordings/sample')
const SESSION = 's_sample00000000000001'

async function call(run: Run, ...argv: string[]): Promise<{ code: number; out: string[]; err: string }> {
  let out = ''
  let err = ''
  const io = { out: (text: string) => (out += text), err: (text: string) => (err += text), isTty: false, env: {} }
  const code = await run(argv, io)
  return { code, out: out.split('\n').slice(0, -1), err }
}

const copyOfSample = (folder: string): string => {
  cpSync(SAMPLE, folder, { recursive: true })
  return folder
}

test('the sample replays as a person would have seen it', async () => {
  const { code, out } = await call(replay, path.join(SAMPLE, SESSION), '--no-wait')
  assert.equal(code, 0)
  assert.deepEqual(out.slice(1, 3), [
    'alice@cards=> SELECT id, holder, pan, cvv FROM cards LIMIT 3;',
    'SELECT 3 (3 rows, 12 ms, 6 cells masked)',
  ])
  assert.ok(out.includes('   cleared by bob: month-end clean-up, ticket OPS-7'))
  assert.equal(out.at(-1), '-- end: client-left')
})

test('a recording is found by its id below the recordings folder', async () => {
  const { code, out } = await call(replay, SESSION, '--recordings', SAMPLE, '--speed', '1e9')
  assert.deepEqual([code, out.length], [0, 20])
})

test('--json gives the lines of a recording as they stand in the file', async () => {
  const { out } = await call(replay, SESSION, '--recordings', SAMPLE, '--json')
  assert.equal(`${out.join('\n')}\n`, readFileSync(path.join(SAMPLE, SESSION, 'events.ndjson'), 'utf8'))
})

test('the sample verifies and says whose key signed it', async () => {
  const { code, out } = await call(verify, SAMPLE)
  assert.equal(code, 0)
  assert.deepEqual(out.slice(0, 2), [
    'ok: 1 recording, 17 events',
    'signed by 17cd1352a7b5ada9, key found beside the recordings',
  ])
  const pinned = await call(verify, SAMPLE, '--key', path.join(SAMPLE, 'keys/17cd1352a7b5ada9.pem'))
  assert.equal(pinned.out[1], 'signed by 17cd1352a7b5ada9, checked against the given key')
})

test('a changed recording is named and the exit code is 1, for people and for programs', async (test) => {
  const folder = copyOfSample(scratch(test))
  const file = path.join(folder, SESSION, 'events.ndjson')
  writeFileSync(file, readFileSync(file, 'utf8').replace('DELETE FROM payments', 'SELECT 1'))
  const people = await call(verify, folder)
  assert.equal(people.code, 1)
  assert.match(people.out[0] ?? '', /^s_sample00000000000001: line 6 was changed \(bytes \d+ to \d+\) \[changed\]$/)
  const programs = await call(verify, folder, '--json')
  const report = JSON.parse(programs.out[0] ?? '') as { ok: boolean; problems: { code: string; line: number }[] }
  assert.deepEqual(
    [programs.code, report.ok, report.problems[0]?.code, report.problems[0]?.line],
    [1, false, 'changed', 6],
  )
})

test('an export to a file is for its owner alone and never goes over one that is there', async (test) => {
  const file = path.join(scratch(test), 'out.html')
  const made = await call(exportRecording, path.join(SAMPLE, SESSION), '--format', 'html', '--output', file)
  assert.equal(made.code, 0)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.match(readFileSync(file, 'utf8'), /^<!doctype html>/)
  const again = await call(exportRecording, path.join(SAMPLE, SESSION), '--format', 'html', '--output', file)
  assert.deepEqual([again.code, /EEXIST/.test(again.err)], [1, true])
})

for (const format of ['jsonl', 'asciicast', 'html']) {
  test(`the sample exports as ${format}`, async () => {
    const { code, out } = await call(exportRecording, path.join(SAMPLE, SESSION), '--format', format)
    assert.equal(code, 0)
    assert.ok(out.length > 10)
  })
}

const wrong: readonly [string, Run, string[], number][] = [
  ['replay without a recording', replay, [], 2],
  ['replay of two', replay, ['a', 'b'], 2],
  ['replay at no speed', replay, [path.join(SAMPLE, SESSION), '--speed', '0'], 2],
  ['replay with an unknown option', replay, ['x', '--fast'], 2],
  ['replay of what is not there', replay, ['s_0'], 1],
  ['replay of a way out of the folder', replay, ['s_/../..'], 1],
  ['verify of nothing', verify, [], 2],
  ['verify of a folder that is not there', verify, ['/nowhere'], 1],
  ['verify with a key that is not there', verify, [SAMPLE, '--key', '/nowhere.pem'], 1],
  ['verify with a key that is no key', verify, [SAMPLE, '--key', path.join(SAMPLE, 'ledger.ndjson')], 1],
  ['export without a recording', exportRecording, [], 2],
  ['export in an unknown format', exportRecording, [path.join(SAMPLE, SESSION), '--format', 'pdf'], 2],
]

for (const [what, run, argv, expected] of wrong) {
  test(`${what} ends with ${expected} and a sentence`, async () => {
    const { code, err, out } = await call(run, ...argv)
    assert.equal(code, expected)
    assert.notEqual(err, '')
    assert.deepEqual(out, [])
  })
}

test('whoever looks at recordings of an installation on its machine is written down before they see anything', async (test) => {
  const data = scratch(test)
  const folder = copyOfSample(path.join(data, 'recordings'))
  const file = path.join(data, 'countersign.db')
  await (await openStore({ path: file, onFailure: () => undefined })).close()
  const own = path.join(folder, SESSION)
  assert.equal((await call(replay, own, '--no-wait')).code, 0)
  assert.equal((await call(exportRecording, SESSION, '--recordings', folder, '--format', 'html')).code, 0)
  assert.equal((await call(verify, folder)).code, 0)
  const store = await openStore({ path: file, onFailure: () => undefined })
  const notes = (await store.journal.take({ limit: 9 })).map(({ note }) => note)
  await store.close()
  const by = `local:${userInfo().username}`
  assert.deepEqual(
    notes.map(({ kind, origin, outcome, resource, ...note }) => [
      kind,
      note.by,
      origin,
      outcome,
      resource,
      note.detail,
    ]),
    [
      ['recording.viewed', by, 'local', 'done', `session:${SESSION}`, { command: 'replay' }],
      ['recording.exported', by, 'local', 'done', `session:${SESSION}`, { format: 'html' }],
      ['recording.verified', by, 'local', 'done', 'recordings:recordings', {}],
    ],
  )
})

test('where that cannot be written down nothing is shown', async (test) => {
  const data = scratch(test)
  const folder = copyOfSample(path.join(data, 'recordings'))
  writeFileSync(path.join(data, 'countersign.db'), 'no database at all, and far too long to be an empty one'.repeat(99))
  for (const [run, ...argv] of [
    [replay, path.join(folder, SESSION), '--no-wait'],
    [exportRecording, path.join(folder, SESSION)],
    [verify, folder],
  ] as const) {
    const { code, out, err } = await call(run, ...argv)
    assert.deepEqual([code, out], [1, []])
    assert.match(err, /looking at recordings is recorded, and this could not be/)
  }
})
