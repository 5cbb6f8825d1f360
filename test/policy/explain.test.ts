import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPolicy } from '../../src/policy/decide.ts'
import { explain, explainVerdict } from '../../src/policy/explain.ts'
import { actions, command, forward, path } from './action-builders.ts'
import { facts, pack, policyOf, relationUse, request } from './builders.ts'

const HOLD = 'id: w, effect: hold, match: { effect: write }, approvals: { need: 2, within: 90s, notify: [oncall] }'

test('an explanation tells verdict, rules, facts and masks', () => {
  const policy = createPolicy([
    ...policyOf(HOLD).packs,
    pack(
      'name: m\nmasks: [{ class: pan, columns: [pan], show: last4, examples: { catches: [a.pan], spares: [a.b] } }]',
    ),
  ])
  const statement = facts({
    verb: 'update',
    effects: ['write'],
    writes: [relationUse('shop.cards', { classes: ['pan'] })],
    reads: [relationUse('shop.v', { via: undefined }), relationUse('shop.t', { via: 'shop.v' })],
    classes: ['pan'],
    complete: false,
    gaps: ['no function nowhere()'],
  })
  assert.deepEqual(explain(request([statement]), policy), [
    'verdict: hold',
    '  hold  t/w (low): m',
    '  needs 2 approvers within 90s for t/w, tells oncall',
    `policy: ${policy.version}`,
    '',
    'statement 1 of 1: update',
    '  verbs        update',
    '  effects      write',
    '  reads        shop.v, shop.t through shop.v',
    '  writes       shop.cards [pan]',
    '  classes      pan',
    '  filtered     yes',
    '  output       clear',
    '  complete     no',
    '    gap        no function nowhere()',
    '  rules        t/w',
    '',
    'masks',
    '  pan          last4',
  ])
})

test('a verdict that no rule made says so', () => {
  const policy = policyOf(HOLD)
  assert.deepEqual(explainVerdict(policy.decide(request([facts()]))), [
    'verdict: allow',
    '  no rule matches',
    `policy: ${policy.version}`,
  ])
})

test('names that move a terminal or reverse what is read are shown, not obeyed', () => {
  const hostile = facts({ reads: [relationUse('shop.a\u001b[2J\u202eb\u200bc\nd')] })
  const lines = explain(request([hostile]), policyOf(HOLD))
  assert.ok(lines.includes('  reads        shop.a\\u{1b}[2J\\u{202e}b\\u{200b}c\\u{a}d'))
})

test('the value of a setting is not shown', () => {
  const set = facts({ settings: [{ name: 'my.box', value: '4111111111111111', scope: 'session' }] })
  const text = explain(request([set]), policyOf(HOLD)).join('\n')
  assert.match(text, /my\.box \(session\)/)
  assert.doesNotMatch(text, /4111/)
})

test('a command is explained by its program, its effects and its files', () => {
  const policy = policyOf('id: rm, effect: hold, match: { program: rm }')
  const rm = command({
    ...{
      program: 'rm',
      effects: ['file-delete'],
      options: ['-r'],
      via: ['sudo'],
      account: 'root',
      readsFrom: ['find'],
    },
    paths: [path('/srv', 'delete')],
  })
  assert.deepEqual(
    explain(actions([command({ complete: false, gaps: ['a reason'] }), rm, forward()]), policy).slice(4),
    [
      '',
      'command 1 of 3: ls',
      '  effects      listing',
      '  complete     no',
      '    gap        a reason',
      '',
      'command 2 of 3: rm',
      '  effects      file-delete',
      '  options      -r',
      '  paths        delete /srv',
      '  through      sudo',
      '  runs as      root',
      '  reads from   find',
      '  complete     yes',
      '  rules        t/rm',
      '',
      'statement 3 of 3: local forward of db.internal:5432',
      '  effects      network',
      '  complete     yes',
    ],
  )
})
