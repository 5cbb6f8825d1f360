import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shop } from '../../classify/sql/shop-catalog.ts'
import {
  bind,
  bound,
  closed,
  closePortal,
  complete,
  execute,
  failure,
  flush,
  noData,
  parse,
  parsed,
  query,
  ready,
  sync,
} from '../../support/builders.ts'
import { arrivals, type Playbook } from '../../support/playbook.ts'

const DELETE = 'DELETE FROM payments'
const NEVER = 'a_1 done bound and never executed'

/** A portal whose Bind was countersigned, inside a transaction. */
async function approved(book: Playbook, portal = ''): Promise<void> {
  await book.client(query('BEGIN'))
  await book.upstream(complete('BEGIN'), ready('transaction'))
  await book.client(parse(DELETE, 's'), bind('s', portal), sync)
  await book.approve()
  await book.upstream(parsed, bound, ready('transaction'))
  assert.deepEqual(book.finished, [])
}

test(
  'an approved portal that is replaced ends its countersignature',
  arrivals(async (make) => {
    const book = make()
    await approved(book)
    await book.client(parse('SELECT 1', 'one'), bind('one'), sync)
    assert.deepEqual(book.finished, [])
    await book.upstream(parsed, bound, ready('transaction'))
    assert.deepEqual(book.finished, [NEVER])
  }),
)

test(
  'an approved portal that is closed ends its countersignature',
  arrivals(async (make) => {
    const book = make()
    await approved(book, 'p')
    await book.client(closePortal('p'), sync)
    await book.upstream(closed, ready('transaction'))
    assert.deepEqual(book.finished, [NEVER])
  }),
)

test(
  'a close that failed leaves the portal and its countersignature',
  arrivals(async (make) => {
    const book = make()
    await approved(book, 'p')
    await book.client(parse('SELECT x', 'x'), closePortal('p'), flush)
    await book.upstream(failure('42703'))
    assert.deepEqual(book.finished, [])
    await book.client(sync)
    await book.upstream(ready('failed'))
    assert.deepEqual(book.finished, [])
  }),
)

test(
  'an approved portal ends its countersignature with its transaction',
  arrivals(async (make) => {
    const book = make()
    await approved(book, 'p')
    await book.client(query('ROLLBACK'))
    await book.upstream(complete('ROLLBACK'), ready())
    assert.deepEqual(book.finished, [NEVER])
    await book.stop()
    assert.equal(book.finished.length, 1)
  }),
)

test(
  'a Bind that the upstream refused ends its countersignature',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse(DELETE), bind(), sync)
    await book.approve()
    await book.upstream(parsed, failure('42501'), ready())
    assert.deepEqual(book.finished, [NEVER])
  }),
)

test(
  'an Execute that needed a countersignature of its own ends that of its Bind, and each is finished once',
  arrivals(async (make) => {
    const book = make()
    await approved(book, 'p')
    book.catalog = { ...shop, epoch: 'shop-2' }
    await book.client(execute('p'), sync)
    assert.equal(book.holds.length, 2)
    await book.approve()
    await book.upstream(noData, complete('DELETE 9'), ready('transaction'))
    assert.deepEqual(book.finished, ['a_2 done completed', 'a_1 done bound; its execution was judged anew'])
    await book.stop()
    assert.equal(book.finished.length, 2)
  }),
)

test(
  'an Execute that was judged anew and declined leaves the countersignature of its Bind to the end of the portal',
  arrivals(async (make) => {
    const book = make()
    await approved(book, 'p')
    book.catalog = { ...shop, epoch: 'shop-2' }
    await book.client(execute('p'), sync)
    await book.deny()
    await book.upstream(ready('transaction'))
    assert.deepEqual(book.finished, [])
    await book.client(query('ROLLBACK'))
    await book.upstream(complete('ROLLBACK'), ready())
    assert.deepEqual(book.finished, [NEVER])
  }),
)
