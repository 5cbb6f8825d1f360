import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { transferCommand } from '../../../src/classify/shell/transfer-command.ts'
import { scrub } from '../../../src/mask/scrub.ts'
import { scrubbedBy } from '../../../src/model/scrubbed.ts'
import { watchScp } from '../../../src/proxy/ssh/scp-files.ts'
import type { FileEvent, SessionEvent } from '../../../src/recording/event.ts'
import { systemClock } from '../../../src/std/clock.ts'

function watch(text: string) {
  const transfer = transferCommand(text)
  assert.ok(transfer?.by === 'scp')
  const events: SessionEvent[] = []
  const record = (event: SessionEvent): void => void events.push(event)
  const scp = watchScp({ transfer, statement: 7, clock: systemClock, record, scrub: scrubbedBy(scrub) })
  const files = (): FileEvent[] => events.filter((event) => event.kind === 'ssh.file')
  return { scp, events, files }
}

describe('an scp whose command was cleared', () => {
  test('leaves the name, size, hash and card numbers of each file in the recording', () => {
    const { scp, events, files } = watch('scp -t /srv/in')
    const content = 'card 4111 1111 1111 1111\n'
    scp.fromTarget(Buffer.from('\0'))
    scp.fromClient(Buffer.from(`C0644 ${content.length} 5555555555554444.txt\n`))
    scp.fromTarget(Buffer.from('\0'))
    scp.fromClient(Buffer.from(`${content}\0`))
    scp.fromTarget(Buffer.from('\0'))
    scp.end()
    const sha256 = createHash('sha256').update(content).digest('hex')
    assert.deepEqual(
      files().map(({ statement, by, operation, path: name, to, end, written }) => ({
        ...{ statement, by, operation, name, to, end, written },
      })),
      [
        {
          ...{ statement: 7, by: 'scp', operation: 'write', name: '/srv/in', to: '555555******4444.txt', end: 'done' },
          written: { bytes: content.length, sha256, whole: true, pans: 1 },
        },
      ],
    )
    assert.deepEqual(events.filter(({ kind }) => kind === 'find').length, 1)
  })

  test('that ends in the middle leaves the file as unknown', () => {
    const { scp, files } = watch('scp -f /srv/out')
    scp.fromClient(Buffer.from('\0'))
    scp.fromTarget(Buffer.from('C0644 10 out\n'))
    scp.fromClient(Buffer.from('\0'))
    scp.fromTarget(Buffer.from('abc'))
    scp.end()
    assert.deepEqual(
      files().map(({ end, read }) => [end, read?.bytes, read?.whole]),
      [['unknown', 3, false]],
    )
  })

  test('whose stream cannot be followed says so once', () => {
    const { scp, files } = watch('scp -t /srv/in')
    scp.fromClient(Buffer.from('this is no scp at all\n'))
    scp.fromClient(Buffer.from('C0644 1 a\n'))
    scp.end()
    assert.deepEqual(
      files().map(({ end, status }) => [end, status]),
      [['unknown', 'the stream is no scp that could be followed']],
    )
  })
})

describe('between two real programs', { skip: !existsSync('/usr/bin/scp') && 'there is no scp here' }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'scp-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('a tree of files is followed to its end', async () => {
    mkdirSync(path.join(folder, 'tree/sub'), { recursive: true })
    mkdirSync(path.join(folder, 'out'))
    const contents = { 'tree/a b': 'x'.repeat(100_000), 'tree/sub/empty': '', 'tree/z': 'last\n' }
    for (const [name, content] of Object.entries(contents)) writeFileSync(path.join(folder, name), content)
    const command = 'scp -r -p -t out'
    const { scp, files } = watch(command)
    const run = (args: string) =>
      spawn('/usr/bin/scp', args.split(' ').slice(1), { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
    const source = run('scp -r -p -f tree')
    const sink = run(command)
    source.stdout.on('data', (chunk: Buffer) => {
      scp.fromClient(chunk)
      sink.stdin.write(chunk)
    })
    sink.stdout.on('data', (chunk: Buffer) => {
      scp.fromTarget(chunk)
      source.stdin.write(chunk)
    })
    source.stdout.on('end', () => sink.stdin.end())
    await new Promise((resolve) => sink.on('close', resolve))
    scp.end()
    source.kill()
    const seen = new Map(
      files().map(({ to, written, end }) => [to, { end, sha256: written?.sha256, whole: written?.whole }]),
    )
    assert.deepEqual([...seen.keys()].sort(), Object.keys(contents).sort())
    for (const [name, content] of Object.entries(contents)) {
      const sha256 = createHash('sha256').update(content).digest('hex')
      assert.deepEqual(seen.get(scrubbedBy(scrub)(name)), { end: 'done', sha256, whole: true })
      assert.equal(readFileSync(path.join(folder, 'out', name), 'utf8'), content)
    }
  })
})
