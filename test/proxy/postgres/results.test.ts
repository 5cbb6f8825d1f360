import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shop } from '../../classify/sql/shop-catalog.ts'
import {
  bind,
  bound,
  columns,
  complete,
  copied,
  copiedBytes,
  copyBytes,
  copyDone,
  copyFail,
  copyIn,
  copyOut,
  describePortal,
  execute,
  failure,
  flush,
  noData,
  parameter,
  parse,
  parsed,
  query,
  ready,
  row,
  run,
  suspended,
  sync,
  type Shown,
} from '../../support/builders.ts'
import { arrivals, atOnce } from '../../support/playbook.ts'

const PAN = '4111111111111111'
const MASKED = '411111******1111'

/** A column of the shop as the server announces it. */
function origin(table: string, name: string): Shown {
  const relation = shop.relations.find((one) => one.name === table)
  const column = relation?.columns.find((one) => one.name === name)
  assert.ok(relation && column)
  return { name, tableOid: relation.oid, attnum: column.attnum, typeOid: column.typeOid }
}

const CARD = columns(origin('cards', 'pan'), origin('cards', 'cvv'))
const STATUS = columns(origin('orders', 'status'))

test(
  'cells of tagged columns are masked in what the client hears',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('SELECT pan, cvv FROM cards'))
    await book.upstream(CARD, row(PAN, '123'), row(null, null), complete('SELECT 2'), ready())
    book.clientHears('columns pan|cvv', `row ${MASKED}|***`, 'row NULL|NULL', 'SELECT 2', 'ready idle')
    assert.equal(book.recorded('result')[0]?.masked, 2)
  }),
)

test(
  'a card number where none was expected is caught and told',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('SELECT status FROM orders'))
    await book.upstream(STATUS, row(`paid with ${PAN}`), complete('SELECT 1'), ready())
    book.clientHears('columns status', `row paid with ${MASKED}`, 'SELECT 1', 'ready idle')
    assert.equal(book.recorded('find')[0]?.count, 1)
  }),
)

test(
  'a skipped Describe is asked for by us, and its answer kept from the client',
  arrivals(async (make) => {
    const book = make()
    await book.client(run('SELECT pan, cvv FROM cards'), sync)
    book.upstreamHears('parse - SELECT pan, cvv FROM cards', 'bind - -', 'describe portal -', 'execute - 0', 'sync')
    await book.upstream(parsed, bound, CARD, row(PAN, '123'), complete('SELECT 1'), ready())
    book.clientHears('parseComplete', 'bindComplete', `row ${MASKED}|***`, 'SELECT 1', 'ready idle')
  }),
)

test(
  'a Describe of the client is not asked for again',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('SELECT pan, cvv FROM cards'), bind(), describePortal(), execute(), sync)
    assert.equal(book.log.filter((line) => line === 'upstream: describe portal -').length, 1)
    await book.upstream(parsed, bound, CARD, row(PAN, '123'), complete('SELECT 1'), ready())
    book.clientHears('parseComplete', 'bindComplete', 'columns pan|cvv', `row ${MASKED}|***`, 'SELECT 1', 'ready idle')
  }),
)

test(
  'two portals with row limits keep the masks of their own columns',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('BEGIN'))
    await book.upstream(complete('BEGIN'), ready('transaction'))
    await book.client(parse('SELECT pan, cvv FROM cards', 'a'), bind('a', 'one'))
    await book.client(parse('SELECT status, id FROM orders', 'b'), bind('b', 'two'))
    await book.client(execute('one', 1), execute('two', 1), execute('one', 1), execute('two', 1), sync)
    const orders = columns(origin('orders', 'status'), origin('orders', 'id'))
    await book.upstream(parsed, bound, parsed, bound)
    await book.upstream(CARD, row(PAN, '123'), suspended, orders, row('123', '7'), suspended)
    await book.upstream(row(PAN, '456'), suspended, row('456', '8'), suspended, ready('transaction'))
    const heard = ['parseComplete', 'bindComplete', 'parseComplete', 'bindComplete']
    const first = [`row ${MASKED}|***`, 'portalSuspended', 'row 123|7', 'portalSuspended']
    const second = [`row ${MASKED}|***`, 'portalSuspended', 'row 456|8', 'portalSuspended']
    book.clientHears('BEGIN', 'ready transaction', ...heard, ...first, ...second, 'ready transaction')
  }),
)

