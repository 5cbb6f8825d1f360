import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Statement } from '../../../src/model/statement.ts'
import { shop } from '../../classify/sql/shop-catalog.ts'
import {
  bind,
  bound,
  columns,
  complete,
  execute,
  noData,
  parse,
  parsed,
  POISON,
  query,
  ready,
  row,
  run,
  suspended,
  sync,
} from '../../support/builders.ts'
import { atOnce, effectOf, type Playbook } from '../../support/playbook.ts'

const textOf = (statement: Statement): string | undefined => (statement.kind === 'sql' ? statement.text : undefined)

const INSERT = 'INSERT INTO orders (id) VALUES (1)'
const DELETE = 'DELETE FROM payments'
/** Its tables hold card data: it is judged against definitions of the moment. */
const TAGGED = 'SELECT pan FROM cards'
const WIPE = 'DELETE FROM orders'
const ran = (text: string): readonly string[] => [`parse - ${text}`, 'bind - -', 'describe portal -', 'execute - 0']
const HELD = 'notice this statement is held'

/** Definitions of another epoch that change nothing of what the texts here mean. */
const moved = (book: Playbook, epoch: string): void => void (book.catalog = { ...shop, epoch })

/** An insert and an unfiltered delete in one segment: the delete waits, and the insert behind it. */
async function waiting(book: Playbook): Promise<void> {
  await book.client(run(INSERT), run(DELETE), sync)
  book.upstreamHears()
  book.clientHears(HELD)
}

test(
  'what was cleared before a wait leaves under the same clearance while nothing moves',
  atOnce(async (make) => {
    const book = make()
    await waiting(book)
    await book.approve()
    book.upstreamHears(...ran(INSERT), ...ran(DELETE), 'sync')
    assert.deepEqual([book.holds.length, book.recorded('statement').length], [1, 4])
  }),
)

test(
  'packs that forbid by then what was cleared before a wait keep it from leaving, and the countersignature is not used',
  atOnce(async (make) => {
    const book = make()
    await waiting(book)
    book.policyVersion = 'p2'
    book.effect = (facts) => (facts.verbs.includes('insert') ? 'deny' : effectOf(facts))
    await book.approve()
    book.upstreamHears('sync')
    book.clientHears('error 42501')
    assert.ok(book.log.includes('finish a_1 done'))
    assert.equal(book.recorded('ruling').at(-1)?.reason, 'not run: an earlier statement of its batch was refused')
    await book.upstream(ready())
    await book.client(query('SELECT 1'))
    book.upstreamHears('query SELECT 1')
  }),
)

test(
  'packs that hold by then what was cleared before a wait hold it, and nobody is asked twice for the rest',
  atOnce(async (make) => {
    const book = make()
    await waiting(book)
    book.effect = (facts) => (facts.verbs.includes('insert') ? 'hold' : effectOf(facts))
    moved(book, 'shop-2')
    await book.approve()
    book.upstreamHears()
    assert.equal(book.holds.length, 2)
    assert.equal(textOf(book.hold.request.statement), INSERT)
    await book.approve()
    book.upstreamHears(...ran(INSERT), ...ran(DELETE), 'sync')
    assert.equal(book.holds.length, 2)
  }),
)

test(
  'definitions that moved meanwhile and mean the same let the whole batch leave, judged anew and recorded so',
  atOnce(async (make) => {
    const book = make()
    await waiting(book)
    moved(book, 'shop-2')
    await book.approve()
    book.upstreamHears(...ran(INSERT), ...ran(DELETE), 'sync')
    assert.equal(book.holds.length, 1)
    const anew = book.recorded('ruling').filter(({ reason }) => reason.startsWith('judged anew'))
    assert.deepEqual(
      anew.map(({ statement }) => statement),
      [2],
      'the line of the insert that did not leave',
    )
    await book.upstream(parsed, bound, noData, complete('INSERT 0 1'))
    await book.upstream(parsed, bound, noData, complete('DELETE 9'), ready())
    assert.deepEqual(
      book.recorded('result').map(({ end }) => end),
      ['done', 'done'],
    )
    assert.deepEqual(book.finished, ['a_1 done completed'])
    assert.equal(book.tracking.isUnsettled, false)
  }),
)

/** Definitions move while they are looked at, as often as this. */
function moving(book: Playbook, times: number): void {
  let looks = 0
  Object.defineProperty(book, 'readable', {
    get() {
      looks += 1
      const epoch = `shop-${looks + 1}`
      if (looks <= times) queueMicrotask(() => moved(book, epoch))
      return true
    },
  })
}

