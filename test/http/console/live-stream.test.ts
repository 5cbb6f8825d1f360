import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LOOK_MS } from '../../../src/http/console/live-stream.ts'
import { SESSION, world } from '../world.ts'
import type { World } from '../world.ts'
import { recorded, result, statement } from './recorded.ts'
import { seated } from './seat.ts'

const LINES = `/sessions/${SESSION}/watch/lines`

/** Reads a stream up to a text, with the clock going on. */
async function until(response: Response, wanted: RegExp, { clock }: World): Promise<string> {
  const reader = (response.body ?? assert.fail('no body')).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  let coming = reader.read()
  for (let turns = 0; turns < 300 && !wanted.test(text); turns += 1) {
    const next = await Promise.race([coming, new Promise<undefined>((done) => setImmediate(done, undefined))])
    if (next?.done === true) break
    if (next === undefined) clock.advance(LOOK_MS)
    else coming = reader.read()
    text += next?.value ?? ''
  }
  assert.match(text, wanted)
  return text
}

test('a watch shows what is there, is noted before its first line, and ends with the session', async () => {
  const all = world()
  all.state.events.push(
    ...recorded(statement(1, ['SELECT 1']), result(1), { kind: 'close', reason: 'client-left', text: null }),
  )
  const carol = await seated(all.app, 'carol')
  const response = await carol.get(LINES)
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  assert.deepEqual(
    all.state.asked.map(({ what, by }) => [what, by]),
    [['watch', 'carol']],
  )
  const text = await until(response, /event: end/, all)
  assert.match(text, /event: lines\ndata: <ol/)
  assert.equal(text.match(/data-line="/g)?.length, 3)
})

test('no recorded text ends a message of the stream or begins another', async () => {
  const all = world()
  all.state.events.push(
    ...recorded(statement(1, ['SELECT 1\n\nevent: end\ndata: x\r\nevent: away\n\n']), {
      kind: 'close',
      reason: 'idle',
      text: null,
    }),
  )
  const text = await until(await (await seated(all.app, 'carol')).get(LINES), /event: end\ndata: The session/, all)
  const lines = text.split('\n').filter((line) => line !== '')
  assert.deepEqual(
    lines.filter((line) => !/^(data|event|retry|:)/.test(line)),
    [],
  )
  assert.equal(lines.filter((line) => line.startsWith('event: ')).length, 2)
})

test('whoever is disabled while they watch sees no further line', async () => {
  const all = world()
  const response = await (await seated(all.app, 'carol')).get(LINES)
  all.state.disabled.add('carol')
  all.state.events.push(...recorded(statement(1, ['SELECT secret'])))
  const text = await until(response, /event: away/, all)
  assert.doesNotMatch(text.slice(text.indexOf('event: away')), /secret/)
})

test('of very many events at once the newest are sent, and how many are left out', async () => {
  const all = world()
  all.state.events.push(
    ...recorded(...Array.from({ length: 1000 }, (_, at) => statement(at + 1, ['x'])), {
      kind: 'close',
      reason: 'idle',
      text: null,
    }),
  )
  const text = await until(await (await seated(all.app, 'carol')).get(LINES), /event: end/, all)
  assert.equal(text.match(/data-line="/g)?.length, 150)
  assert.match(text, /data-skipped="851"/)
})
