import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain } from '../../src/model/redacted.ts'
import { pauseBetween, renderEvent, renderHeader, shownText } from '../../src/recording/replay.ts'
import type { StoredEvent, StoredSession } from '../../src/recording/stored.ts'
import { visible, visibleLines } from '../../src/recording/visible.ts'

const session: StoredSession = {
  format: 'countersign.recording/1',
  session: 's_1',
  startedAt: '2026-11-22T01:02:03.000000Z',
  key: 'k',
  ledger: { seq: 0, head: '' },
  who: { person: 'alice', account: 'alice@cards', upstreamAccount: 'app' },
  origin: { address: '127.0.0.1:5', tls: null, node: 'n1' },
  resource: { target: 'cards', protocol: 'postgres', database: 'cards' },
}

const at = { seq: 1, at: '2026-11-22T01:02:03.000000Z', mono: 0, outcome: 'noted' }
const allow = { effect: 'allow', rules: [], policyVersion: 'p' }
const statement: Omit<Extract<StoredEvent, { kind: 'statement' }>, 'text'> = {
  ...at,
  kind: 'statement',
  statement: 1,
  message: 'query',
  values: [],
  verdict: allow,
}
const ended = {
  ...at,
  kind: 'result',
  statement: 1,
  end: 'done',
  sqlstate: null,
  tag: null,
  rows: 0,
  bytes: 0,
  ms: 12,
  masked: 0,
  pans: 0,
} as const

const ESC = '\u001b'

const rendered: readonly [string, StoredEvent, readonly string[]][] = [
  ['a statement', { ...statement, text: ['SELECT 1'] }, ['alice@cards=> SELECT 1']],
  [
    'a statement of two lines',
    { ...statement, text: ['SELECT\r\n\t1'] },
    ['alice@cards=> SELECT', 'alice@cards->     1'],
  ],
  [
    'a withheld literal',
    { ...statement, text: ['SELECT ', { withheld: 'number', bytes: 3 }] },
    ['alice@cards=> SELECT ‹number 3›'],
  ],
  [
    'bound values',
    { ...statement, text: ['x'], values: [null, ['a\nb']] },
    ['alice@cards=> x', '   with $1 = NULL, $2 = a\\u{a}b'],
  ],
  [
    'a denied statement',
    { ...statement, text: ['x'], verdict: { ...allow, effect: 'deny', rules: ['r'] } },
    ['alice@cards=> x', '   denied by r'],
  ],
  ['a clearing screen in a statement', { ...statement, text: [`${ESC}[2J`] }, ['alice@cards=> \\u{1b}[2J']],
  ['a typed withheld literal', { ...statement, text: ['‹number 3›'] }, ['alice@cards=> \\u{2039}number 3\\u{203a}']],
  ['a result without rows', { ...ended, tag: 'DELETE 5000' }, ['DELETE 5000 (12 ms)']],
  ['a result', { ...ended, tag: 'SELECT 3', rows: 3, masked: 6 }, ['SELECT 3 (3 rows, 12 ms, 6 cells masked)']],
  [
    'a result of one row',
    { ...ended, rows: 1, masked: 1, pans: 2 },
    ['(1 row, 12 ms, 1 cell masked, 2 card numbers caught)'],
  ],
  ['a failure', { ...ended, end: 'failed', sqlstate: '42P01' }, ['failed (SQLSTATE 42P01) (12 ms)']],
  ['a command tag with an escape', { ...ended, tag: `${ESC}]0;x\u0007` }, ['\\u{1b}]0;x\\u{7} (12 ms)']],
  [
    'a hold',
    {
      ...at,
      kind: 'hold',
      statement: 1,
      approval: 'a_1',
      digest: 'd',
      terms: [{ rule: 'r', from: ['approver', 'admin'], need: 2, withinMs: 30_000 }],
    },
    ['   held as a_1: r asks 2 of approver/admin within 30 s'],
  ],
  [
    'a ruling',
    { ...at, kind: 'ruling', statement: 1, ruling: 'refused', approval: null, by: ['bob'], reason: `no\u202e` },
    ['   refused by bob: no\\u{202e}'],
  ],
  ['rows', { ...at, kind: 'rows', statement: 1, columns: ['a', 'b'], rows: [[['1'], null]] }, [' a | b', ' 1 | ']],
  ['a notice', { ...at, kind: 'pg.notice', severity: 'NOTICE', text: `one\n${ESC}c` }, ['NOTICE:  one', '\\u{1b}c']],
  [
    'a crash',
    { ...at, kind: 'crash', torn: 5, tornHash: 'x', unknown: [3, 4] },
    [
      '-- the node died here; nobody knows whether statement 3, 4 ran; 5 bytes of a half-written line lie in events.torn',
    ],
  ],
  ['a seal', { ...at, kind: 'seal', key: 'k', signature: 's' }, []],
  [
    'an event of the future',
    { ...at, kind: 'other', name: 'pg.future' },
    ['-- pg.future (a kind of event that this version does not know)'],
  ],
]