test(
  'a look at the catalog that finds it moved judges again what came before, without anybody being asked',
  atOnce(async (make) => {
    const book = make()
    moving(book, 1)
    await book.client(run(INSERT), run(TAGGED), sync)
    book.upstreamHears(...ran(INSERT), ...ran(TAGGED), 'sync')
    assert.equal(book.recorded('ruling').filter(({ reason }) => reason.startsWith('judged anew')).length, 1)
    assert.equal(book.holds.length, 0)
  }),
)

test(
  'a statement that people declined is not put to them again when the batch is planned anew',
  atOnce(async (make) => {
    const book = make()
    await waiting(book)
    moved(book, 'shop-2')
    await book.deny()
    assert.equal(book.holds.length, 1)
    book.clientHears()
    book.upstreamHears(...ran(INSERT), 'parse - ' + DELETE, POISON, 'sync')
  }),
)

test(
  'a countersignature given before a second wait stands after it where all that it was given for is the same',
  atOnce(async (make) => {
    const book = make()
    await book.client(run(DELETE), run(WIPE), sync)
    await book.approve()
    assert.equal(book.holds.length, 2)
    moved(book, 'shop-2')
    await book.approve()
    book.upstreamHears(...ran(DELETE), ...ran(WIPE), 'sync')
    assert.equal(book.holds.length, 2)
    await book.upstream(parsed, bound, noData, complete('DELETE 9'))
    await book.upstream(parsed, bound, noData, complete('DELETE 9'), ready())
    assert.deepEqual(book.finished, ['a_1 done completed', 'a_2 done completed'])
  }),
)

test(
  'a countersignature whose statement means something else after a second wait is not used, and asked for again',
  atOnce(async (make) => {
    const book = make()
    await book.client(run(DELETE), run(WIPE), sync)
    await book.approve()
    const relations = shop.relations.filter((relation) => relation.name !== 'payments')
    book.catalog = { ...shop, epoch: 'shop-2', relations }
    await book.approve()
    book.upstreamHears()
    assert.equal(book.holds.length, 3)
    assert.equal(textOf(book.hold.request.statement), DELETE)
    assert.ok(book.log.includes('finish a_1 done'))
    await book.approve()
    book.upstreamHears(...ran(DELETE), ...ran(WIPE), 'sync')
    assert.equal(book.holds.length, 3)
  }),
)

test(
  'a portal of before runs and is described once, however often the batch of its Execute is planned',
  atOnce(async (make) => {
    const book = make()
    const SELECT = 'SELECT status FROM orders'
    await book.client(query('BEGIN'))
    await book.upstream(complete('BEGIN'), ready('transaction'))
    await book.client(parse(SELECT, 's'), bind('s', 'p'), sync)
    await book.upstream(parsed, bound, ready('transaction'))
    book.upstreamHears('query BEGIN', `parse s ${SELECT}`, 'bind p s', 'sync')
    await book.client(execute('p', 1), run(DELETE), sync)
    moved(book, 'shop-2')
    await book.approve()
    book.upstreamHears('describe portal p', 'execute p 1', ...ran(DELETE), 'sync')
    book.clientHears('BEGIN', 'ready transaction', 'parseComplete', 'bindComplete', 'ready transaction', HELD)
    await book.upstream(columns({ name: 'status' }), row('paid'), suspended)
    book.clientHears('row paid', 'portalSuspended')
  }),
)

test(
  'definitions that move under every try end in a refusal, and the session lives on',
  atOnce(async (make) => {
    const book = make()
    moving(book, 100)
    await book.client(run(INSERT), run(TAGGED), sync)
    book.clientHears('error 42501')
    book.upstreamHears('sync')
    await book.upstream(ready())
    book.clientHears('ready idle')
    await book.client(query('SELECT 1'))
    book.upstreamHears('query SELECT 1')
    assert.equal(book.tracking.isUnsettled, false)
  }),
)

test(
  'a session that ends while a batch waits sends nothing of it, and its countersignatures are finished unused',
  atOnce(async (make) => {
    const book = make()
    await book.client(run(DELETE), run(WIPE), sync)
    await book.approve()
    book.session.close('grant-ended', 'your access has ended')
    await book.settle()
    book.upstreamHears('terminate')
    assert.deepEqual(book.withdrawn, ['void'])
    assert.deepEqual(book.finished, ['a_1 done bound and never executed'])
    assert.ok(!book.log.some((line) => line.startsWith('upstream: execute')))
  }),
)
