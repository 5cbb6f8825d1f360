import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bind,
  bound,
  complete,
  execute,
  flush,
  noData,
  parse,
  parsed,
  query,
  ready,
  run,
  sync,
  terminate,
} from '../../support/builders.ts'
import { arrivals, atOnce } from '../../support/playbook.ts'

const DELETE = 'DELETE FROM payments'
const reach = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith('upstream:'))

test(
  'a statement is with the kernel before its bytes are at the upstream',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('SELECT 1'))
    assert.deepEqual(book.log, ['append statement 1', 'hand over', 'upstream: query SELECT 1'])
  }),
)

test(
  'each statement of a pipeline is with the kernel before the first of its bytes leaves',
  atOnce(async (make) => {
    const book = make()
    await book.client(run('SELECT 1'), run('SELECT 2'), sync)
    const first = book.log.findIndex((line) => line.startsWith('upstream:'))
    assert.deepEqual(
      book.log.slice(0, first),
      [1, 2, 3, 4].flatMap((at) => [`append statement ${at}`, 'hand over']),
    )
  }),
)

test(
  'what is held is on the disk before it waits, its ruling before it runs, and the claim comes last',
  arrivals(async (make) => {
    const book = make()
    await book.client(query(DELETE))
    assert.deepEqual(book.log, ['append statement 1', 'settle', 'append hold 1', 'settle'])
    await book.approve()
    const later = ['append ruling 1', 'hand over', 'settle', 'claim a_1', `upstream: query ${DELETE}`]
    assert.deepEqual(book.log.slice(4), later)
  }),
)

for (const breaks of ['append', 'handOver'] as const)
  test(
    `a recording whose ${breaks} fails ends the session and forwards nothing`,
    arrivals(async (make) => {
      const book = make()
      book.breaks = breaks
      await book.client(query('SELECT 1'), query('SELECT 2'))
      assert.deepEqual(reach(book.log), ['upstream: terminate'])
      assert.equal(book.endedBecause, 'fault')
      book.clientHears('error XX000')
    }),
  )

for (const breaks of ['append', 'settle'] as const)
  test(
    `a recording whose ${breaks} fails before a hold opens nothing and forwards nothing`,
    arrivals(async (make) => {
      const book = make()
      book.breaks = breaks
      await book.client(query(DELETE))
      assert.deepEqual([book.holds.length, reach(book.log)], [0, ['upstream: terminate']])
      assert.equal(book.endedBecause, 'fault')
    }),
  )

for (const breaks of ['append', 'handOver', 'settle'] as const)
  test(
    `a recording whose ${breaks} fails while a statement waits lets no approval run it`,
    arrivals(async (make) => {
      const book = make()
      await book.client(query(DELETE))
      book.breaks = breaks
      await book.approve()
      assert.deepEqual(reach(book.log), ['upstream: terminate'])
      assert.ok(!book.log.includes('claim a_1'))
      assert.equal(book.endedBecause, 'fault')
    }),
  )

test(
  'a recording that fails on a result ends the session',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('BEGIN'))
    book.breaks = 'append'
    await book.upstream(complete('BEGIN'), ready('transaction'))
    assert.equal(book.endedBecause, 'fault')
  }),
)

test(
  'a refused statement is recorded with its ruling',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('DROP TABLE orders'))
    assert.deepEqual(book.log, ['append statement 1', 'append ruling 1', 'hand over'])
    assert.deepEqual(
      book.recorded('ruling').map((event) => event.ruling),
      ['refused'],
    )
  }),
)

test(
  'the first Execute needs no line of its own, a further one has its own',
  arrivals(async (make) => {
    const book = make()
    await book.client(
      parse('INSERT INTO orders (id) VALUES (1)', 's'),
      bind('s', 'p'),
      execute('p'),
      execute('p'),
      flush,
    )
    await book.upstream(parsed, bound, noData, complete('INSERT 0 1'), complete('INSERT 0 0'))
    assert.deepEqual(
      book.recorded('statement').map((event) => event.message),
      ['parse', 'bind', 'execute'],
    )
    assert.deepEqual(
      book.recorded('result').map((event) => event.statement),
      [2, 3],
    )
  }),
)

test(
  'nothing is judged any more once a session was ended from outside',
  arrivals(async (make) => {
    const book = make()
    book.session.close('terminated', 'an administrator ended the session')
    await book.client(query('SELECT 1'))
    assert.deepEqual(book.recorded('statement'), [])
    book.upstreamHears('terminate')
    book.clientHears('error 57P01')
  }),
)

test(
  'what a client sent before its goodbye still runs',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('INSERT INTO orders (id) VALUES (1)'), terminate)
    book.upstreamHears('query INSERT INTO orders (id) VALUES (1)', 'terminate')
    assert.equal(book.recorded('result').at(-1)?.end, 'unknown')
  }),
)