for (const [what, event, expected] of rendered) {
  test(`a replay shows ${what}`, () => assert.deepEqual(renderEvent(event, session), expected))
}

test('the header of a replay shows names without their power over the terminal', () => {
  const line = renderHeader({ ...session, resource: { ...session.resource, database: `${ESC}[31mcards` } })
  assert.equal(
    line,
    '-- session s_1: alice on cards (postgres, database \\u{1b}[31mcards, account app) from 127.0.0.1:5, no TLS, 2026-11-22T01:02:03.000000Z',
  )
})

const hidden: readonly [string, string][] = [
  ['\u0000\u0007\b\r\n\t\u007f', '\\u{0}\\u{7}\\u{8}\\u{d}\\u{a}\\u{9}\\u{7f}'],
  ['\u0085\u009b31m', '\\u{85}\\u{9b}31m'],
  ['\u202a\u202e\u2066\u2069\u200e\u061c', '\\u{202a}\\u{202e}\\u{2066}\\u{2069}\\u{200e}\\u{61c}'],
  ['\u200b\u200d\u2060\ufeff\u00ad', '\\u{200b}\\u{200d}\\u{2060}\\u{feff}\\u{ad}'],
  ['\u00a0\u2003\u3000\u2028\u2029\u3164', '\\u{a0}\\u{2003}\\u{3000}\\u{2028}\\u{2029}\\u{3164}'],
  ['\ud800\ue000\u{e0041}', '\\u{d800}\\u{e000}\\u{e0041}'],
  ['plain é € 日本 😀', 'plain é € 日本 😀'],
]

for (const [text, expected] of hidden) {
  test(`${JSON.stringify(expected)} is how hidden characters show`, () => assert.equal(visible(text), expected))
}

test('lines keep their breaks and tabs, and a lone carriage return cannot overwrite', () => {
  assert.deepEqual(visibleLines('a\r\nb\tc\nd\re'), ['a', 'b    c', 'd\\u{d}e'])
})

test('a redacted text shows as its plain form does, but for what is hidden', () => {
  const text = ['a ', { withheld: 'pan', bytes: 16, shown: '411111******1111' }, ' b'] as const
  assert.equal(shownText(text), plain(text))
})

test('pauses follow the monotonic clock, the speed and the cap, and a crash makes none', () => {
  const before: StoredEvent = { ...ended, mono: 1_000_000 }
  const next: StoredEvent = { ...ended, mono: 5_000_000 }
  assert.equal(pauseBetween(before, next, { speed: 1, longest: 60_000 }), 4000)
  assert.equal(pauseBetween(before, next, { speed: 8, longest: 60_000 }), 500)
  assert.equal(pauseBetween(before, next, { speed: 1, longest: 100 }), 100)
  assert.equal(pauseBetween(next, before, { speed: 1, longest: 100 }), 0)
  assert.equal(
    pauseBetween(
      before,
      { ...at, mono: 9e9, kind: 'crash', torn: 0, tornHash: null, unknown: [] },
      { speed: 1, longest: 1e9 },
    ),
    0,
  )
})
