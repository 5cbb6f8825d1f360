import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personName, targetName, type ApprovalId } from '../../src/model/ids.ts'
import { scrubbedBy } from '../../src/model/scrubbed.ts'
import type { ShellStatement, Statement } from '../../src/model/statement.ts'
import type { RuleEffect } from '../../src/model/verdict.ts'
import type { SessionEvent } from '../../src/recording/event.ts'
import { createActionMatter, type ActionRequest } from '../../src/session/action-matter.ts'
import { createGuard } from '../../src/session/guard.ts'
import type { HoldRequest } from '../../src/session/holds.ts'
import type { JudgeOptions } from '../../src/session/judgement.ts'
import { Tally } from '../../src/std/tally.ts'
import { command, file, forward, path, shell } from '../policy/action-builders.ts'
import { FakeClock } from '../store/fake-clock.ts'

const scrub = scrubbedBy((text) => text.replaceAll('4111111111111111', '411111******1111'))
const LINE = 'sudo rm -r /srv/4111111111111111'
const statement: ShellStatement = {
  ...{ kind: 'shell', text: LINE, directory: '/srv', terminal: true },
  environment: new Map([
    ['LANG', 'C'],
    ['API_TOKEN', 'hush'],
  ]),
}

const classify = (one: Statement) => {
  switch (one.kind) {
    case 'shell':
      return [
        command({
          ...{ program: 'rm', via: ['sudo'], account: 'root', effects: ['file-delete', 'privilege'] },
          paths: [path('/srv/4111111111111111', 'delete')],
        }),
      ]
    case 'file':
      return [file()]
    case 'forward':
      return [forward()]
    default:
      return [shell]
  }
}

function hall(effect: RuleEffect, whileHeld?: 'moves') {
  const [events, held, clock] = [new Array<SessionEvent>(), new Array<HoldRequest>(), new FakeClock()]
  let directory = ''
  const guard = createGuard({
    principal: { person: personName('alice'), roles: ['engineer'], service: false },
    rights: 'all',
    target: { name: targetName('web-1'), protocol: 'ssh', database: '', account: 'deploy', tags: ['cde'] },
    matter: createActionMatter({
      classify,
      redact: (one) => [scrub(one.kind === 'shell' ? one.text : one.kind)],
      redactVariable: (name, value) => (name === 'API_TOKEN' ? [{ withheld: 'text', bytes: value.length }] : [value]),
      scrub,
      digest: ({ frame }) => `${Buffer.from(frame).toString('hex')}${directory}`,
    }),
    policy: () => ({
      version: 'p1',
      decide: () => ({
        effect,
        matches: [{ rule: 't/r', effect, severity: 'high', message: 'why' }],
        holds: effect === 'hold' ? [{ rule: 't/r', from: ['approver'], need: 1, withinMs: 1, notify: [] }] : [],
        policyVersion: 'p1',
      }),
    }),
    witness: {
      append: (event) => void events.push(event),
      handOver: () => undefined,
      settle: () => Promise.resolve(),
    },
    holds: {
      open: (request) => {
        held.push(request)
        if (whileHeld === 'moves') directory = '/elsewhere'
        const by = [{ person: personName('bob'), reason: undefined }]
        return Promise.resolve({
          ...{ approval: 'a_1' as ApprovalId, link: '', expiresAt: 0 },
          settled: Promise.resolve({ end: 'approved', by } as const),
        })
      },
      withdraw: () => Promise.resolve(),
      claim: () => Promise.resolve(true),
      finish: () => Promise.resolve(),
    },
    scrub,
    tally: new Tally(['allow', 'hold', 'deny']),
    now: () => clock.now(),
    after: (ms, callback) => clock.after(ms, callback),
  })
  return { guard, events, held }
}

const asking = (one: Statement): ActionRequest => ({
  ...{ frame: Buffer.from('sent'), message: 'line', transaction: 'idle', preparesOnly: false },
  statement: one,
  screen: () => undefined,
})

const options: JudgeOptions = { gone: new AbortController().signal, cancelled: new AbortController().signal }

test('a line is recorded with where it runs, its secrets and card numbers withheld, before it is cleared', async () => {
  const { guard, events } = hall('allow')
  const ruling = await guard.judge(asking(statement), options)
  assert.equal(ruling.outcome, 'cleared')
  const [intent] = events
  assert.ok(intent?.kind === 'statement')
  assert.equal(intent.message, 'line')
  assert.deepEqual(intent.text, ['sudo rm -r /srv/411111******1111'])
  assert.deepEqual(intent.place, {
    directory: '/srv',
    environment: [
      { name: 'LANG', value: ['C'] },
      { name: 'API_TOKEN', value: [{ withheld: 'text', bytes: 4 }] },
    ],
    terminal: true,
  })
  assert.deepEqual(intent.facts, [
    {
      kind: 'command',
      effects: ['file-delete', 'privilege'],
      complete: true,
      gaps: [],
      programs: ['sudo', 'rm'],
      account: 'root',
      paths: [{ path: '/srv/411111******1111', does: 'delete' }],
    },
  ])
})

test('a file, a forward and a shell are recorded as what they are, without a place', () => {
  const { guard, events } = hall('allow')
  const rows: readonly Statement[] = [
    { kind: 'file', by: 'sftp', operation: 'read', path: '/srv/export.csv', to: undefined, resolved: true },
    { kind: 'forward', direction: 'local', host: 'db.internal', port: 5432 },
    { kind: 'open' },
  ]
  for (const one of rows) void guard.judge(asking(one), options)
  const intents = events.filter((event) => event.kind === 'statement')
  assert.deepEqual(
    intents.map(({ facts, place }) => [facts.map((one) => ('kind' in one ? one.kind : 'sql')), place]),
    [
      [['file'], undefined],
      [['forward'], undefined],
      [['shell'], undefined],
    ],
  )
})

test('a held line runs after a countersignature, and is void where what it was given for has changed', async () => {
  const good = hall('hold')
  assert.equal((await good.guard.judge(asking(statement), options)).outcome, 'cleared')
  assert.equal(good.held[0]?.statement, statement)
  const moved = hall('hold', 'moves')
  const ruling = await moved.guard.judge(asking(statement), options)
  assert.equal(ruling.outcome === 'refused' && ruling.kind, 'void')
})
