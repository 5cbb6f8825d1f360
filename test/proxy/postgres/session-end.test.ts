import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bind,
  bound,
  columns,
  complete,
  copyIn,
  execute,
  failure,
  noData,
  parse,
  parsed,
  query,
  ready,
  row,
  run,
  sync,
  notification,
} from '../../support/builders.ts'
import { arrivals, atOnce, type Playbook } from '../../support/playbook.ts'

const SELECT = 'SELECT status FROM orders'
const DELETE = 'DELETE FROM payments'
const END = ['grant-ended', 'your access to cards has ended'] as const
const SOON = 'your access to cards ends in 5 minutes'
const SAID = `notice ${SOON.slice(0, 22)}`

/** Time passes in steps in which everything may come to rest. */
async function pass(book: Playbook, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    book.clock.advance(Math.min(left, 500))
    await book.settle()
  }
}

test(
  'what is said to the person never lands inside a message, wherever the rows are cut',
  atOnce(async (make) => {
    const rows = Buffer.concat([columns({ name: 'status' }), row('paid'), row('sent'), complete('SELECT 2'), ready()])
    for (let cut = 0; cut <= rows.length; cut += 1) {
      const book = make()
      await book.client(query(SELECT))
      await book.upstream(rows.subarray(0, cut))
      book.session.say(SOON)
      await book.upstream(rows.subarray(cut))
      const heard = book.heard()
      assert.equal(heard.filter((line) => line === SAID).length, 1)
      assert.deepEqual(
        heard.filter((line) => line !== SAID),
        ['columns status', 'row paid', 'row sent', 'SELECT 2', 'ready idle'],
      )
    }
  }),
)

test(
  'what is said is heard while a statement runs, and not after the end',
  arrivals(async (make) => {
    const book = make()
    await book.client(query(SELECT))
    book.session.say(SOON)
    await book.settle()
    book.clientHears(SAID)
    book.session.close(...END)
    await pass(book, 500)
    book.session.say('too late')
    await book.settle()
    book.clientHears('error 57P01')
  }),
)

test(
  'a close cancels what runs, and its end is known before the session ends',
  arrivals(async (make) => {
    const book = make()
    await book.client(query(DELETE))
    await book.approve()
    book.clientHears('notice this statement is held')
    book.session.close(...END)
    assert.deepEqual(book.cancels, ['cancel'])
    await book.upstream(failure('57014'), ready())
    book.clientHears('error 57014', 'ready idle', 'error 57P01')
    assert.equal(book.recorded('result')[0]?.end, 'cancelled')
    assert.deepEqual(book.finished, ['a_1 done failed'])
    await pass(book, 3000)
    assert.equal(book.endedBecause, 'grant-ended')
  }),
)

test(
  'what does not say that it was cancelled is left alone after a moment, its outcome unknown',
  arrivals(async (make) => {
    const book = make()
    await book.client(query(DELETE))
    await book.approve()
    book.session.close(...END)
    await pass(book, 500)
    assert.deepEqual(book.finished, ['a_1 unknown the connection ended before the target answered'])
    assert.equal(book.recorded('result')[0]?.end, 'unknown')
    assert.deepEqual(book.cancels, ['cancel'])
  }),
)

test(
  'nothing that comes after a close is judged or sent, also while what runs is being cancelled',
  arrivals(async (make) => {
    const book = make()
    await book.client(query(SELECT))
    book.session.close(...END)
    await book.client(query('SELECT 1'))
    await book.upstream(failure('57014'), ready())
    book.upstreamHears(`query ${SELECT}`, 'terminate')
    assert.equal(book.recorded('statement').length, 1)
  }),
)

test(
  'a close voids what waits at once, and says why',
  arrivals(async (make) => {
    const book = make()
    await book.client(query(DELETE))
    book.session.close(...END)
    await book.settle()
    assert.deepEqual([book.withdrawn, book.cancels], [['void'], []])
    assert.equal(book.recorded('ruling')[0]?.reason, 'the approval is void: your access to cards has ended')
    await book.approve()
    book.upstreamHears('terminate')
    book.clientHears('notice this statement is held', 'error 57P01')
  }),
)

test(
  'a second close changes nothing',
  arrivals(async (make) => {
    const book = make()
    await book.client(query(SELECT))
    book.session.close(...END)
    book.session.close('terminated', 'dan ended it')
    await pass(book, 3000)
    assert.deepEqual([book.endedBecause, book.cancels], ['grant-ended', ['cancel']])
  }),
)

const IDLE = 1000
/** Long enough for the timer to fire twice: activity only moves it. */
const LONG = 2 * IDLE + 500

test(
  'a prepared statement whose Sync never comes is idle all the same',
  arrivals(async (make) => {
    const book = make({ idleMs: IDLE })
    await book.client(parse(SELECT), bind())
    await pass(book, LONG)
    assert.equal(book.endedBecause, 'idle')
  }),
)

test(
  'an Execute whose Sync never comes is asked for its answer, and is idle once that has come',
  arrivals(async (make) => {
    const book = make({ idleMs: IDLE })
    await book.client(run(SELECT))
    book.upstreamHears(`parse - ${SELECT}`, 'bind - -', 'describe portal -', 'execute - 0')
    await pass(book, IDLE)
    book.upstreamHears('flush')
    await book.upstream(parsed, bound, columns({ name: 'status' }), complete('SELECT 0'))
    await pass(book, IDLE - 500)
    assert.equal(book.endedBecause, undefined)
    await pass(book, LONG)
    assert.equal(book.endedBecause, 'idle')
  }),
)

test(
  'what still runs is not idle, however long',
  arrivals(async (make) => {
    const book = make({ idleMs: IDLE })
    await book.client(run(SELECT), sync)
    await pass(book, 5 * IDLE)
    assert.equal(book.endedBecause, undefined)
    await book.upstream(parsed, bound, columns({ name: 'status' }), complete('SELECT 0'), ready())
    await pass(book, LONG)
    assert.equal(book.endedBecause, 'idle')
  }),
)

test(
  'a COPY that waits for data is not idle',
  arrivals(async (make) => {
    const book = make({ idleMs: IDLE })
    await book.client(query('COPY orders (id) FROM STDIN'))
    await book.upstream(copyIn)
    await pass(book, 5 * IDLE)
    assert.equal(book.endedBecause, undefined)
  }),
)

test(
  'what an upstream tells of its own accord keeps nobody from being idle',
  arrivals(async (make) => {
    const book = make({ idleMs: IDLE })
    for (let told = 0; told < 8; told += 1) {
      await book.upstream(notification('orders', 'one more'))
      await pass(book, IDLE / 2)
    }
    assert.equal(book.endedBecause, 'idle')
  }),
)

test(
  'an execution that ended is not idle from its start on, but from its end',
  arrivals(async (make) => {
    const book = make({ idleMs: IDLE })
    await book.client(parse(SELECT), bind(), execute(), sync)
    await pass(book, 5 * IDLE)
    await book.upstream(parsed, bound, noData, complete('SELECT 0'), ready())
    await pass(book, IDLE - 500)
    assert.equal(book.endedBecause, undefined)
  }),
)
