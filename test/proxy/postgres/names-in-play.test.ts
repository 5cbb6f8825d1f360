import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAction } from '../../../src/recording/event.ts'
import {
  bind,
  bound,
  closed,
  closeStatement,
  columns,
  complete,
  describeStatement,
  execute,
  failure,
  flush,
  noData,
  nothingToRun,
  parameters,
  parse,
  parsed,
  query,
  ready,
  row,
  run,
  sync,
} from '../../support/builders.ts'
import { arrivals, type Playbook } from '../../support/playbook.ts'

const NUMBER = columns({ name: 'n' })
const HELD = 'notice this statement is held'

/** A statement of the protocol that the upstream has confirmed. */
async function prepared(book: Playbook, name: string, text: string): Promise<void> {
  await book.client(parse(text, name), sync)
  await book.upstream(parsed, ready())
  book.upstreamHears(`parse ${name} ${text}`, 'sync')
  book.clientHears('parseComplete', 'ready idle')
}

/** The upstream is asked whether it understands a text that we do not, before anybody is bothered with it. */
async function understood(book: Playbook, status: 'idle' | 'transaction'): Promise<void> {
  await book.upstream(parsed, closed, ready(status))
}

async function ran(book: Playbook, text: string, tag: string): Promise<void> {
  await book.client(query(text))
  await book.upstream(complete(tag), ready())
  book.upstreamHears(`query ${text}`)
  book.clientHears(tag, 'ready idle')
}

test(
  'a name that stands for a statement cannot be parsed again',
  arrivals(async (make) => {
    const book = make()
    await prepared(book, 's', 'SELECT 1')
    await book.client(parse('SELECT 2', 's'), sync)
    book.upstreamHears('sync')
    await book.upstream(ready())
    book.clientHears('error 42P05', 'ready idle')
    await book.client(bind('s'), execute(), sync)
    assert.deepEqual(book.recorded('statement').at(-1)?.text, ['SELECT 1'])
  }),
)

test(
  'an error rolls names back to what the upstream has',
  arrivals(async (make) => {
    const book = make()
    await prepared(book, 's', 'SELECT 1')
    await book.client(closeStatement('s'), parse('SELECT 2', 's'), sync)
    await book.upstream(failure('42601'), ready())
    book.upstreamHears('close statement s', 'parse s SELECT 2', 'sync')
    await book.client(bind('s'), execute(), sync)
    assert.deepEqual(book.recorded('statement').at(-1)?.text, ['SELECT 1'])
  }),
)

test(
  'a name that an earlier segment changes is used once that is certain',
  arrivals(async (make) => {
    const book = make()
    await prepared(book, 's', 'SELECT 1')
    await book.client(closeStatement('s'), sync, parse('SELECT 2', 's'), bind('s'), execute(), sync)
    book.upstreamHears('close statement s', 'sync')
    await book.upstream(closed, ready())
    book.upstreamHears('parse s SELECT 2', 'bind - s', 'describe portal -', 'execute - 0', 'sync')
  }),
)

test(
  'a name whose change failed in an earlier segment keeps its meaning for the next',
  arrivals(async (make) => {
    const book = make()
    await prepared(book, 's', 'SELECT 1')
    await book.client(parse('SELECT 3', 'x'), closeStatement('s'), sync, parse('SELECT 2', 's'), sync)
    await book.upstream(failure('42601'), ready())
    book.clientHears('error 42601', 'ready idle', 'error 42P05')
  }),
)

test(
  'SQL may drop a statement of the protocol, and the name is free again',
  arrivals(async (make) => {
    const book = make()
    await prepared(book, 's', 'SELECT 1')
    await ran(book, 'DEALLOCATE s', 'DEALLOCATE')
    await book.client(bind('s'), sync)
    await book.upstream(ready())
    book.clientHears('error 26000', 'ready idle')
  }),
)

test(
  'a statement of the protocol swapped through SQL is not bound',
  arrivals(async (make) => {
    const book = make()
    await prepared(book, 's', 'SELECT 1')
    await ran(book, 'DEALLOCATE s', 'DEALLOCATE')
    await ran(book, 'PREPARE s AS SELECT pan FROM cards', 'PREPARE')
    await book.client(bind('s'), execute(), sync)
    book.upstreamHears('sync')
  }),
)

for (const [about, text] of [
  ['PREPARE', 'PREPARE s AS SELECT pan FROM cards'],
  ['DEALLOCATE ALL', 'DEALLOCATE ALL'],
  ['DISCARD ALL', 'DISCARD ALL'],
] as const)
  test(
    `a name that ${about} of the same pipeline may move is not used before sync`,
    arrivals(async (make) => {
      const book = make()
      await prepared(book, 's', 'SELECT 1')
      await book.client(run(text), bind('s'), execute(), sync)
      assert.ok(!book.log.includes('upstream: bind - s'))
    }),
  )

