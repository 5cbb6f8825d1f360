import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SESSION, world } from '../world.ts'
import { recorded, result, statement } from './recorded.ts'
import { seated } from './seat.ts'

const AT = `/sessions/${SESSION}`

/** Each would run, reorder or hide something, if it were more than text. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</pre><style>*{}</style>',
  '\u202e\u001b[2J',
]

/** A code is good once. */
let codes = 100_100
const code = (): string => String((codes += 1))

const fill = (state: { events: unknown[] }, events: readonly object[]): void => {
  state.events.splice(0, state.events.length, ...events)
}

test('whatever was recorded is text: no field of any event becomes markup', async () => {
  const { app, state } = world()
  const carol = await seated(app, 'carol')
  for (const hostile of HOSTILE) {
    fill(
      state,
      recorded(
        { kind: 'open', grant: null, credential: null, policyVersion: hostile },
        { ...statement(1, [hostile, { withheld: 'text', bytes: 3, tag: hostile }], 'hold'), message: hostile },
        {
          ...statement(2, ['x']),
          values: [[hostile], null],
          verdict: { effect: hostile, rules: [hostile], policyVersion: hostile },
        },
        {
          ...statement(3, ['x']),
          facts: [{ verbs: [hostile], tables: [hostile], classes: [hostile], complete: false, gaps: [hostile] }],
        },
        {
          kind: 'hold',
          statement: 1,
          approval: hostile,
          digest: 'd',
          terms: [{ rule: hostile, from: [hostile], need: 1, withinMs: 1000 }],
        },
        { kind: 'ruling', statement: 1, ruling: 'refused', approval: null, by: [hostile], reason: hostile },
        result(1, { tag: hostile, sqlstate: hostile, end: 'failed' }),
        result(2, { tag: hostile }),
        { kind: 'rows', statement: 1, columns: [hostile], rows: [[[hostile]]] },
        { kind: 'pg.notice', severity: hostile, sqlstate: null, text: hostile },
        { kind: 'pg.parameter', name: hostile, value: hostile },
        { kind: 'pg.notification', channel: hostile, payload: hostile },
        { kind: 'find', statement: 1, where: hostile, count: 1 },
        { kind: 'close', reason: hostile, text: hostile },
        { kind: hostile },
      ),
    )
    const text = await carol.page(`${AT}/replay`)
    for (const never of ['<script>', '<img', '</pre><style>', '\u202e', '\u001b'])
      assert.ok(!text.includes(never), never)
    assert.equal(text.match(/class="moment /g)?.length, 15)
  }
})

test('characters that lie are marked where they stand, and what was withheld is a token that no statement can type', async () => {
  const { app, state } = world()
  fill(state, recorded(statement(1, ['SELECT \u202e ', { withheld: 'text', bytes: 12, tag: 'ab12' }, ' ‹text 12›'])))
  const text = await (await seated(app, 'carol')).page(`${AT}/replay`)
  assert.match(text, /<mark title="bidi">U\+202E right-to-left override<\/mark>/)
  assert.equal(text.match(/class="token"/g)?.length, 1)
  assert.match(text, /title="withheld: text of 12 bytes; equal values have the same tag: ab12">text 12 B</)
})

test('a replay shows verdict, rules, hold, ruling, result and what was masked', async () => {
  const { app, state } = world()
  fill(
    state,
    recorded(
      statement(1, ['DELETE FROM payments'], 'hold'),
      {
        kind: 'hold',
        statement: 1,
        approval: 'a_abcdefghij01',
        digest: 'd',
        terms: [{ rule: 'pci/w', from: ['approver'], need: 2, withinMs: 900_000 }],
      },
      {
        kind: 'ruling',
        statement: 1,
        ruling: 'cleared',
        approval: 'a_abcdefghij01',
        by: ['bob', 'erin'],
        reason: 'ticket 7',
      },
      result(1, { tag: 'DELETE 3', rows: 0, ms: 12.5, masked: 4, pans: 1 }),
    ),
  )
  const text = (await (await seated(app, 'carol')).page(`${AT}/replay`)).replace(/\s+/g, ' ')
  for (const part of [
    '>held</span>',
    'pci/reads',
    'needs 2 approvers within 15 min (pci/w)',
    '>cleared</span> by <b>bob, erin</b>',
    'ticket 7',
    'DELETE 3',
    '12.5 ms',
    '4 cells masked',
    '1 card number caught',
    'href="/approvals/a_abcdefghij01"',
  ])
    assert.ok(text.includes(part), part)
})

test('a page holds so many events and no more, whatever is asked for, and leads to the next', async () => {
  const { app, state } = world()
  fill(state, recorded(...Array.from({ length: 1000 }, (_, at) => statement(at + 1, [`SELECT ${at}`]))))
  const carol = await seated(app, 'carol')
  const first = await carol.page(`${AT}/replay`)
  assert.equal(first.match(/class="moment /g)?.length, 100)
  assert.match(first, /href="\/sessions\/[^"]+\/replay\?from=100" data-later/)
  const rows = await carol.page(`${AT}/replay/rows?from=300&limit=20`)
  assert.match(rows, /<ol data-from="300" data-next="320" data-lines="1000">/)
  assert.doesNotMatch(rows, /<html|<main/)
  const most = await carol.page(`${AT}/replay/rows?from=0&limit=100000`)
  assert.equal(most.match(/class="moment /g)?.length, 100)
})

test('a link to a moment opens around it, and a number that is none opens the beginning', async () => {
  const { app, state } = world()
  fill(state, recorded(...Array.from({ length: 300 }, (_, at) => statement(at + 1, ['x']))))
  const carol = await seated(app, 'carol')
  const text = await carol.page(`${AT}/replay?at=200`)
  assert.match(text, /data-at="200"/)
  assert.match(text, /id="e185"/)
  assert.doesNotMatch(text, /id="e184"/)
  assert.match(await carol.page(`${AT}/replay?at=-1`), /id="e0"/)
})

test('a long text is cut with a way to all of it; the page of one event cuts nothing', async () => {
  const { app, state } = world()
  fill(state, recorded(statement(1, [`SELECT '${'x'.repeat(9000)}' -- the end`])))
  const carol = await seated(app, 'carol')
  const text = await carol.page(`${AT}/replay`)
  assert.doesNotMatch(text, /the end/)
  assert.match(text, /href="[^"]+\/events\/0">Show it whole<\/a>/)
  assert.match(await carol.page(`${AT}/events/0`), /the end/)
})

test('a line that is no event any more is shown as what it is', async () => {
  const { app, state } = world()
  fill(state, [{ seq: 0, kind: 'unreadable', outcome: 'unknown', bytes: 12 }])
  assert.match(await (await seated(app, 'carol')).page(`${AT}/replay`), /This line is no event any more/)
})

test('recordings are read by auditors, security and whoever it was, each time with a note; for anybody else there is none', async () => {
  const { app, state } = world()
  fill(state, recorded(statement(1, ['SELECT 1'])))
  for (const person of ['carol', 'dan', 'alice']) {
    state.asked.splice(0)
    const response = await (await seated(app, person, '100002')).get(`${AT}/replay`)
    assert.equal(response.status, 200, person)
    assert.deepEqual(
      state.asked.map(({ what, by }) => [what, by]),
      [['page', person]],
    )
  }
  state.asked.splice(0)
  for (const person of ['mallory', 'bob', 'adam'])
    for (const path of ['replay', 'replay/rows', 'events/0', 'watch', 'watch/lines', 'export']) {
      const who = await seated(app, person, code())
      assert.equal((await who.get(`${AT}/${path}`)).status, 404, `${person} ${path}`)
    }
  assert.deepEqual(state.asked, [])
})
