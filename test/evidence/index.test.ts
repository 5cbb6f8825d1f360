import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { openIndex } from '../../src/evidence/index-thread.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { clean, header, recordSession, result, scratch, startNode, statement } from '../recording/node.ts'

async function followed(test: TestContext) {
  const data = scratch(test)
  const node = await startNode(data)
  const troubles: string[] = []
  const start = { path: path.join(data, 'index.db'), root: node.folder }
  const open = () => openIndex({ ...start, onTrouble: (message) => troubles.push(message) })
  const index = open()
  test.after(() => index.close())
  return { data, node, index, troubles, open, file: start.path }
}

const FIRST = 's_00000000000000000001'
const SECOND = 's_00000000000000000002'

test('statements of closed and of live recordings are found, newest first, with what became of them', async (test) => {
  const { node, index } = await followed(test)
  await recordSession(node, FIRST, 2)
  const live = node.recorder.open(header(SECOND, { person: personName('bob'), target: targetName('other') }))
  live.append(
    statement(1, { text: ['DELETE FROM payments'], verdict: { effect: 'hold', rules: ['two'], policyVersion: 'x' } }),
  )
  live.append({
    kind: 'ruling',
    statement: 1,
    ruling: 'refused',
    approval: undefined,
    by: [personName('carol')],
    reason: clean('no'),
  })
  live.handOver()
  await index.refresh()
  const { value, complete } = await index.search({ from: undefined, to: undefined, limit: 10 })
  assert.equal(complete, true)
  assert.deepEqual(
    value.items.map(({ session, statement: number, person, verdict, ruling, ruledBy, end, rows, masked }) => ({
      session,
      number,
      person,
      verdict,
      ruling,
      ruledBy,
      end,
      rows,
      masked,
    })),
    [
      {
        session: SECOND,
        number: 1,
        person: 'bob',
        verdict: 'hold',
        ruling: 'refused',
        ruledBy: ['carol'],
        end: null,
        rows: 0,
        masked: 0,
      },
      {
        session: FIRST,
        number: 2,
        person: 'alice',
        verdict: 'allow',
        ruling: null,
        ruledBy: [],
        end: 'done',
        rows: 3,
        masked: 6,
      },
      {
        session: FIRST,
        number: 1,
        person: 'alice',
        verdict: 'allow',
        ruling: null,
        ruledBy: [],
        end: 'done',
        rows: 3,
        masked: 6,
      },
    ],
  )
  live.append(statement(2))
  live.handOver()
  await index.refresh()
  assert.equal(
    (await index.search({ from: undefined, to: undefined, session: live.session, limit: 10 })).value.items.length,
    2,
  )
})

const all = { from: undefined, to: undefined, limit: 100 }

test('a table, a column, a class, a verdict and a part of the text are each enough to find a statement', async (test) => {
  const { node, index } = await followed(test)
  const recording = node.recorder.open(header(FIRST))
  const facts = (tables: string[], columns: string[], classes: string[]) => [
    {
      verbs: ['select' as const],
      effects: ['read' as const],
      tables: tables.map(clean),
      columns: columns.map(clean),
      classes,
      complete: true,
      gaps: [],
    },
  ]
  recording.append(statement(1, { text: ['SELECT * FROM cards'], facts: facts(['public.cards'], [], ['pan']) }))
  recording.append(
    statement(2, { text: ['SELECT pan FROM cards'], facts: facts(['public.cards'], ['public.cards.pan'], ['pan']) }),
  )
  recording.append(statement(3, { text: ['SELECT 1 FROM my_cards'], facts: facts(['public.my_cards'], [], []) }))
  recording.append(
    statement(4, {
      text: ['TRUNCATE "x%_"'],
      facts: facts(['audit.x%_'], [], []),
      verdict: { effect: 'deny', rules: [], policyVersion: 'p' },
    }),
  )
  await recording.close({ reason: 'client-left' })
  await index.refresh()
  const numbers = async (filter: object) =>
    (await index.search({ ...all, ...filter })).value.items.map((one) => one.statement)
  assert.deepEqual(await numbers({ table: 'cards' }), [2, 1])
  assert.deepEqual(await numbers({ table: 'PUBLIC.cards' }), [2, 1])
  assert.deepEqual(await numbers({ table: 'ards' }), [])
  assert.deepEqual(await numbers({ table: 'x%_' }), [4])
  assert.deepEqual(await numbers({ table: '%' }), [])
  assert.deepEqual(await numbers({ column: 'cards.pan' }), [2, 1])
  assert.deepEqual(await numbers({ column: 'pan' }), [2, 1])
  assert.deepEqual(await numbers({ column: 'holder' }), [])
  assert.deepEqual(await numbers({ class: 'pan' }), [2, 1])
  assert.deepEqual(await numbers({ verdict: 'deny' }), [4])
  assert.deepEqual(await numbers({ text: 'from MY_c' }), [3])
  assert.deepEqual(await numbers({ text: '1' }), [3])
  assert.deepEqual(await numbers({ text: '"x%_' }), [4])
  assert.deepEqual(await numbers({ text: 'nothing OR *' }), [])
})