test(
  'an error before a masked statement of a pipeline does not move its masks to another',
  arrivals(async (make) => {
    const book = make()
    await book.client(run('SELECT status, id FROM orders'), run('SELECT 1'), sync, query('SELECT pan, cvv FROM cards'))
    await book.upstream(parsed, failure('22012'), ready(), CARD, row(PAN, '123'), complete('SELECT 1'), ready())
    book.clientHears('parseComplete', 'error 22012', 'ready idle', 'columns pan|cvv', `row ${MASKED}|***`, 'SELECT 1', 'ready idle') // prettier-ignore
  }),
)

test(
  'packs that tag a column between two Executes of a portal mask it from then on',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('SELECT status FROM orders', 's'), bind('s', 'p'), execute('p', 1), flush)
    await book.upstream(parsed, bound, STATUS, row('open'), suspended)
    book.clientHears('parseComplete', 'bindComplete', 'row open', 'portalSuspended')
    const relations = shop.relations.map((relation) => ({
      ...relation,
      columns: relation.columns.map((one) => (one.name === 'status' ? { ...one, classes: ['holder'] } : one)),
    }))
    book.catalog = { ...shop, relations }
    await book.client(execute('p', 1), sync)
    await book.upstream(STATUS, row('open'), complete('SELECT 1'), ready())
    book.clientHears('row ***', 'SELECT 1', 'ready idle')
  }),
)

for (const [about, said] of [
  ['rows without a description', [row('1')]],
  ['a row with more cells than were described', [columns({ name: 'n' }), row('1', '2')]],
  ['a row with fewer cells than were described', [columns({ name: 'n' }, { name: 'm' }), row('1')]],
  ['an answer to something that was not asked', [parsed]],
  ['a COPY that was not cleared', [copyOut]],
  ['copy data outside a COPY', [columns({ name: 'n' }), copiedBytes('1\n')]],
] as const)
  test(
    `${about} ends the session, and nothing of it reaches the client`,
    arrivals(async (make) => {
      const book = make()
      await book.client(query('SELECT 1'))
      await book.upstream(...said)
      assert.equal(book.endedBecause, 'protocol-error')
      assert.equal(book.recorded('result').at(-1)?.end, 'unknown')
      assert.ok(!book.clientSocket.heard.includes(row('1')))
      assert.ok(!book.clientSocket.heard.includes(copiedBytes('1\n')))
    }),
  )

test(
  'an upstream that speaks when nothing was asked ends the session',
  arrivals(async (make) => {
    const book = make()
    await book.upstream(ready())
    assert.equal(book.endedBecause, 'protocol-error')
  }),
)

test(
  'a setting that drifts from what is pinned ends the session',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('SELECT 1'))
    await book.upstream(parameter('standard_conforming_strings', 'off'))
    assert.equal(book.endedBecause, 'settings-drift')
    book.upstreamHears('query SELECT 1', 'terminate')
  }),
)

test(
  'a setting that may change is told and recorded',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('SELECT 1'))
    await book.upstream(parameter('TimeZone', 'UTC'), columns({ name: 'n' }), row('1'), complete('SELECT 1'), ready())
    book.clientHears('parameterStatus', 'columns n', 'row 1', 'SELECT 1', 'ready idle')
    assert.equal(book.recorded('pg.parameter')[0]?.name, 'TimeZone')
  }),
)

test(
  'COPY to the client is masked cell by cell, wherever its messages are cut',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('COPY cards (id, pan) TO STDOUT'))
    await book.upstream(
      copyOut,
      copiedBytes('7\t41111111'),
      copiedBytes('11111111\n'),
      copied,
      complete('COPY 1'),
      ready(),
    )
    const all = book.clientSocket.heard.toString('latin1')
    assert.ok(all.includes(MASKED))
    assert.ok(!all.includes('11111111'))
  }),
)

