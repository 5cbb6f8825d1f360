import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BackendName, TransactionStatus } from '../../../src/protocol/postgres/messages.ts'
import { Replies, type Expected } from '../../../src/protocol/postgres/replies.ts'

type Owed = Expected<string>
const nothing = (): void => undefined
const PARSE: Owed = { kind: 'parse', onDone: nothing }
const BIND: Owed = { kind: 'bind', onDone: nothing }
const SYNC: Owed = { kind: 'sync', segment: 1, swallow: false }
const execute = (run: string): Owed => ({ kind: 'execute', run })
const query = (run: string): Owed => ({ kind: 'query', run, segment: 1 })
const local = (text: string): Owed => ({
  kind: 'local',
  answer: (status: TransactionStatus) => Buffer.from(`${text} ${status}`),
})

function expecting(...owed: readonly Owed[]): Replies<string> {
  const replies = new Replies<string>()
  for (const one of owed) replies.expect(one)
  return replies
}

const own = (replies: Replies<string>): readonly string[] => [...replies.localAnswers()].map((one) => one.toString())

test('each message completes what was asked first', () => {
  const replies = expecting(PARSE, BIND, execute('x'), SYNC)
  for (const name of ['parseComplete', 'bindComplete', 'dataRow', 'commandComplete'] as const)
    assert.equal(replies.take(name).fate, 'forward')
  assert.equal(replies.take('readyForQuery', 'transaction').fate, 'forward')
  assert.deepEqual([replies.pending, replies.status], [0, 'transaction'])
})

const OUT_OF_STEP: readonly (readonly [Owed | undefined, BackendName])[] = [
  [undefined, 'readyForQuery'],
  [undefined, 'dataRow'],
  [PARSE, 'bindComplete'],
  [PARSE, 'dataRow'],
  [BIND, 'parseComplete'],
  [execute('x'), 'readyForQuery'],
  [execute('x'), 'rowDescription'],
  [SYNC, 'commandComplete'],
  [SYNC, 'dataRow'],
  [query('x'), 'parseComplete'],
  [query('x'), 'copyBothResponse'],
  [query('x'), 'functionCallResponse'],
  [query('x'), 'authenticationOk'],
  [query('x'), 'backendKeyData'],
  [{ kind: 'poison', answer: Buffer.from('no') }, 'parseComplete'],
]

for (const [owed, name] of OUT_OF_STEP)
  test(`${name} where ${owed?.kind ?? 'nothing'} is owed is out of step`, () => {
    assert.equal(expecting(...(owed === undefined ? [] : [owed])).take(name).fate, 'out-of-step')
  })

for (const name of ['noticeResponse', 'notificationResponse', 'parameterStatus'] as const)
  test(`a ${name} belongs to nothing and completes nothing`, () => {
    const replies = expecting(PARSE)
    assert.equal(replies.take(name).fate, 'forward')
    assert.equal(replies.pending, 1)
  })

test('an error of the extended protocol drops everything up to sync', () => {
  const replies = expecting(PARSE, BIND, execute('x'), query('skipped too'), SYNC, query('next'))
  const turn = replies.take('errorResponse')
  assert.ok(turn.fate === 'forward')
  assert.deepEqual(
    turn.dropped.map((one) => one.kind),
    ['parse', 'bind', 'execute', 'query'],
  )
  assert.equal(replies.head, SYNC)
})

test('an error of a simple query leaves its end owed', () => {
  const replies = expecting(query('x'), query('y'))
  assert.equal(replies.take('errorResponse').fate, 'forward')
  assert.equal(replies.pending, 2)
  replies.take('readyForQuery', 'idle')
  assert.equal(replies.pending, 1)
})

test('an error that nobody asked for is passed on', () => {
  assert.equal(expecting().take('errorResponse').fate, 'forward')
})

test('our own answers wait for their turn and repeat the status of that moment', () => {
  const replies = expecting(query('x'), local('first'), local('second'), query('y'))
  assert.deepEqual(own(replies), [])
  replies.take('commandComplete')
  replies.take('readyForQuery', 'transaction')
  assert.deepEqual(own(replies), ['first transaction', 'second transaction'])
  assert.equal(replies.pending, 1)
})

test('an error drops our own answers up to sync as well', () => {
  const replies = expecting(PARSE, local('inside'), SYNC, local('behind'))
  replies.take('errorResponse')
  assert.deepEqual(own(replies), [])
  replies.take('readyForQuery', 'idle')
  assert.deepEqual(own(replies), ['behind idle'])
})

test('an error without a sync behind it is skipped up to the sync that comes', () => {
  const replies = expecting(PARSE, execute('x'), query('x'))
  assert.equal(replies.isSkipping, false)
  replies.take('errorResponse')
  assert.deepEqual([replies.pending, replies.isSkipping], [0, true])
  replies.expect(SYNC)
  assert.equal(replies.isSkipping, false)
})

test('an error with its sync behind it, or of a simple query, leaves nothing to skip', () => {
  for (const replies of [expecting(PARSE, SYNC), expecting(query('x'))]) {
    replies.take('errorResponse')
    assert.equal(replies.isSkipping, false)
  }
})

test('the error of our poison is replaced by the answer that it stands for', () => {
  const answer = Buffer.from('refused')
  const replies = expecting({ kind: 'poison', answer }, SYNC)
  const turn = replies.take('errorResponse')
  assert.ok(turn.fate === 'replace')
  assert.equal(turn.answer, answer)
})

test('an earlier error keeps our poison and its answer from being told', () => {
  const replies = expecting(execute('x'), { kind: 'poison', answer: Buffer.from('refused') }, SYNC)
  assert.equal(replies.take('errorResponse').fate, 'forward')
  assert.equal(replies.head, SYNC)
})

test('what we asked for ourselves is kept from the client', () => {
  const replies = expecting({ kind: 'describe', run: 'x', swallow: true }, { ...SYNC, swallow: true })
  assert.equal(replies.take('parameterDescription').fate, 'swallow')
  assert.equal(replies.take('rowDescription').fate, 'swallow')
  assert.equal(replies.take('readyForQuery', 'idle').fate, 'swallow')
})

test('the error of a check of ours is kept from the client', () => {
  const replies = expecting({ kind: 'check', onDone: nothing, onError: nothing }, { ...SYNC, swallow: true })
  assert.equal(replies.take('errorResponse').fate, 'swallow')
  assert.equal(replies.pending, 1)
})

for (const copy of [execute('copy'), query('copy')])
  test(`syncs that were sent before the data of a COPY by ${copy.kind} are not owed any more`, () => {
    const replies = expecting(copy, SYNC, SYNC, PARSE)
    assert.equal(replies.take('copyInResponse').fate, 'forward')
    replies.take('commandComplete')
    if (copy.kind === 'query') replies.take('readyForQuery', 'idle')
    assert.equal(replies.head?.kind, 'parse')
  })

test('a long pipeline is worked off in order', () => {
  const replies = new Replies<string>()
  const done: number[] = []
  for (let at = 0; at < 1000; at += 1) replies.expect({ kind: 'parse', onDone: () => done.push(at) })
  for (let at = 0; at < 1000; at += 1) replies.take('parseComplete')
  assert.deepEqual(done, [...Array(1000).keys()])
  assert.deepEqual([replies.pending, replies.outstanding()], [0, []])
})
