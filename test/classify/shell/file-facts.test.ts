import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileFacts } from '../../../src/classify/shell/file-facts.ts'
import { forwardFacts } from '../../../src/classify/shell/forward-facts.ts'
import type { FileOperation, FileStatement } from '../../../src/model/statement.ts'

const file = (operation: FileOperation, path: string, to?: string): FileStatement => ({
  ...{ kind: 'file', by: 'sftp', operation, path, to, resolved: true },
})

describe('a file operation', () => {
  const EFFECTS: readonly (readonly [FileStatement, string])[] = [
    [file('read', '/srv/report.csv'), 'file-read'],
    [file('write', '/srv/report.csv'), 'file-write'],
    [file('append', '/srv/report.csv'), 'file-write'],
    [file('list', '/srv'), 'listing'],
    [file('stat', '/etc/shadow'), 'listing'],
    [file('attributes', '/srv/x'), 'file-attributes'],
    [file('remove', '/srv/x'), 'file-delete'],
    [file('rename', '/srv/x', '/srv/y'), 'file-delete,file-write'],
    [file('make-directory', '/srv/d'), 'file-write'],
    [file('remove-directory', '/srv/d'), 'file-delete'],
    [file('link', '/srv/new', '/srv/old'), 'file-write,file-read'],
    [file('read', '/etc/shadow'), 'file-read,account,key'],
    [file('write', '/root/.ssh/authorized_keys'), 'file-write,key,environment'],
    [file('rename', '/tmp/x', '/etc/cron.d/x'), 'file-delete,file-write,schedule,service'],
    [file('link', '/tmp/harmless', '/etc/shadow'), 'file-write,file-read,account,key'],
  ]
  for (const [statement, effects] of EFFECTS)
    test(`${statement.operation} ${statement.path} ${statement.to ?? ''} has the effects ${effects}`, () => {
      const facts = fileFacts(statement)
      assert.equal(facts.effects.join(), effects)
      assert.equal(facts.complete, true)
    })

  test('says what is done to each of its paths', () => {
    assert.deepEqual(fileFacts(file('rename', '/a', '/b')).paths, [
      { path: '/a', absolute: true, does: 'delete' },
      { path: '/b', absolute: true, does: 'write' },
    ])
  })

  test('whose path the target did not resolve is incomplete over SFTP, and not where it is part of a command', () => {
    const facts = fileFacts({ ...file('read', '/srv/x'), resolved: false })
    assert.equal(facts.complete, false)
    assert.equal(facts.gaps.length, 1)
    assert.equal(fileFacts({ ...file('read', '~/x'), by: 'scp', resolved: false }).complete, true)
  })

  test('that climbs out of its folder is incomplete', () => {
    assert.equal(fileFacts({ ...file('read', '~/../x'), by: 'scp', resolved: false }).complete, false)
  })
})

describe('a forward', () => {
  const forward = (direction: 'local' | 'remote', host: string, port: number) =>
    forwardFacts({ kind: 'forward', direction, host, port })

  test('is a use of the network to one place', () => {
    const facts = forward('local', 'db.internal', 5432)
    assert.deepEqual(facts, {
      ...{ kind: 'forward', effects: ['network'], direction: 'local' },
      ...{ host: 'db.internal', port: 5432, complete: true, gaps: [] },
    })
    for (const host of ['10.0.0.1', '::1', 'fe80::1%eth0', 'localhost', 'my_db-1'])
      assert.equal(forward('local', host, 1).complete, true, host)
  })

  test('to what is no name, no address or no port is incomplete', () => {
    for (const host of ['', '*', 'a b', 'a\nb', '-oProxyCommand=x', '../x', 'x'.repeat(300), 'a;b'])
      assert.equal(forward('local', host, 80).complete, false, JSON.stringify(host))
    assert.equal(forward('local', 'db', 0).complete, false)
    assert.equal(forward('local', 'db', 65_536).complete, false)
  })

  test('may listen on every address of the target, and on a port of its choice', () => {
    for (const host of ['', '*', '0.0.0.0', '::', 'localhost']) assert.equal(forward('remote', host, 0).complete, true)
  })
})
