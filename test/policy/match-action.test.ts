import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ActionFacts } from '../../src/model/action-facts.ts'
import { loadPack } from '../../src/policy/load.ts'
import { actions, command, file, forward, path, shell } from './action-builders.ts'
import { facts, policyOf, request } from './builders.ts'

const caught = (effect: string, match: string, one: ActionFacts): boolean =>
  policyOf(`id: r, effect: ${effect}, match: ${match}`).matching(actions([one]))[0]?.length === 1

const rm = command({
  effects: ['file-delete'],
  program: 'rm',
  word: '/bin/rm',
  arguments: ['-rf', '/srv/data'],
  options: ['-r', '-f'],
  paths: [path('/srv/data', 'delete')],
  via: ['sudo', 'timeout'],
  account: 'root',
})
const unknownWord = command({ program: 'rm', arguments: [undefined], options: [], effects: ['file-delete'] })
const hidden = command({ program: undefined, word: undefined, effects: ['hidden'], complete: false, gaps: ['$X'] })
const elsewhere = command({ paths: [path('../x'), path('~/notes')] })

const holds: readonly [match: string, one: ActionFacts, caught: boolean][] = [
  ['{ kind: command }', rm, true],
  ['{ kind: [file, forward] }', rm, false],
  ['{ kind: shell }', shell, true],
  ['{ effect: file-delete }', rm, true],
  ['{ effect: [privilege, shell] }', rm, false],
  ['{ effect: { only: [file-delete] } }', rm, true],
  ['{ program: rm }', rm, true],
  ['{ program: "r?" }', rm, true],
  ['{ program: /bin/rm }', rm, false],
  ['{ program: rm }', hidden, true],
  ['{ program: rm }', command({ program: undefined, effects: ['output'] }), false],
  ['{ program: rm }', file(), false],
  ['{ argument: -rf }', rm, true],
  ['{ argument: "/srv/*" }', rm, true],
  ['{ argument: /etc/passwd }', unknownWord, true],
  ['{ option: -r }', rm, true],
  ['{ option: --no-preserve-root }', rm, false],
  ['{ option: -r }', unknownWord, true],
  ['{ via: sudo }', rm, true],
  ['{ via: { not: [sudo] } }', rm, false],
  ['{ runs_as: root }', rm, true],
  ['{ runs_as: root }', command(), false],
  ['{ path: "/srv/*" }', rm, true],
  ['{ path: "/etc/*" }', rm, false],
  ['{ path: "/etc/*" }', elsewhere, true],
  ['{ path: "~/*" }', command({ paths: [path('~/notes')] }), true],
  ['{ path: "/etc/*" }', command({ paths: [path('~/notes')] }), false],
  ['{ writes_path: "/srv/*" }', rm, true],
  ['{ reads_path: "/srv/*" }', rm, false],
  ['{ operation: read }', file(), true],
  ['{ operation: [write, append] }', file(), false],
  ['{ operation: read }', command(), false],
  ['{ by: [scp, rsync] }', file({ by: 'scp' }), true],
  ['{ path: "*.csv" }', file(), true],
  ['{ direction: local, port: "5432" }', forward(), true],
  ['{ host: "*.internal" }', forward(), true],
  ['{ port: "22" }', forward(), false],
  ['{ complete: false }', hidden, true],
  ['{ protocol: ssh, target: web-1 }', rm, true],
  ['{ when: \'program == "rm" && options.exists(o, o == "-r")\' }', rm, true],
  ['{ when: \'runs_as == "root" && !("sudo" in via)\' }', rm, false],
  ["{ when: 'port == 5432' }", forward(), true],
  ["{ when: 'size(tables) > 0' }", rm, false],
]