test('pages of a search follow each other without a gap or a repeat', async (test) => {
  const { node, index } = await followed(test)
  for (const session of [FIRST, SECOND]) {
    const recording = node.recorder.open(header(session))
    // Of the same microsecond: only session and number tell them apart.
    for (let number = 1; number <= 7; number += 1) recording.append(statement(number))
    await recording.close({ reason: 'client-left' })
  }
  await index.refresh()
  const seen: string[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { value } = await index.search({ ...all, limit: 4, cursor })
    seen.push(...value.items.map((one) => `${one.session} ${one.statement}`))
    cursor = value.next
  }
  const expected = [SECOND, FIRST].flatMap((session) => [7, 6, 5, 4, 3, 2, 1].map((number) => `${session} ${number}`))
  assert.deepEqual(seen, expected)
  const first = await index.searchSessions({ ...all, limit: 1 })
  assert.deepEqual(first.value.items, [{ session: SECOND, statements: 7 }])
  const second = await index.searchSessions({ ...all, limit: 1, cursor: first.value.next ?? undefined })
  assert.deepEqual(second.value, { items: [{ session: FIRST, statements: 7 }], next: null })
})

test('the index goes on where it stood after a restart, and is made anew where its file is lost, damaged or older', async (test) => {
  const { node, index, open, file, troubles } = await followed(test)
  await recordSession(node, FIRST, 3)
  await index.refresh()
  const before = (await index.search(all)).value
  await index.close()
  await recordSession(node, SECOND, 1)
  const harms: readonly (() => void)[] = [
    () => undefined,
    () => rmSync(file),
    () => writeFileSync(file, Buffer.alloc(8192, 'x')),
    () => writeFileSync(file, readFileSync(file).fill(0xff, 60, 64)),
  ]
  for (const harm of harms) {
    harm()
    const again = open()
    await again.refresh()
    const { items } = (await again.search(all)).value
    assert.deepEqual(
      items.filter((one) => one.session === FIRST),
      before.items,
    )
    assert.equal(items.length, 4)
    assert.equal((statSync(file).mode & 0o777).toString(8), '600')
    await again.close()
  }
  assert.deepEqual(troubles, [])
})

test('a recording that was replaced or cut is read again, and one whose folder is gone is forgotten with its texts', async (test) => {
  const { node, index, open, file } = await followed(test)
  const folder = await recordSession(node, FIRST, 3)
  const live = node.recorder.open(header(SECOND))
  live.append(statement(1, { text: ['SELECT only_here'] }))
  live.handOver()
  await index.refresh()
  await index.close()
  const events = path.join(folder, 'events.ndjson')
  writeFileSync(
    events,
    readFileSync(events, 'utf8')
      .replaceAll('holder', 'hOLDer')
      .split(/(?<=\n)/)
      .slice(0, 4)
      .join(''),
  )
  rmSync(live.folder, { recursive: true })
  const again = open()
  test.after(() => again.close())
  await again.refresh()
  const { items } = (await again.search(all)).value
  assert.deepEqual(
    items.map((one) => one.session),
    [FIRST, FIRST],
  )
  assert.match(items[0]?.text ?? '', /hOLDer/)
  await again.close()
  assert.equal(readFileSync(file).includes('only_here'), false)
})

test('lines that are none of ours stop nothing', async (test) => {
  const { node, index, troubles } = await followed(test)
  const folder = await recordSession(node, FIRST, 3)
  const events = path.join(folder, 'events.ndjson')
  const lines = readFileSync(events, 'utf8').split(/(?<=\n)/)
  lines[2] = '{"seq":2,"at":"2026-11-22T01:02:03.000000Z","mono":1,"kind":"result","statement":"1"}\n'
  lines[3] = 'rubbish\n'
  lines.push('[]\n', '{"half')
  writeFileSync(events, lines.join(''))
  await index.refresh()
  await index.refresh()
  assert.deepEqual(
    (await index.search(all)).value.items.map((one) => one.statement),
    [3, 1],
  )
  assert.deepEqual(troubles, [])
})

