import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shop } from '../../classify/sql/shop-catalog.ts'
import {
  bind,
  bound,
  columns,
  complete,
  describePortal,
  execute,
  flush,
  noData,
  parse,
  parsed,
  query,
  ready,
  row,
  run,
  suspended,
  sync,
  terminate,
} from '../../support/builders.ts'
import { arrivals, type Playbook } from '../../support/playbook.ts'

const DELETE = 'DELETE FROM payments'
const HELD = 'notice this statement is held'

async function held(book: Playbook): Promise<void> {
  await book.client(query(DELETE))
  book.upstreamHears()
  book.clientHears(HELD)
}

test(
  'an approved statement is sent once and unchanged, and its approval is finished with its result',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    await book.approve()
    book.upstreamHears(`query ${DELETE}`)
    await book.upstream(complete('DELETE 5000'), ready())
    book.clientHears('DELETE 5000', 'ready idle')
    assert.deepEqual(book.finished, ['a_1 done completed'])
    assert.equal(book.upstreamSocket.heard.length, query(DELETE).length)
    assert.deepEqual(book.upstreamSocket.heard, query(DELETE))
  }),
)

test(
  'a declined statement is refused with the reason, and the session lives on',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    await book.deny()
    book.upstreamHears()
    book.clientHears('error 42501', 'ready idle')
    await book.client(query('SELECT 1'))
    book.upstreamHears('query SELECT 1')
  }),
)

test(
  'a hold that expires is refused',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    book.hold.settled.resolve({ end: 'expired', reason: 'nobody answered' })
    await book.settle()
    book.upstreamHears()
    book.clientHears('error 42501', 'ready idle')
  }),
)

test(
  'what lies behind a hold stays unsent until it ends',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    await book.client(query('SELECT 1'), query('SELECT 2'))
    book.upstreamHears()
    await book.deny()
    book.upstreamHears('query SELECT 1', 'query SELECT 2')
    book.clientHears('error 42501', 'ready idle')
  }),
)

test(
  'a client that says goodbye while its statement waits makes the hold void',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    await book.client(terminate)
    assert.deepEqual(book.withdrawn, ['void'])
    book.upstreamHears('terminate')
    assert.equal(book.endedBecause, 'client-left')
  }),
)

test(
  'a client that hangs up with bytes unread makes the hold void',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    await book.client(query('SELECT 1'))
    book.clientSocket.hangUp()
    await book.settle()
    assert.deepEqual(book.withdrawn, ['void'])
    assert.equal(book.endedBecause, 'client-left')
  }),
)

test(
  'a client that sends garbage behind a held statement makes the hold void and ends its session',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    await book.client(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    assert.deepEqual(book.withdrawn, ['void'])
    book.upstreamHears('terminate')
    assert.equal(book.endedBecause, 'protocol-error')
  }),
)

test(
  'an approval that comes after the client left runs nothing',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    book.clientSocket.hangUp()
    await book.settle()
    await book.approve()
    assert.ok(!book.log.includes(`upstream: query ${DELETE}`))
  }),
)

test(
  'a cancel withdraws what waits and cancels nothing at the upstream',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    await book.session.cancel()
    await book.settle()
    assert.deepEqual(book.withdrawn, ['withdrawn'])
    assert.deepEqual(book.cancels, [])
    book.clientHears('error 57014', 'ready idle')
  }),
)

test(
  'a cancel reaches the upstream once the statement was approved and runs',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    await book.approve()
    await book.session.cancel()
    assert.deepEqual(book.cancels, ['cancel'])
    assert.deepEqual(book.withdrawn, [])
  }),
)

test(
  'a cancel while nothing waits and nothing runs asks the upstream for nothing',
  arrivals(async (make) => {
    const book = make()
    await book.session.cancel()
    await book.client(query('SELECT 1'))
    await book.session.cancel()
    assert.deepEqual(book.cancels, ['cancel'])
    await book.upstream(complete('SELECT 1'), ready())
    await book.session.cancel()
    assert.deepEqual(book.cancels, ['cancel'])
  }),
)

test(
  'an earlier cancel does not withdraw a later hold',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    await book.session.cancel()
    await book.settle()
    book.clientHears('error 57014', 'ready idle')
    await held(book)
    assert.deepEqual(book.withdrawn, ['withdrawn'])
    await book.approve()
    book.upstreamHears(`query ${DELETE}`)
  }),
)