const allows: readonly [match: string, one: ActionFacts, caught: boolean][] = [
  ['{ program: [rm, ls] }', rm, true],
  ['{ program: [rm, ls] }', hidden, false],
  ['{ program: [rm, ls] }', shell, false],
  ['{ program: rm, option: -r }', rm, false],
  ['{ program: rm, option: [-r, -f] }', rm, true],
  ['{ program: rm, option: { not: [-f] } }', unknownWord, false],
  ['{ program: rm, argument: { only: ["/srv/*", "-*"] } }', rm, true],
  ['{ program: rm, argument: { only: ["/srv/*", "-*"] } }', unknownWord, false],
  ['{ kind: command, path: ["/srv/*"] }', rm, true],
  ['{ kind: command, path: ["*"] }', elsewhere, false],
  ['{ effect: [listing, system-read] }', command(), true],
  ['{ effect: [listing] }', command({ effects: ['listing', 'file-write'] }), false],
  ['{ effect: [listing] }', command({ effects: [] }), false],
]

describe('a rule that holds or denies over SSH, unknown values for any', () => {
  for (const [match, one, expected] of holds)
    test(`${match} ${expected ? 'matches' : 'spares'} ${one.kind} ${JSON.stringify(one.effects)}`, () => {
      assert.equal(caught('hold', match, one), expected)
    })
})

describe('a rule that allows over SSH, unknown values for none', () => {
  for (const [match, one, expected] of allows)
    test(`${match} ${expected ? 'matches' : 'spares'} ${one.kind} ${JSON.stringify(one.effects)}`, () => {
      assert.equal(caught('allow', match, one), expected)
    })
})

test('a rule about SQL says nothing of commands, and the other way round; one about neither says it of both', () => {
  const policy = policyOf(
    'id: sql, effect: hold, match: { table: { not: [orders] } }',
    'id: ssh, effect: hold, match: { program: { not: [ls] } }',
    'id: sql-effect, effect: hold, match: { effect: { not: [ddl] } }',
    'id: both, effect: hold, match: { complete: true }',
  )
  assert.deepEqual(policy.matching(actions([command({ program: 'cat' })])), [['t/ssh', 't/both']])
  assert.deepEqual(policy.matching(request([facts()])), [['t/sql', 't/sql-effect', 't/both']])
})

test('an effect of the same bit in the other family is another effect', () => {
  const policy = policyOf('id: r, effect: deny, match: { effect: read }')
  assert.deepEqual(policy.matching(actions([command({ effects: ['file-read'] })])), [[]])
})

test('a rule that names facts of both families can match nothing and is a broken pack', () => {
  const text = [
    'name: p',
    'rules:',
    '  - { id: r, severity: low, description: d, message: m, effect: hold, match: { program: rm, table: cards },',
    '      examples: { catches: [a], spares: [b] } }',
  ].join('\n')
  const { problems } = loadPack(text, 'p.yaml')
  assert.deepEqual(
    problems.map(({ line, message }) => `${line} ${message}`),
    ['3 rules[0].match: names facts of SQL beside facts of what is done over SSH; no statement has both'],
  )
})

test('on a card-data target a command runs because a rule says so, and nothing incomplete runs unheld', () => {
  const policy = policyOf('id: ls, effect: allow, match: { program: [ls], kind: command }')
  const ruled = (one: ActionFacts) => {
    const { effect, matches } = policy.decide(actions([one], ['cde']))
    return [effect, ...matches.map(({ rule }) => rule)]
  }
  assert.deepEqual(ruled(command()), ['allow', 't/ls'])
  assert.deepEqual(ruled(command({ program: 'cat' })), ['deny', 'floor/no-rule'])
  assert.deepEqual(ruled(command({ complete: false, gaps: ['?'] })), ['hold', 'floor/incomplete'])
  assert.deepEqual(ruled(shell), ['deny', 'floor/no-rule'])
})

test('the worst command of a line decides', () => {
  const policy = policyOf(
    'id: ls, effect: allow, match: { program: [ls] }',
    'id: rm, effect: hold, match: { program: rm }',
    'id: curl, effect: deny, match: { program: curl }',
  )
  assert.equal(policy.decide(actions([command(), rm])).effect, 'hold')
  assert.equal(policy.decide(actions([command(), rm, command({ program: 'curl' })])).effect, 'deny')
})
