import { test } from 'node:test'
import assert from 'node:assert/strict'
import {
  bind,
  bound,
  complete,
  copyBytes,
  copyDone,
  copyFail,
  copyIn,
  describePortal,
  execute,
  failure,
  flush,
  functionCall,
  noData,
  parse,
  parsed,
  POISON,
  query,
  ready,
  row,
  columns,
  run,
  sync,
} from '../../support/builders.ts'
import { arrivals, atOnce } from '../../support/playbook.ts'

const INSERT = 'INSERT INTO orders (id) VALUES (1)'
const RAN = ['parse - ' + INSERT, 'bind - -', 'describe portal -', 'execute - 0']
/** What the upstream says to one insert in a pipeline; the description is ours. */
const INSERTED = Buffer.concat([parsed, bound, noData, complete('INSERT 0 1')])
const INSERT_HEARD = ['parseComplete', 'bindComplete', 'INSERT 0 1']

test(
  'a query is answered by the upstream alone',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('SELECT 1'))
    book.upstreamHears('query SELECT 1')
    await book.upstream(columns({ name: 'n' }), row('1'), complete('SELECT 1'), ready())
    book.clientHears('columns n', 'row 1', 'SELECT 1', 'ready idle')
  }),
)

test(
  'a refused query answers with an error and the status that the upstream last reported',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('BEGIN'))
    await book.upstream(complete('BEGIN'), ready('transaction'))
    await book.client(query('DROP TABLE orders'))
    book.upstreamHears('query BEGIN')
    book.clientHears('BEGIN', 'ready transaction', 'error 42501', 'ready transaction')
    await book.client(query('COMMIT'))
    book.upstreamHears('query COMMIT')
  }),
)

test(
  'a refused query waits for its turn behind what is outstanding',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('SELECT 1'), query('DROP TABLE orders'), query('SELECT 2'))
    book.upstreamHears('query SELECT 1', 'query SELECT 2')
    book.clientHears()
    await book.upstream(columns({ name: 'n' }), row('1'), complete('SELECT 1'), ready())
    book.clientHears('columns n', 'row 1', 'SELECT 1', 'ready idle', 'error 42501', 'ready idle')
    await book.upstream(columns({ name: 'n' }), row('2'), complete('SELECT 1'), ready())
    book.clientHears('columns n', 'row 2', 'SELECT 1', 'ready idle')
  }),
)

test(
  'a refused parse answers in its turn, and what follows is dropped up to sync',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('DROP TABLE orders'), bind(), execute(), run('SELECT 1'), sync, query('SELECT 2'))
    book.upstreamHears('sync', 'query SELECT 2')
    book.clientHears('error 42501')
    await book.upstream(ready())
    book.clientHears('ready idle')
  }),
)

test(
  'a refusal outside BEGIN keeps sync from committing what came before it',
  arrivals(async (make) => {
    const book = make()
    await book.client(run(INSERT), run('DROP TABLE orders'), sync)
    book.upstreamHears(...RAN, POISON, 'sync')
    await book.upstream(INSERTED, failure('42601'), ready())
    book.clientHears(...INSERT_HEARD, 'error 42501', 'ready idle')
  }),
)

test(
  'a refusal inside BEGIN aborts nothing',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('BEGIN'))
    await book.upstream(complete('BEGIN'), ready('transaction'))
    book.upstreamHears('query BEGIN')
    book.clientHears('BEGIN', 'ready transaction')
    await book.client(run(INSERT), run('DROP TABLE orders'), sync)
    book.upstreamHears(...RAN, 'sync')
    await book.upstream(INSERTED, ready('transaction'))
    book.clientHears(...INSERT_HEARD, 'error 42501', 'ready transaction')
  }),
)

test(
  'a refusal in a segment that begins a transaction itself fails that transaction',
  arrivals(async (make) => {
    const book = make()
    await book.client(run('BEGIN'), run(INSERT), run('DROP TABLE orders'), sync)
    await book.upstream(parsed, bound, noData, complete('BEGIN'))
    await book.upstream(INSERTED, failure('42601'), ready('failed'))
    book.upstreamHears('parse - BEGIN', 'bind - -', 'describe portal -', 'execute - 0', ...RAN, POISON, 'sync')
    book.clientHears('parseComplete', 'bindComplete', 'BEGIN', ...INSERT_HEARD, 'error 42501', 'ready failed')
  }),
)

