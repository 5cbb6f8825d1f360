import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqlFacts } from '../../src/model/facts.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { ApprovalId, SessionId } from '../../src/model/ids.ts'
import { approvalMessage } from '../../src/notify/message.ts'

const PAN = '4111111111111111'
const FACTS: SqlFacts = {
  kind: 'sql',
  verb: 'delete',
  verbs: ['delete'],
  effects: ['write', 'unfiltered-write'],
  reads: [],
  columns: [],
  names: [],
  copy: undefined,
  filtered: false,
  writes: [
    { oid: 1, schema: 'public', name: `payments_${PAN}`, kind: 'table', classes: [], system: false, via: undefined },
  ],
  functions: [{ schema: 'x', name: `secret_${PAN}`, oids: [], builtin: false }],
  settings: [{ name: 'my.box', value: PAN, scope: 'session' }],
  classes: ['pan'],
  probes: [],
  output: { kind: 'none' },
  changesCatalog: false,
  complete: false,
  gaps: [`cannot read '${PAN}'`],
  span: { start: 0, end: 1 },
  clearLiterals: 'all',
  clearParameters: 'all',
}

const told = (message: string) =>
  approvalMessage({
    kind: 'approval.opened',
    at: 0,
    id: 'a_abcdefghij01' as ApprovalId,
    state: 'open',
    expiresAt: 60_000,
    person: personName('alice'),
    target: targetName('cards'),
    session: 's_abcdefghij0123456789' as SessionId,
    matches: [{ rule: 'pci/x', effect: 'hold', severity: 'high', message }],
    facts: [FACTS],
    publicUrl: 'https://countersign.example/',
    scrub: (text) => text.replaceAll(PAN, '411111******1111'),
  })

test('a message carries ids, names, facts and the link', () => {
  const message = told('It reaches every row.')
  assert.equal(message.link, 'https://countersign.example/approvals/a_abcdefghij01')
  assert.deepEqual(message.facts, [
    {
      verbs: ['delete'],
      effects: ['write', 'unfiltered-write'],
      tables: ['public.payments_411111??????1111'],
      classes: ['pan'],
      filtered: false,
      complete: false,
    },
  ])
})

test('a message has no place for settings, functions, gaps or card numbers', () => {
  assert.doesNotMatch(JSON.stringify(told('x')), new RegExp(`${PAN}|my\\.box|secret_|cannot read`))
})

test('nothing that looks like a host stays one, in any script, and an abbreviation stays what it is', () => {
  const said = (text: string): string | undefined => told(text).rules[0]?.message
  assert.equal(
    said('see t.co or x.com, evil.example/ok, e.g. this'),
    'see t. co or x. com, evil. example/ok, e.g. this',
  )
  assert.equal(said('evil\u3002example evil\uff0eexample evil\uff61example'), 'evil?example evil?example evil?example')
})

test('what a chat would render as markup, mention or link is plain', () => {
  const text = told('<!channel> @here [click](https://evil) *bold* `code` \u202e a_b (c)').rules[0]?.message
  assert.equal(text, '?!channel? ?here ?click?(https: //evil) ?bold? ?code? ? a_b (c)')
})