test('entries of the ledger are found by kind, beginning of a kind, person and period, in pages', async (test) => {
  const { node, index } = await followed(test)
  const note = (kind: string, by: string) => ({
    kind,
    by,
    at: node.clock.now(),
    origin: 'api',
    outcome: 'done',
    resource: 'person:alice',
    detail: { long: 'x'.repeat(5000) },
  })
  await node.ledger.record(note('approval.opened', 'alice'), note('approval.decided', 'bob'), note('approvals', 'bob'))
  const middle = node.clock.now() + 5
  node.clock.pass(10)
  await node.ledger.record(note('login', 'bob'))
  await index.refresh()
  const kinds = async (filter: object) => (await index.ledger({ ...all, ...filter })).value.items.map((one) => one.kind)
  assert.deepEqual(await kinds({}), ['login', 'approvals', 'approval.decided', 'approval.opened', 'node.start'])
  assert.deepEqual(await kinds({ kind: 'approval.' }), ['approval.decided', 'approval.opened'])
  assert.deepEqual(await kinds({ kind: 'approval' }), [])
  assert.deepEqual(await kinds({ by: 'bob', to: middle }), ['approvals', 'approval.decided'])
  assert.deepEqual(await kinds({ from: middle }), ['login'])
  const about = async (text: string) => (await index.ledger({ ...all, text })).value.items.length
  assert.deepEqual([await about('APPROVAL.DEC'), await about('xxxx'), await about('no such thing')], [1, 4, 0])
  const page = (await index.ledger({ ...all, limit: 2 })).value
  assert.deepEqual(await kinds({ limit: 2, cursor: page.next ?? undefined }), ['approval.decided', 'approval.opened'])
  assert.equal(String(page.items[0]?.detail['long']).length, 2001)
})

test('a page begins at a line or at a moment, and says where to go on', async (test) => {
  const { node, index } = await followed(test)
  const recording = node.recorder.open(header(FIRST))
  const start = node.clock.now()
  for (let number = 1; number <= 50; number += 1) {
    node.clock.pass(1000)
    recording.append(statement(number))
    recording.append(result(number))
  }
  await recording.close({ reason: 'client-left' })
  await index.refresh()
  const page = async (from: number | { at: number }, limit: number) => {
    const found = (await index.page({ recording: recording.session, from, limit })).value
    assert.ok(found !== undefined)
    const seqs = found.lines.map((line) => Number(/"seq":(\d+)/.exec(line)?.[1]))
    return { seqs, from: found.from, next: found.next }
  }
  assert.deepEqual(await page(0, 3), { seqs: [0, 1, 2], from: 0, next: 3 })
  assert.deepEqual(await page(102, 50), { seqs: [102, 103], from: 102, next: null })
  assert.deepEqual(await page(1000, 5), { seqs: [], from: 1000, next: null })
  // The statement of second 10 and its result are lines 19 and 20.
  assert.deepEqual(await page({ at: start + 10_500 }, 1), { seqs: [20], from: 20, next: 21 })
  assert.deepEqual(await page({ at: 0 }, 1), { seqs: [0], from: 0, next: 1 })
  assert.equal(
    (await index.page({ recording: SECOND as typeof recording.session, from: 0, limit: 1 })).value,
    undefined,
  )
  const found = (await index.find({ recording: recording.session, text: 'HOLDER', from: 97 })).value
  assert.deepEqual(
    found.items.map((place) => place.statement),
    [49, 50],
  )
})

test('bound values are found as they were recorded, and what was withheld of them is not', async (test) => {
  const { node, index } = await followed(test)
  const live = node.recorder.open(header(FIRST, { person: personName('alice'), target: targetName('cards') }))
  const withheld = { withheld: 'text', bytes: 9, tag: 'a1b2' } as const
  live.append(statement(1, { text: ['UPDATE t SET a = $1, b = $2, c = $3'], values: [['Graz ‹x›'], null, [withheld]] }))
  live.append(statement(2, { text: ['SELECT 1'] }))
  live.handOver()
  await index.refresh()
  const found = async (text: string) =>
    (await index.search({ text, from: undefined, to: undefined, limit: 10 })).value.items.map((one) => one.bound)
  const bound = '$1 = Graz \\u{2039}x\\u{203a}; $2 = NULL; $3 = ‹text 9›'
  for (const text of ['graz', 'Gr', '$2 = NULL']) assert.deepEqual(await found(text), [bound], text)
  assert.deepEqual(await found('SELECT'), [null])
  assert.deepEqual(await found('Linz'), [])
  const places = (await index.find({ recording: live.session, text: 'graz', from: 0 })).value.items
  assert.deepEqual(
    places.map(({ statement: number, excerpt }) => [number, excerpt]),
    [[1, bound]],
  )
  await live.close({ reason: 'client-left' })
  rmSync(path.join(node.folder, FIRST), { recursive: true })
  await index.refresh()
  assert.deepEqual(await found('graz'), [])
})