test(
  'a commit bound in an earlier segment does not let a refusal commit what came after it',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('BEGIN'))
    await book.upstream(complete('BEGIN'), ready('transaction'))
    await book.client(parse('COMMIT', 'c'), bind('c', 'commit'), sync)
    await book.upstream(parsed, bound, ready('transaction'))
    book.upstreamHears('query BEGIN', 'parse c COMMIT', 'bind commit c', 'sync')
    book.clientHears('BEGIN', 'ready transaction', 'parseComplete', 'bindComplete', 'ready transaction')
    await book.client(execute('commit'), run(INSERT), run('DROP TABLE orders'), sync)
    book.upstreamHears('describe portal commit', 'execute commit 0', ...RAN, POISON, 'sync')
  }),
)

test(
  'a refused query behind an open segment inside BEGIN aborts nothing',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('BEGIN'))
    await book.upstream(complete('BEGIN'), ready('transaction'))
    await book.client(run(INSERT), query('DROP TABLE orders'))
    book.upstreamHears('query BEGIN', ...RAN, 'sync')
    await book.upstream(INSERTED, ready('transaction'))
    book.clientHears('BEGIN', 'ready transaction', ...INSERT_HEARD, 'error 42501', 'ready transaction')
  }),
)

test(
  'a refused query behind an open segment outside BEGIN does not commit it',
  arrivals(async (make) => {
    const book = make()
    await book.client(run(INSERT), query('DROP TABLE orders'))
    book.upstreamHears(...RAN, POISON, 'sync')
    await book.upstream(INSERTED, failure('42601'), ready())
    book.clientHears(...INSERT_HEARD, 'error 42501', 'ready idle')
  }),
)

test(
  'a segment that lies whole in the inbox is judged before its first frame leaves',
  atOnce(async (make) => {
    const book = make()
    await book.client(run(INSERT), run('DELETE FROM orders'), sync)
    book.upstreamHears()
    book.clientHears('notice this statement is held')
    await book.approve()
    book.upstreamHears(...RAN, 'parse - DELETE FROM orders', 'bind - -', 'describe portal -', 'execute - 0', 'sync')
  }),
)

test(
  'an error in a pipeline skips to sync',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('SELECT 1', 'one'), bind('one'), execute(), sync, query('SELECT 1'))
    await book.upstream(failure('42703'), ready())
    book.clientHears('error 42703', 'ready idle')
    await book.upstream(columns({ name: 'n' }), row('1'), complete('SELECT 1'), ready())
    book.clientHears('columns n', 'row 1', 'SELECT 1', 'ready idle')
  }),
)

test(
  'a function call is refused and nothing of it leaves',
  arrivals(async (make) => {
    const book = make()
    await book.client(functionCall, query('SELECT 1'))
    book.upstreamHears('query SELECT 1')
    book.clientHears('error 42501', 'ready idle')
  }),
)

test(
  'a query that was skipped by the upstream is answered when the next sync is',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('SELECT 1', 'a'), query('SELECT 2'), sync)
    await book.upstream(failure('42601'), ready())
    book.clientHears('error 42601', 'ready idle')
    assert.equal(book.tracking.replies.pending, 0)
  }),
)

test(
  'what comes behind an error of the upstream is dropped up to the next sync, as the upstream drops it',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('SELECT 1', 'a'), bind('a'), execute())
    book.upstreamHears('parse a SELECT 1', 'bind - a', 'describe portal -', 'execute - 0')
    await book.upstream(parsed, bound, failure('22012'))
    await book.client(run(INSERT), query(INSERT), parse('SELECT 2', 'a'), parse('DELETE FROM orders'), flush)
    assert.deepEqual([book.holds.length, book.recorded('statement').length], [0, 2])
    await book.client(run('DROP TABLE orders'), sync)
    book.upstreamHears('sync')
    await book.upstream(ready())
    book.clientHears('parseComplete', 'bindComplete', 'error 22012', 'ready idle')
    await book.client(query('SELECT 1'))
    await book.upstream(columns({ name: 'n' }), row('1'), complete('SELECT 1'), ready())
    book.clientHears('columns n', 'row 1', 'SELECT 1', 'ready idle')
  }),
)

test(
  'a copy that an earlier error keeps from opening does not make its data wait',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('COPY orders FROM STDIN'))
    await book.upstream(failure('42601'))
    await book.client(bind(), execute(), copyBytes('1'), copyDone, sync)
    await book.upstream(ready())
    book.clientHears('error 42601', 'ready idle')
  }),
)

