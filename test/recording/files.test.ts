import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionEffect } from '../../src/model/action-facts.ts'
import type { FileEvent, ForwardEvent, StatementEvent } from '../../src/recording/event.ts'
import { createChainFile } from '../../src/recording/chain-file.ts'
import { LineWriter, Second, Stamp } from '../../src/recording/line.ts'
import { nodeFiles } from '../../src/recording/files.ts'
import { Notables } from '../../src/recording/notable.ts'
import { recover } from '../../src/recording/recover.ts'
import { fileLine, forwardLine } from '../../src/recording/replay-files.ts'
import { StoredEvent } from '../../src/recording/stored.ts'
import { verify } from '../../src/recording/verify.ts'
import { clean, header, scratch, startNode, statement } from './node.ts'

const HASH = 'a'.repeat(64)
const file = (more: Partial<FileEvent> = {}): FileEvent => ({
  ...{ kind: 'ssh.file', statement: 3, by: 'sftp', operation: 'read', path: clean('/srv/a\u202e.csv'), to: undefined },
  ...{
    end: 'done',
    status: undefined,
    read: { bytes: 10, sha256: HASH, whole: true, pans: 2 },
    written: undefined,
    ms: 4,
  },
  ...more,
})
const forward = (more: Partial<ForwardEvent> = {}): ForwardEvent => ({
  ...{ kind: 'ssh.forward', statement: 4, direction: 'local', state: 'ended', host: clean('db'), port: 5432 },
  ...{ from: clean('127.0.0.1:1'), bytesIn: 1, bytesOut: 2, ms: 3, reason: undefined, ...more },
})

function stored(event: FileEvent | ForwardEvent) {
  let written = ''
  const write = (bytes: Buffer): number => {
    written += bytes.toString()
    return bytes.length
  }
  const file = { write, datasync: () => Promise.resolve(), close: () => undefined }
  const chain = createChainFile({ file, head: { seq: 0, hash: HASH }, onBroken: () => undefined })
  new LineWriter('"session":"s"').write(event, new Stamp(new Second(1_767_225_600), 0, 1), chain)
  chain.handOver()
  return StoredEvent.parse(JSON.parse(written))
}

test('a file is read back as it was written, and shown in one line that moves no text', () => {
  const event = stored(file())
  assert.ok(event.kind === 'ssh.file')
  assert.deepEqual(event.read, { bytes: 10, sha256: HASH, whole: true, pans: 2 })
  assert.deepEqual([event.outcome, event.written, event.to], ['executed', null, null])
  const line = fileLine(event)
  assert.match(line, /sftp read .*, downloaded 10 bytes, SHA-256 a{64}, 2 card number/)
  assert.ok(!line.includes('\u202e'))
})

test('a file whose content went out of order, or that failed, says so', () => {
  const part = stored(file({ read: { bytes: 5, sha256: undefined, whole: false, pans: 0 } }))
  assert.ok(part.kind === 'ssh.file')
  assert.match(fileLine(part), /downloaded 5 bytes of it, SHA-256 unknown: not in order$/)
  const failed = stored(
    file({ operation: 'rename', to: clean('/b'), end: 'failed', status: clean('permission denied'), read: undefined }),
  )
  assert.ok(failed.kind === 'ssh.file')
  assert.equal(failed.outcome, 'failed')
  assert.match(fileLine(failed), /-> \/b, failed \(permission denied\)$/)
})

test('a forward is read back with its counts', () => {
  const event = stored(forward({ reason: clean('the session ended') }))
  assert.ok(event.kind === 'ssh.forward')
  assert.equal(
    forwardLine(event).trim(),
    'local forward db:5432 from 127.0.0.1:1 ended, 1 bytes from the target, 2 to it (the session ended)',
  )
  assert.equal(stored(forward({ state: 'failed' })).outcome, 'failed')
})

test('after a crash what ended is not among what nobody knows', async (context) => {
  const data = scratch(context)
  const node = await startNode(data)
  const recording = node.recorder.open(header(undefined, { protocol: 'ssh', database: clean('') }))
  for (const number of [3, 4, 5, 6]) recording.append(statement(number, { message: 'sftp' }))
  recording.append(file())
  recording.append(forward())
  recording.append(file({ statement: 5, by: 'scp' }))
  recording.append(file({ statement: undefined, end: 'failed' }))
  recording.handOver()
  const again = await startNode(data)
  const [recovered] = await recover({ ...again, files: nodeFiles }, again.unended)
  assert.deepEqual(recovered?.unknown, [5, 6])
  assert.deepEqual((await verify(again.folder)).problems, [])
})

test('what a transfer changed of accounts, keys or the like is a line of the ledger, and what it only read is none', () => {
  const facts = (effects: readonly ActionEffect[]): Partial<StatementEvent> => ({
    facts: [{ kind: 'file', effects, programs: [], paths: [], complete: true, gaps: [] }],
  })
  const notables = new Notables()
  notables.see(statement(3, facts(['file-write', 'key'])))
  assert.deepEqual(notables.see(file({ operation: 'write', path: clean('/root/.ssh/authorized_keys') })), {
    kind: 'privileges.changed',
    outcome: 'executed',
    detail: {
      ...{ statement: 3, effects: ['file-write', 'key'], operation: 'write', path: '/root/.ssh/authorized_keys' },
    },
  })
  notables.see(statement(5, facts(['file-read', 'key'])))
  assert.equal(notables.see(file({ statement: 5 })), undefined)
})