test(
  "what SQL's EXECUTE stands for is asked when it runs, not when it was bound",
  arrivals(async (make) => {
    const book = make()
    await ran(book, 'BEGIN', 'BEGIN')
    await ran(book, 'PREPARE p AS SELECT 1', 'PREPARE')
    await book.client(parse('EXECUTE p', 'e'), bind('e', 'one'), flush)
    await book.upstream(parsed, bound)
    book.clientHears('parseComplete', 'bindComplete')
    await book.client(sync)
    await book.upstream(ready('transaction'))
    await book.client(query('DEALLOCATE p'))
    await book.upstream(complete('DEALLOCATE'), ready('transaction'))
    await book.client(query("PREPARE p AS SELECT cvv || '' FROM cards"))
    await book.upstream(complete('PREPARE'), ready('transaction'))
    await book.client(execute('one'), sync)
    assert.deepEqual(
      book
        .recorded('statement')
        .at(-1)
        ?.facts.flatMap((facts) => (isAction(facts) ? [] : facts.tables)),
      ['public.cards'],
    )
  }),
)

test(
  'EXECUTE of a name that its own pipeline moves is not understood and waits',
  arrivals(async (make) => {
    const book = make()
    await ran(book, 'PREPARE p AS SELECT 1', 'PREPARE')
    await book.client(run('DEALLOCATE p'), run('PREPARE p AS SELECT 2'), run('EXECUTE p'), sync)
    assert.equal(book.holds.length, 1)
    await book.deny()
  }),
)

test(
  'EXECUTE twice in a pipeline is understood',
  arrivals(async (make) => {
    const book = make()
    await ran(book, 'PREPARE p AS SELECT 1', 'PREPARE')
    await book.client(run('EXECUTE p'), run('EXECUTE p'), sync)
    assert.equal(book.holds.length, 0)
    assert.equal(book.log.filter((line) => line === 'upstream: execute - 0').length, 2)
  }),
)

for (const [about, text] of [['EXECUTE of a statement', 'EXECUTE s']] as const)
  test(
    `SQL's ${about} of the protocol is refused`,
    arrivals(async (make) => {
      const book = make()
      await prepared(book, 's', 'SELECT 1')
      await book.client(query(text))
      book.upstreamHears()
      book.clientHears('error 42501', 'ready idle')
    }),
  )

for (const text of ['FETCH ALL FROM p', 'MOVE 1 FROM p', 'CLOSE p'])
  test(
    `${text} on a portal of the protocol is refused`,
    arrivals(async (make) => {
      const book = make()
      await prepared(book, 's', 'SELECT 1')
      await ran(book, 'BEGIN', 'BEGIN')
      await book.client(bind('s', 'p'), sync)
      await book.upstream(bound, ready('transaction'))
      book.clientHears('bindComplete', 'ready transaction')
      await book.client(query(text))
      book.clientHears('error 42501', 'ready transaction')
    }),
  )

test(
  'a cursor of SQL is not executed by the protocol',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('BEGIN'))
    await book.upstream(complete('BEGIN'), ready('transaction'))
    await book.client(query('DECLARE c CURSOR FOR SELECT 1'))
    await book.upstream(complete('DECLARE CURSOR'), ready('transaction'))
    book.upstreamHears('query BEGIN', 'query DECLARE c CURSOR FOR SELECT 1')
    book.clientHears('BEGIN', 'ready transaction', 'DECLARE CURSOR', 'ready transaction')
    await book.client(execute('c'), sync)
    book.upstreamHears('sync')
    await book.upstream(ready('transaction'))
    book.clientHears('error 42501', 'ready transaction')
  }),
)

test(
  'a cursor of SQL is known inside its transaction and forgotten after it',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('BEGIN'))
    await book.upstream(complete('BEGIN'), ready('transaction'))
    await book.client(query('DECLARE c CURSOR FOR SELECT 1'))
    await book.upstream(complete('DECLARE CURSOR'), ready('transaction'))
    await book.client(query('FETCH c'))
    await book.upstream(NUMBER, row('1'), complete('FETCH 1'), ready('transaction'))
    await book.client(query('ROLLBACK'))
    await book.upstream(complete('ROLLBACK'), ready())
    assert.equal(book.holds.length, 0)
    await book.client(query('FETCH c'))
    await understood(book, 'idle')
    assert.equal(book.holds.length, 1)
    await book.deny()
  }),
)

test(
  'the names of a text with several statements take effect one by one',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('PREPARE a AS SELECT 1; PREPARE b AS SELECT 2; SELECT 1'))
    await book.upstream(complete('PREPARE'), failure('53200'), ready())
    assert.equal(book.tracking.statements.get('a')?.madeBy, 'sql')
    assert.equal(book.tracking.statements.get('b'), undefined)
  }),
)

test(
  'what a text names and uses itself is understood',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('BEGIN; DECLARE c CURSOR FOR SELECT 1; FETCH c; COMMIT'))
    book.upstreamHears('query BEGIN; DECLARE c CURSOR FOR SELECT 1; FETCH c; COMMIT')
  }),
)

