import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { GatheredOutput, type OutputKind } from '../../../src/proxy/ssh/gathered-output.ts'

const LONG = 32 * 1024

interface Passed {
  readonly to: OutputKind
  readonly text: string
}

function gathering(): { readonly output: GatheredOutput; readonly passed: Passed[] } {
  const passed: Passed[] = []
  const output = new GatheredOutput((to, bytes) => {
    passed.push({ to, text: bytes.toString('latin1') })
  })
  return { output, passed }
}

const long = (mark: string): Buffer => Buffer.alloc(LONG, mark)
const begins = (passed: readonly Passed[]): readonly string[] =>
  passed.map(({ to, text }) => `${to} ${text.slice(0, 1)}`)

test('a short piece goes on at once where nothing waits', () => {
  const { output, passed } = gathering()
  output.add('out', Buffer.from('x'))
  output.add('out', Buffer.from('y'))
  assert.deepEqual(passed, [
    { to: 'out', text: 'x' },
    { to: 'out', text: 'y' },
  ])
})

test('long pieces of one turn go on as one, and what comes behind them does not overtake them', async () => {
  const { output, passed } = gathering()
  output.add('out', long('a'))
  output.add('out', long('b'))
  output.add('out', Buffer.from('c'))
  assert.equal(passed.length, 0)
  await turn()
  assert.deepEqual(passed, [{ to: 'out', text: 'a'.repeat(LONG) + 'b'.repeat(LONG) + 'c' }])
  output.add('out', Buffer.from('d'))
  assert.equal(passed.at(-1)?.text, 'd')
})

test('output and error output stay in their order', async () => {
  const { output, passed } = gathering()
  output.add('out', long('a'))
  output.add('err', Buffer.from('b'))
  output.add('err', long('c'))
  output.add('out', Buffer.from('d'))
  output.add('out', long('e'))
  await turn()
  assert.deepEqual(begins(passed), ['out a', 'err b', 'err c', 'out d', 'out e'])
})

test('no more waits than a bound, however much one turn brings', () => {
  const { output, passed } = gathering()
  for (let at = 0; at < 64; at += 1) output.add('out', long('x'))
  const sent = passed.reduce((sum, { text }) => sum + text.length, 0)
  assert.ok(64 * LONG - sent <= 512 * 1024, String(sent))
  assert.ok(passed.every(({ text }) => text.length <= 512 * 1024 + LONG))
})

test('what waits goes on when it must, once', async () => {
  const { output, passed } = gathering()
  output.add('err', long('a'))
  output.flush()
  output.flush()
  assert.deepEqual(begins(passed), ['err a'])
  await turn()
  assert.equal(passed.length, 1)
})