test(
  'a hold inside a pipeline flushes what came before it',
  arrivals(async (make) => {
    const book = make()
    await book.client(run('SELECT 1'))
    book.upstreamHears('parse - SELECT 1', 'bind - -', 'describe portal -', 'execute - 0')
    await book.client(parse(DELETE), bind(), execute(), sync)
    book.upstreamHears(
      ...(book.holds.length === 0
        ? ['nothing is held']
        : book.log.includes(`upstream: parse - ${DELETE}`)
          ? [`parse - ${DELETE}`, 'flush']
          : ['flush']),
    )
    await book.upstream(parsed, bound, columns({ name: 'n' }), row('1'), complete('SELECT 1'))
    book.clientHears(HELD, 'parseComplete', 'bindComplete', 'row 1', 'SELECT 1')
    await book.approve()
    assert.equal(book.log.filter((line) => line === 'upstream: execute - 0').length, 2)
  }),
)

test(
  'a hold at Bind is finished with the first Execute and with no other',
  arrivals(async (make) => {
    const book = make({ effect: (facts) => (facts.verbs.includes('select') ? 'hold' : 'allow') })
    await book.client(parse('SELECT id FROM orders', 's'), bind('s', 'p'), describePortal('p'), execute('p', 1), flush)
    await book.approve()
    await book.upstream(parsed, bound, columns({ name: 'id' }), row('1'), suspended)
    assert.deepEqual(book.finished, ['a_1 done suspended after the rows that were asked for'])
    await book.client(execute('p', 1), sync)
    await book.upstream(row('2'), complete('SELECT 1'), ready())
    assert.equal(book.finished.length, 1)
    assert.equal(book.holds.length, 1)
    assert.equal(book.recorded('statement').length, 3)
  }),
)

test(
  'an approval that was given and never executed is finished when the session ends',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse(DELETE), bind(), flush)
    await book.approve()
    await book.client(terminate)
    assert.deepEqual(book.finished, ['a_1 done bound and never executed'])
  }),
)

test(
  'an approval whose outcome never came is unknown',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    await book.approve()
    book.upstreamSocket.hangUp()
    await book.settle()
    assert.deepEqual(book.finished, ['a_1 unknown the connection ended before the target answered'])
    assert.equal(book.recorded('result').at(-1)?.end, 'unknown')
  }),
)

test(
  'packs that ask for more people while a statement waits make the approval void',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    book.policyVersion = 'p2'
    book.effect = () => 'allow'
    await book.approve()
    book.upstreamHears()
    book.clientHears('error 42501', 'ready idle')
  }),
)

test(
  'an approval is void when the catalog that it was given under means something else by now',
  arrivals(async (make) => {
    const book = make()
    await held(book)
    const payments = shop.relations.filter((relation) => relation.name !== 'payments')
    book.catalog = { ...shop, epoch: 'shop-2', relations: payments }
    await book.approve()
    book.upstreamHears()
    book.clientHears('error 42501', 'ready idle')
    assert.deepEqual(book.withdrawn, ['void'])
  }),
)

test(
  'an approval that cannot be claimed runs nothing',
  arrivals(async (make) => {
    const book = make()
    book.claimable = false
    await held(book)
    await book.approve()
    book.upstreamHears()
    book.clientHears('error 42501', 'ready idle')
  }),
)

test(
  'the client hears again and again that its statement waits, and nothing once it is over',
  arrivals(async (make) => {
    const book = make({ idleMs: 600_000 })
    await held(book)
    book.clock.advance(30_000)
    await book.settle()
    book.clientHears(HELD)
    await book.deny()
    book.clientHears('error 42501', 'ready idle')
    book.clock.advance(30_000)
    await book.settle()
    book.clientHears()
  }),
)

test(
  'neither a held nor a running statement is idle',
  arrivals(async (make) => {
    const book = make({ idleMs: 1000 })
    await held(book)
    book.clock.advance(5000)
    await book.settle()
    assert.equal(book.endedBecause, undefined)
    await book.approve()
    book.clock.advance(5000)
    await book.settle()
    assert.equal(book.endedBecause, undefined)
    await book.upstream(complete('DELETE 1'), ready(), noData.subarray(0, 0))
    book.clock.advance(1001)
    book.clock.advance(1001)
    await book.settle()
    assert.equal(book.endedBecause, 'idle')
  }),
)
