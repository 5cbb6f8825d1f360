import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ShellStatement } from '../../../src/model/statement.ts'
import type { Report } from '../../../src/protocol/ssh/carry-report.ts'
import { believed } from '../../../src/proxy/ssh/prompt-trust.ts'

const line = (text: string): ShellStatement => ({
  ...{ kind: 'shell', text, directory: '/srv', environment: new Map(), terminal: true },
})

const told = (exported: Record<string, string>): Report => ({
  ...{ turn: 1, kind: 'told', status: 0, umask: '0022', term: 'xterm', directory: '/srv' },
  ...{ previous: undefined, stack: [], exported: new Map(Object.entries(exported)) },
})

const before = new Map([
  ['APP_CONFIG', '/etc/app'],
  ['LESSSECURE', '1'],
])

const after = (text: string, exported: Record<string, string>): Record<string, string> =>
  Object.fromEntries(believed(told(exported), line(text), (name) => before.get(name)).exported ?? [])

test('a report does not set what its line would have been held for', () => {
  const forged = { APP_CONFIG: '/tmp/rc', RIPGREP_CONFIG_PATH: '/tmp/rc', LESSSECURE: '0', TERM: 'xterm', LANG: 'C' }
  const kept = { APP_CONFIG: '/etc/app', LESSSECURE: '1', TERM: 'xterm', LANG: 'C' }
  assert.deepEqual(after("printf 'begin 1' > /tmp/tmp.x/report", forged), kept)
  assert.deepEqual(after('ls', forged), kept)
})

test('what a line sets is believed, and what it runs may set anything', () => {
  const set = { APP_CONFIG: '/srv/app', RIPGREP_CONFIG_PATH: '/srv/rc' }
  for (const text of ['export APP_CONFIG=/srv/app RIPGREP_CONFIG_PATH=/srv/rc', '. ./env.sh', 'eval "$x"'])
    assert.deepEqual(after(text, set), set, text)
})

test('what was there before stays, and may be gone', () => {
  assert.deepEqual(after('ls', { APP_CONFIG: '/etc/app' }), { APP_CONFIG: '/etc/app' })
  assert.deepEqual(after('ls', {}), {})
})
