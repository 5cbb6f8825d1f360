import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { readPublicKey } from '../../src/recording/keys.ts'
import { sha256 } from '../../src/recording/session-file.ts'
import { verify, type Report } from '../../src/recording/verify.ts'
import { freshSigner, header, linesOf, recordSession, rewrite, scratch, startNode } from './node.ts'

const FIRST = 's_00000000000000000001'
const SECOND = 's_00000000000000000002'

interface Recorded {
  readonly root: string
  readonly first: string
  readonly second: string
}

/** A node that recorded two sessions and stopped. */
async function recorded(test: TestContext): Promise<Recorded> {
  const node = await startNode(scratch(test))
  const first = await recordSession(node, FIRST)
  const second = await recordSession(node, SECOND, 2)
  node.recorder.stop()
  await node.ledger.stop('test')
  return { root: node.folder, first, second }
}

const found = (report: Report): string[] =>
  report.problems.map(({ code, where, line }) => `${where} ${code}${line ?? ''}`)
const events = (folder: string): string => path.join(folder, 'events.ndjson')

const swap = (lines: string[], a: number, b: number): string[] => {
  const copy = [...lines]
  ;[copy[a], copy[b]] = [lines[b] ?? '', lines[a] ?? '']
  return copy
}

const flip = (file: string, offset: number, bit = 1): void => {
  const bytes = readFileSync(file)
  bytes.writeUInt8(bytes.readUInt8(offset) ^ bit, offset)
  writeFileSync(file, bytes)
}

test('an untouched folder verifies, by the key beside it and by a pinned one', async (test) => {
  const { root, first } = await recorded(test)
  const report = await verify(root)
  assert.deepEqual(found(report), [])
  assert.equal(report.ok, true)
  assert.deepEqual(
    report.sessions.map(({ status, events }) => [status, events]),
    [
      ['intact', 9],
      ['intact', 7],
    ],
  )
  const pinned = [readPublicKey(path.join(root, 'keys', `${report.keys[0] ?? ''}.pem`))]
  assert.equal((await verify(root, { pinned })).ok, true)
  assert.equal((await verify(first)).ok, true)
})

