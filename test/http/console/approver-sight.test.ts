import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApprovalId } from '../../../src/model/ids.ts'
import { command } from '../../policy/action-builders.ts'
import { GRANT as HER_GRANT } from '../request-desk.ts'
import { APPROVAL, approval, hold, world } from '../world.ts'
import type { World } from '../world.ts'
import { visitor } from './visitor.ts'

const AT = `/approvals/${APPROVAL}`
const GRANT = {
  id: HER_GRANT,
  rights: 'all',
  by: 'bob',
  reason: 'customer 17 was charged twice',
  ticket: 'OPS-1017',
  expiresAt: Date.UTC(2026, 10, 22, 1),
} as const
const NOTHING = new Map<string, string>()

async function pageFor(app: World['app'], path = AT, person = 'bob'): Promise<string> {
  const browser = visitor(app)
  await browser.signIn(person)
  return (await browser.get(path)).text
}
/** That these stand on a page in this order. */
function inOrder(text: string, words: readonly string[]): void {
  const places = words.map((word) => text.indexOf(word))
  for (const [at, place] of places.entries())
    assert.ok(place > (places[at - 1] ?? -1), `${words[at] ?? ''} at ${place}`)
}

test('the page begins with who, what and why, and ends its reading with the decision; what identifies it comes last', async () => {
  const { app, state } = world()
  state.shown.set(APPROVAL, { ...hold(), grant: GRANT, soFar: { statements: 3, since: Date.UTC(2026, 10, 21) } })
  const text = await pageFor(app)
  inOrder(text, [
    'At cards, alice wants to run DELETE on public.payments',
    ...['customer 17 was charged twice', 'OPS-1017', 'Why it waits', '<pre>DELETE FROM payments</pre>'],
    ...['it may reach every row', 'Who and where', 'its locks may be held for', 'Your decision', 'For the record'],
  ])
  assert.equal(text.split('customer 17 was charged twice').length, 2, 'said once')
})

test('columns that are touched are named table by table, with what the masks call them', async () => {
  const { app, state } = world()
  const cards = { schema: 'public', table: 'cards' }
  const columns = [
    { ...cards, column: 'holder', classes: [] },
    { ...cards, column: 'pan', classes: ['pan'] },
    { schema: 'public', table: 'payments', column: 'id', classes: [] },
  ]
  state.shown.set(APPROVAL, hold('UPDATE …', { columns, filtered: true, verbs: ['update'] }))
  const text = await pageFor(app)
  assert.match(text, /<dt>Columns<\/dt>\s*<dd><span class="tag">public\.cards: holder, pan \[pan\]<\/span>/)
  assert.match(text, /<span class="tag">public\.payments: id<\/span>/)
  assert.match(text, /Filtered: its WHERE names a column\./)
  state.shown.set(APPROVAL, hold())
  assert.match(await pageFor(app), /<dt>Columns<\/dt>\s*<dd><span class="tag">none is named<\/span>/)
})

test('a held command is named by its program everywhere, and its host has an account and no schemas', async () => {
  const { app, state } = world()
  const line = { kind: 'shell', text: 'systemctl restart nginx', directory: undefined, environment: NOTHING } as const
  const facts = [command({ program: 'systemctl', effects: ['service'] })]
  const held = { ...hold(), database: '', account: 'deploy', searchPath: undefined }
  state.shown.set(APPROVAL, { ...held, statements: [{ statement: { ...line, terminal: false }, facts }] })
  const text = await pageFor(app)
  assert.match(text, /<h1>At cards, alice wants to run systemctl<\/h1>/)
  assert.match(text, /<button class="">Approve: systemctl<\/button>/)
  assert.match(text, /<dt>Account<\/dt>\s*<dd>deploy<\/dd>/)
  assert.doesNotMatch(text, /<dt>(Schemas|Transaction|Database)<\/dt>/)
  assert.match(await pageFor(app, '/approvals'), /alice: systemctl/)
})

test('comments are left out beside the whole text, and only where there are some', async () => {
  const { app, state } = world()
  assert.doesNotMatch(await pageFor(app), /The same without comments/)
  const comment = { withheld: 'comment', bytes: 12 } as const
  state.approvals.set(APPROVAL, approval({ redacted: ['DELETE FROM payments ', comment] }))
  assert.match(await pageFor(app), /The same without comments<\/h2>\s*<pre>DELETE FROM payments ‹comment 12›/)
})

test('what ended by itself is told in one sentence without a name', async () => {
  const { app, state } = world()
  const ended = { state: 'expired', settledAt: Date.UTC(2026, 10, 22), settledBy: 'system' } as const
  state.approvals.set(APPROVAL, approval({ ...ended, reason: 'nobody answered in time' }))
  const text = await pageFor(app)
  assert.match(text, /<h1>alice's statement at cards: expired<\/h1>/)
  assert.match(text, /Expired at 2026-11-22 00:00:00 UTC: nobody answered in time\./)
})

test('a reason that ends a sentence is not given a second full stop', async () => {
  const { app, state } = world()
  const [bob] = approval().eligible
  assert.ok(bob)
  const said = { ...bob, human: bob.person, kind: 'deny', reason: 'why now?', at: Date.UTC(2026, 10, 22) } as const
  state.approvals.set(APPROVAL, approval({ state: 'denied', decisions: [said] }))
  assert.match(await pageFor(app), /bob denied it at 2026-11-22 00:00:00 UTC: why now\?<\/p>/)
})

test('the inbox begins with what has the least time left, and tells of requests for access too', async () => {
  const { app, state } = world()
  const { createdAt } = approval()
  const soon = approval({ id: 'a_soon00000000' as ApprovalId, createdAt: createdAt + 1, expiresAt: createdAt + 3000 })
  state.approvals.set(soon.id, soon)
  const text = await pageFor(app, '/approvals')
  inOrder(text, [`/approvals/${soon.id}`, AT, '/scripts/x_', 'href="/access">Requests for access</a> wait'])
})

test('a folded menu tells how much waits behind it', async () => {
  const { app } = world()
  const counted = await pageFor(app, '/policies')
  const waits = [...counted.matchAll(/<span class="count">(\d+)/g)].map(([, number]) => Number(number))
  assert.ok((waits[0] ?? 0) > 0)
  assert.equal(waits[0], (waits[1] ?? 0) + (waits[2] ?? 0))
  assert.match(counted, /data-menu>\s*Menu\s*<span class="count">/)
})