test(
  'a simple query destroys the unnamed statement',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('SELECT 1'), sync)
    await book.upstream(parsed, ready())
    await book.client(query(''))
    await book.upstream(nothingToRun, ready())
    await book.client(bind(), execute(), sync)
    await book.upstream(ready())
    book.clientHears('parseComplete', 'ready idle', 'emptyQueryResponse', 'ready idle', 'error 26000', 'ready idle')
  }),
)

test(
  'an unnamed statement that follows a simple query in a pipeline is not forgotten with it',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('SELECT 1'), parse('SELECT 2'), describeStatement(), flush)
    await book.upstream(NUMBER, row('1'), complete('SELECT 1'), ready(), parsed, parameters(), NUMBER)
    await book.client(bind(), execute(), sync)
    await book.upstream(bound, row('2'), complete('SELECT 1'), ready())
    book.clientHears('columns n', 'row 1', 'SELECT 1', 'ready idle', 'parseComplete', 'parameterDescription', 'columns n', 'bindComplete', 'row 2', 'SELECT 1', 'ready idle') // prettier-ignore
  }),
)

test(
  'an unnamed statement is replaced in its pipeline, and each runs under its own judgement',
  arrivals(async (make) => {
    const book = make()
    await book.client(run('SELECT 1'), run('DELETE FROM payments'), sync)
    book.clientHears(HELD)
    await book.deny()
    assert.ok(!book.log.some((line) => line.includes('upstream: bind') && line.includes('DELETE')))
    assert.equal(book.log.filter((line) => line === 'upstream: execute - 0').length, 1)
  }),
)

test(
  'a new meaning of tables between Bind and Execute is judged anew',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('SELECT id FROM orders', 's'), bind('s', 'p'), flush)
    await book.upstream(parsed, bound)
    const judged = book.recorded('statement').length
    assert.ok(book.catalog)
    book.catalog = { ...book.catalog, epoch: 'moved', relations: [] }
    await book.client(execute('p'), sync)
    assert.equal(book.recorded('statement').length, judged + 1)
    assert.equal(book.holds.length, 1, 'orders is not known any more')
    await book.deny()
    assert.ok(!book.log.includes('upstream: execute p 0'))
  }),
)

test(
  'packs that were reloaded between Bind and Execute are asked again',
  arrivals(async (make) => {
    const book = make()
    await book.client(parse('SELECT id FROM orders', 's'), bind('s', 'p'), flush)
    await book.upstream(parsed, bound)
    book.policyVersion = 'p2'
    book.effect = () => 'deny'
    await book.client(execute('p'), sync)
    assert.ok(!book.log.includes('upstream: execute p 0'))
  }),
)

test(
  'after its own DDL a session reads the catalog again, and while it cannot nothing is certain',
  arrivals(async (make) => {
    const book = make()
    book.readable = false
    await ran(book, 'CREATE TABLE orders2 (id int)', 'CREATE TABLE')
    await book.client(query('SELECT id FROM orders'))
    await understood(book, 'idle')
    assert.equal(book.holds.length, 1)
    await book.deny()
    book.readable = true
    await book.client(query('SELECT id FROM orders'))
    assert.equal(book.holds.length, 1)
  }),
)

test(
  'a login whose search path changed under a running session leaves that session without one',
  arrivals(async (make) => {
    const book = make()
    await ran(book, 'BEGIN', 'BEGIN')
    assert.ok(book.catalog)
    book.catalog = { ...book.catalog, epoch: 'moved', searchPath: ['other', 'public'] }
    await book.client(query('SELECT id FROM orders'))
    await understood(book, 'idle')
    assert.equal(book.holds.length, 1)
    await book.deny()
  }),
)

test(
  'what is on its way and moves names is waited for',
  arrivals(async (make) => {
    const book = make()
    await book.client(query('PREPARE p AS SELECT 1'), query('EXECUTE p'))
    book.upstreamHears('query PREPARE p AS SELECT 1')
    await book.upstream(complete('PREPARE'), ready())
    book.upstreamHears('query EXECUTE p')
    assert.equal(book.holds.length, 0)
  }),
)

test(
  'a statement that moves names and fails is not waited for any longer',
  arrivals(async (make) => {
    const book = make()
    await book.client(run('PREPARE p AS SELECT 1'), sync)
    await book.upstream(failure('42P05'), ready())
    assert.equal(book.tracking.isUnsettled, false)
    await book.client(run('PREPARE q AS SELECT 1'), sync)
    await book.upstream(parsed, bound, noData, failure('42P05'), ready())
    assert.equal(book.tracking.isUnsettled, false)
    await book.client(query('PREPARE r AS SELECT 1'))
    await book.upstream(failure('42P05'), ready())
    assert.equal(book.tracking.isUnsettled, false)
  }),
)