const tampered: readonly [string, (recorded: Recorded) => void, readonly string[]][] = [
  [
    'a changed event',
    ({ first }) => rewrite(events(first), (lines) => lines.with(3, (lines[3] ?? '').replace('SELECT', 'DELETE'))),
    [`${FIRST} changed4`],
  ],
  [
    'a changed link',
    ({ first }) =>
      rewrite(events(first), (lines) => lines.with(3, (lines[3] ?? '').replace(/"prev":"..../, '"prev":"ffff'))),
    [`${FIRST} changed4`],
  ],
  [
    'a changed first event',
    ({ first }) => rewrite(events(first), (lines) => lines.with(0, (lines[0] ?? '').replace('0123', '0124'))),
    [`${FIRST} changed1`],
  ],
  [
    'a changed person',
    ({ first }) => rewrite(events(first), (lines) => lines.with(2, (lines[2] ?? '').replace('"alice"', '"mallet"'))),
    [`${FIRST} changed3`, `${FIRST} changed3`],
  ],
  ['a dropped event', ({ first }) => rewrite(events(first), (lines) => lines.toSpliced(2, 1)), [`${FIRST} dropped3`]],
  [
    'a dropped first event',
    ({ first }) => rewrite(events(first), (lines) => lines.toSpliced(0, 1)),
    [`${FIRST} dropped1`],
  ],
  [
    'two reordered events',
    ({ first }) => rewrite(events(first), (lines) => swap(lines, 2, 3)),
    [`${FIRST} reordered4`],
  ],
  [
    'a duplicated event',
    ({ first }) => rewrite(events(first), (lines) => lines.toSpliced(3, 0, lines[2] ?? '')),
    [`${FIRST} duplicated4`],
  ],
  ['a cut tail', ({ first }) => rewrite(events(first), (lines) => lines.slice(0, 5)), [`${FIRST} cut`]],
  [
    'a tail cut in mid-line',
    ({ first }) => truncateSync(events(first), readFileSync(events(first)).length - 10),
    [`${FIRST} cut9`, `${FIRST} unsigned`],
  ],
  [
    'a cut tail without its summary',
    ({ first }) => {
      rewrite(events(first), (lines) => lines.slice(0, 5))
      rmSync(path.join(first, 'summary.json'))
    },
    [`${FIRST} unended`, `${FIRST} cut`],
  ],
  ['a removed summary', ({ first }) => rmSync(path.join(first, 'summary.json')), [`${FIRST} summary-missing`]],
  [
    'a changed summary',
    ({ first }) => flip(path.join(first, 'summary.json'), 60),
    [`${FIRST} summary-changed`, `${FIRST} summary-changed`],
  ],
  [
    'a blank in the summary',
    ({ first }) => rewrite(path.join(first, 'summary.json'), ([line = '']) => [line.replace(':', ': ')]),
    [`${FIRST} summary-changed`],
  ],
  [
    'a changed session.json',
    ({ first }) => rewrite(path.join(first, 'session.json'), ([line = '']) => [line.replace('psql', 'dbld')]),
    [`${FIRST} session-changed`],
  ],
  [
    'an appended event',
    ({ first }) => rewrite(events(first), (lines) => [...lines, lines[8] ?? '']),
    [`${FIRST} duplicated10`, `${FIRST} appended10`],
  ],
  [
    'a file that does not belong',
    ({ first }) => writeFileSync(path.join(first, 'notes.txt'), 'x'),
    [`${FIRST} extra-file`],
  ],
  ['a removed session', ({ second }) => rmSync(second, { recursive: true }), [`${SECOND} missing`]],
  [
    'a ledger entry changed',
    ({ root }) =>
      rewrite(path.join(root, 'ledger.ndjson'), (lines) => lines.with(2, (lines[2] ?? '').replace('alice', 'malle'))),
    ['ledger changed3'],
  ],
  [
    'a ledger entry dropped',
    ({ root }) => rewrite(path.join(root, 'ledger.ndjson'), (lines) => lines.toSpliced(3, 1)),
    ['ledger dropped4', `${FIRST} ledger-cut`],
  ],
  [
    'a ledger cut before the second session',
    ({ root }) => rewrite(path.join(root, 'ledger.ndjson'), (lines) => lines.slice(0, 4)),
    [`${SECOND} ledger-cut`],
  ],
  [
    'a ledger cut within the second session',
    ({ root }) => rewrite(path.join(root, 'ledger.ndjson'), (lines) => lines.slice(0, 5)),
    [`${SECOND} ledger-cut`],
  ],
  ['a removed ledger', ({ root }) => rmSync(path.join(root, 'ledger.ndjson')), ['ledger ledger-missing']],
]

for (const [what, tamper, expected] of tampered) {
  test(`verify names ${what}`, async (test) => {
    const folders = await recorded(test)
    tamper(folders)
    const report = await verify(folders.root)
    assert.equal(report.ok, false)
    assert.deepEqual(found(report), expected)
  })
}

test('a flip of any single bit of any file of a recording is found', async (test) => {
  const { root, first } = await recorded(test)
  for (const name of ['session.json', 'events.ndjson', 'summary.json']) {
    const file = path.join(first, name)
    const length = readFileSync(file).length
    for (let offset = 0; offset < length; offset += 41) {
      flip(file, offset)
      assert.equal((await verify(first)).ok, false, `${name} byte ${offset}`)
      flip(file, offset)
    }
    const last = length - 1
    flip(file, last)
    assert.equal((await verify(first)).ok, false, `${name} last byte`)
    flip(file, last)
  }
  assert.equal((await verify(root)).ok, true)
})

test('a flipped byte is reported with its line, and with the very byte where the line is no JSON any more', async (test) => {
  const { root, first } = await recorded(test)
  const offset = linesOf(events(first)).slice(0, 4).join('').length
  flip(events(first), offset)
  const [problem] = (await verify(root)).problems
  assert.deepEqual([problem?.code, problem?.line, problem?.byte], ['unreadable', 5, offset])
})

test('swapped event files of two sessions are named as lines of the other session', async (test) => {
  const { root, first, second } = await recorded(test)
  const spare = path.join(root, '..', 'spare')
  renameSync(events(first), spare)
  renameSync(events(second), events(first))
  renameSync(spare, events(second))
  const codes = found(await verify(root))
  assert.ok(codes.includes(`${FIRST} spliced1`), codes.join())
  assert.ok(codes.includes(`${SECOND} spliced1`), codes.join())
})

test('swapped folders of two sessions are named', async (test) => {
  const { root, first, second } = await recorded(test)
  const spare = path.join(root, '..', 'spare')
  renameSync(first, spare)
  renameSync(second, first)
  renameSync(spare, second)
  const codes = found(await verify(root))
  assert.ok(codes.includes(`${FIRST} folder`) && codes.includes(`${SECOND} folder`), codes.join())
})

test('a session that another node recorded and signed is unlisted and has no key here', async (test) => {
  const { root } = await recorded(test)
  const other = await startNode(scratch(test))
  const foreign = await recordSession(other, 's_0000000000000000000x')
  cpSync(foreign, path.join(root, 's_0000000000000000000x'), { recursive: true })
  const codes = found(await verify(root))
  assert.ok(codes.includes('s_0000000000000000000x unlisted'), codes.join())
  assert.ok(codes.includes('s_0000000000000000000x unknown-key9'), codes.join())
})

test('a pinned key refuses recordings that are sound but signed by another', async (test) => {
  const { first } = await recorded(test)
  const { root } = await recorded(test)
  const [name = ''] = (await verify(root)).keys
  const pinned = [readPublicKey(path.join(root, 'keys', `${name}.pem`))]
  const codes = found(await verify(first, { pinned }))
  assert.ok(codes.includes(`${FIRST} foreign-key9`), codes.join())
})

test('a checkpoint whose signature was replaced is named at its line', async (test) => {
  const { first } = await recorded(test)
  const forged = freshSigner().sign('anything')
  rewrite(events(first), (lines) =>
    lines.with(8, (lines[8] ?? '').replace(/"signature":"[^"]*"/, `"signature":"${forged}"`)),
  )
  assert.ok(found(await verify(first)).includes(`${FIRST} signature9`))
})

test('a chain that was rewritten from a changed event on is betrayed by its checkpoint', async (test) => {
  const { first } = await recorded(test)
  rewrite(events(first), (lines) => {
    let prev = sha256(readFileSync(path.join(first, 'session.json')))
    return lines.map((line) => {
      const next = line.replace('SELECT', 'DELETE').replace(/"prev":"[0-9a-f]*"/, `"prev":"${prev}"`)
      prev = sha256(next)
      return next
    })
  })
  assert.ok(found(await verify(first)).includes(`${FIRST} signature9`))
})

test('a session that the running node has open is no problem; elsewhere it is', async (test) => {
  const node = await startNode(scratch(test))
  const recording = node.recorder.open(header())
  const live = await verify(node.folder)
  assert.deepEqual([live.ok, live.sessions[0]?.status], [true, 'open'])
  const copy = path.join(scratch(test), FIRST)
  mkdirSync(copy)
  cpSync(recording.folder, copy, { recursive: true })
  assert.deepEqual(found(await verify(copy)), [`${FIRST} unended`])
})

test('a folder that holds nothing does not verify', async (test) => {
  assert.equal((await verify(scratch(test))).ok, false)
})