test(
  'COPY from the client rides on its clearance, and data outside of one goes nowhere',
  arrivals(async (make) => {
    const book = make()
    await book.client(copyBytes('stray\n'), query('COPY orders FROM STDIN'))
    book.upstreamHears('query COPY orders FROM STDIN')
    await book.client(copyBytes('1\n'))
    book.upstreamHears()
    await book.upstream(copyIn)
    await book.client(copyBytes('2\n'), copyDone)
    book.upstreamHears('copy 1\n', 'copy 2\n', 'copyDone')
    await book.upstream(complete('COPY 2'), ready())
    await book.client(copyBytes('stray\n'), query('SELECT 1'))
    book.upstreamHears('query SELECT 1')
  }),
)

test(
  'COPY that the client gives up is told to the upstream',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('COPY orders FROM STDIN'))
    await book.upstream(copyIn)
    await book.client(copyBytes('1\n'), copyFail)
    book.upstreamHears('query COPY orders FROM STDIN', 'copy 1\n', 'copyFail')
    await book.upstream(failure('57014'), ready())
    assert.equal(book.recorded('result')[0]?.end, 'cancelled')
  }),
)

test(
  'data of a COPY that has failed goes nowhere',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('COPY orders FROM STDIN'))
    await book.upstream(copyIn, failure('22P04'), ready())
    book.upstreamHears('query COPY orders FROM STDIN')
    await book.client(copyBytes('1\n'), copyDone, query('SELECT 1'))
    book.upstreamHears('query SELECT 1')
  }),
)

test(
  'a COPY behind DDL in the same query takes its data',
  arrivals(async (make) => {
    const text = 'CREATE TABLE fresh (id int); COPY orders FROM STDIN'
    const book = make({ effect: () => 'allow' })
    await book.client(query(text))
    await book.upstream(complete('CREATE TABLE'), copyIn)
    await book.client(copyBytes('1\n'), copyDone)
    book.upstreamHears(`query ${text}`, 'copy 1\n', 'copyDone')
  }),
)

test(
  'a Sync that came before the data of an extended COPY is not answered',
  arrivals(async (make) => {
    const book = make()
    await book.client(run('COPY orders FROM STDIN'), sync)
    await book.upstream(parsed, bound, noData, copyIn)
    await book.client(copyBytes('1\n'), sync, copyDone, sync)
    await book.upstream(complete('COPY 1'), ready())
    assert.equal(book.tracking.replies.pending, 0)
    await book.client(query('SELECT 1'))
    await book.upstream(columns({ name: 'n' }), row('1'), complete('SELECT 1'), ready())
    assert.equal(book.endedBecause, undefined)
  }),
)

test(
  'an upstream that closes in the middle of a result leaves its end unknown',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('SELECT status FROM orders'))
    await book.upstream(STATUS, row('open'))
    book.upstreamSocket.hangUp()
    await book.settle()
    assert.equal(book.endedBecause, 'upstream-left')
    assert.deepEqual(
      book.recorded('result').map(({ end, rows }) => [end, rows]),
      [['unknown', 1]],
    )
    book.clientHears('columns status', 'row open', 'error 08006')
  }),
)

test(
  'a slow client stops the reading of the upstream, and memory stays bounded',
  atOnce(async (make) => {
    const book = make()
    await book.client(query('SELECT status FROM orders'))
    book.clientSocket.stall()
    await book.upstream(STATUS)
    const long = row('x'.repeat(64 * 1024))
    for (let sent = 0; sent < 64; sent += 1) await book.upstream(long)
    assert.ok(book.clientSocket.writableLength < 512 * 1024, 'what waits for the client')
    assert.ok(book.upstreamSocket.isPaused())
    book.clientSocket.drain()
    await book.settle()
    assert.ok(!book.upstreamSocket.isPaused())
    await book.upstream(complete('SELECT 64'), ready())
    assert.equal(book.recorded('result')[0]?.rows, 64)
  }),
)

test(
  'a client that reads nothing for as long as idle sessions live is ended, though its statement still runs',
  atOnce(async (make) => {
    const book = make({ idleMs: 1000 })
    await book.client(query('SELECT status FROM orders'))
    book.clientSocket.stall()
    await book.upstream(STATUS)
    for (let sent = 0; sent < 16; sent += 1) await book.upstream(row('x'.repeat(64 * 1024)))
    assert.equal(book.endedBecause, undefined)
    book.clock.advance(1001)
    await book.settle()
    // Its last ruling is waited for, though not for ever.
    book.clock.advance(2001)
    await book.settle()
    assert.equal(book.endedBecause, 'idle')
  }),
)
