import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionFacts } from '../../src/model/action-facts.ts'
import type { Statement } from '../../src/model/statement.ts'
import { statementOf } from '../../src/http/approval-view.ts'
import { ShownStatement } from '../../src/http/schemas.ts'
import { command, file, forward, path, shell } from '../policy/action-builders.ts'

const scrub = (text: string): string => text.replaceAll('4111111111111111', '411111******1111')
const shown = (statement: Statement, facts: readonly ActionFacts[]) =>
  ShownStatement.parse(statementOf({ statement, facts }, scrub))

test('a line is shown whole, with where it runs and what each command does, card numbers cut down', () => {
  const view = shown(
    {
      ...{ kind: 'shell', text: 'sudo rm -r /srv/4111111111111111', directory: '/srv/4111111111111111' },
      ...{ environment: new Map([['PAGER', 'less 4111111111111111']]), terminal: true },
    },
    [
      command({
        ...{ program: 'rm', effects: ['file-delete'], options: ['-r'], via: ['sudo'], account: 'root' },
        paths: [path('/srv/4111111111111111', 'delete')],
      }),
    ],
  )
  assert.doesNotMatch(JSON.stringify(view), /4111111111111111/)
  assert.deepEqual(view.text, ['sudo rm -r /srv/411111******1111'])
  assert.deepEqual(view.place, {
    directory: ['/srv/411111******1111'],
    environment: [{ name: 'PAGER', value: ['less 411111******1111'] }],
    terminal: true,
  })
  assert.deepEqual(view.actions, [
    {
      ...{ kind: 'command', title: 'rm', effects: ['file-delete'], options: ['-r'], complete: true, gaps: [] },
      paths: [{ path: '/srv/411111******1111', does: 'delete' }],
      ...{ through: ['sudo'], account: 'root', readsFrom: [], writesTo: [], background: false },
    },
  ])
})

test('what deceives in a line, its directory or its environment is marked and warned of', () => {
  const hidden = 'a\u202eb'
  const base = { kind: 'shell', terminal: false } as const
  const rows: readonly Statement[] = [
    { ...base, text: hidden, directory: undefined, environment: new Map() },
    { ...base, text: 'ls', directory: `/${hidden}`, environment: new Map() },
    { ...base, text: 'ls', directory: undefined, environment: new Map([['A', hidden]]) },
  ]
  for (const row of rows) assert.deepEqual(shown(row, [command()]).warnings, ['bidi'])
  assert.deepEqual(shown({ ...base, text: 'ls', directory: undefined, environment: new Map() }, []).warnings, [])
})

test('a file, a forward and a shell are shown in words', () => {
  const rows: readonly [Statement, ActionFacts, string, string][] = [
    [
      { kind: 'file', by: 'sftp', operation: 'rename', path: '/a', to: '/b', resolved: true },
      file({ operation: 'rename' }),
      'sftp: rename /a to /b',
      'sftp rename',
    ],
    [
      { kind: 'forward', direction: 'local', host: 'db', port: 5432 },
      forward({ host: 'db' }),
      'a connection through the target to db:5432',
      'local forward of db:5432',
    ],
    [
      { kind: 'open' },
      shell,
      'an interactive shell: what is typed in it is recorded, and judged by nobody',
      'an open shell',
    ],
  ]
  for (const [statement, facts, text, title] of rows) {
    const view = shown(statement, [facts])
    assert.equal(view.text.map((piece) => (typeof piece === 'string' ? piece : piece.code)).join(''), text)
    assert.equal(view.actions[0]?.title, title)
    assert.equal(view.place, null)
  }
})