test(
  'a name that a failed segment left uncertain is not waited for where its sync is still to come',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('SELECT 1', 'a'), query('SELECT 2'), bind('a'))
    await book.upstream(failure('42601'))
    await book.client(sync)
    await book.upstream(ready())
    book.clientHears('error 42601', 'ready idle')
    assert.equal(book.tracking.statements.get('a'), undefined)
  }),
)

test(
  'what an error of the upstream overtook while a statement was held is not sent, and its approval ends',
  atOnce(async (make) => {
    const book = make()
    await book.client(run(INSERT))
    await book.client(run('DELETE FROM orders'))
    await book.upstream(parsed, bound, noData, failure('23505'))
    await book.approve()
    await book.client(sync)
    book.upstreamHears(...RAN, 'flush', 'sync')
    await book.upstream(ready())
    assert.deepEqual(book.heard().at(-1), 'ready idle')
    assert.equal(book.tracking.replies.pending, 0)
  }),
)

for (const [way, opening] of [
  ['a simple query', [query('COPY orders FROM STDIN')]],
  ['the extended protocol', [run('COPY orders FROM STDIN')]],
] as const)
  test(
    `a sync while a COPY by ${way} takes data is ignored, as the upstream ignores it`,
    arrivals(async (make) => {
      const book = make({ effect: () => 'allow' })
      const [asked] = opening
      await book.client(asked)
      await book.upstream(...(way === 'a simple query' ? [copyIn] : [parsed, bound, noData, copyIn]))
      await book.client(copyBytes('1'), sync, copyDone, ...(way === 'a simple query' ? [] : [sync]))
      await book.upstream(complete('COPY 1'), ready())
      assert.deepEqual(book.heard().slice(-2), ['COPY 1', 'ready idle'])
      assert.deepEqual([book.tracking.replies.pending, book.endedBecause], [0, undefined])
    }),
  )

test(
  'a statement in the middle of the data of a COPY ends the session, whatever came before it',
  arrivals(async (make) => {
    const book = make({ effect: () => 'allow' })
    await book.client(query('DECLARE c CURSOR WITH HOLD FOR SELECT 1'), query('COPY orders FROM STDIN'))
    await book.upstream(complete('DECLARE CURSOR'), ready())
    await book.upstream(copyIn)
    await book.client(copyBytes('1'), query('SELECT 1'))
    assert.equal(book.endedBecause, 'protocol-error')
  }),
)

for (const [what, frame, code] of [
  ['a statement', bind('nowhere'), '26000'],
  ['a portal', execute('nowhere'), '34000'],
] as const)
  test(
    `${what} that does not exist fails the transaction, as it does without us`,
    arrivals(async (make) => {
      const book = make()
      await book.client(query('BEGIN'), frame, sync)
      book.upstreamHears('query BEGIN', POISON, 'sync')
      await book.upstream(complete('BEGIN'), ready('transaction'), failure('42601'), ready('failed'))
      book.clientHears('BEGIN', 'ready transaction', `error ${code}`, 'ready failed')
    }),
  )

test(
  'copy messages that come after the end of a COPY are ignored and wait for nothing',
  arrivals(async (make) => {
    const book = make({ effect: () => 'allow' })
    await book.client(run('COPY orders FROM STDIN'))
    await book.upstream(parsed, bound, noData, copyIn)
    await book.client(copyDone, copyFail, copyBytes('1'), sync)
    await book.upstream(complete('COPY 0'), ready())
    assert.deepEqual(book.heard().slice(-2), ['COPY 0', 'ready idle'])
  }),
)

test(
  'a description that an error kept from coming is asked for again before its portal is executed',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('BEGIN'), parse('SELECT 1'), bind('', 'kept'), query('SAVEPOINT before'))
    await book.upstream(complete('BEGIN'), ready('transaction'), parsed, bound)
    await book.upstream(complete('SAVEPOINT'), ready('transaction'))
    await book.client(parse('SELECT 2', 'a'), describePortal('kept'), sync)
    await book.upstream(failure('42601'), ready('failed'))
    await book.client(query('ROLLBACK TO before'))
    await book.upstream(complete('ROLLBACK'), ready('transaction'))
    book.heard()
    await book.client(execute('kept'), sync)
    await book.upstream(columns({ name: 'n' }), row('1'), complete('SELECT 1'), ready('transaction'))
    book.clientHears('row 1', 'SELECT 1', 'ready transaction')
  }),
)
