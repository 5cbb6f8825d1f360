import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_HISTORY } from '../../src/model/line-history.ts'
import { scratchStore } from './scratch.ts'

const alice = { person: 'alice', target: 'web-1' }

test('lines come back oldest first, to the same person on the same target alone', async (context) => {
  const { lineHistory } = scratchStore(context).store
  await lineHistory.add({ ...alice, text: 'ls', at: 1 })
  await lineHistory.add({ ...alice, text: "echo 'ü\n'", at: 2 })
  await lineHistory.add({ person: 'bob', target: 'web-1', text: 'id', at: 3 })
  await lineHistory.add({ person: 'alice', target: 'web-2', text: 'df', at: 4 })
  assert.deepEqual(await lineHistory.load(alice), ['ls', "echo 'ü\n'"])
})

test('only the newest lines are kept, and the lines of others are not counted', async (context) => {
  const { lineHistory } = scratchStore(context).store
  await lineHistory.add({ person: 'bob', target: 'web-1', text: 'id', at: 0 })
  for (let line = 0; line < MAX_HISTORY + 5; line += 1) await lineHistory.add({ ...alice, text: `${line}`, at: line })
  const lines = await lineHistory.load(alice)
  assert.deepEqual([lines.length, lines[0], lines.at(-1)], [MAX_HISTORY, '5', `${MAX_HISTORY + 4}`])
  assert.deepEqual(await lineHistory.load({ person: 'bob', target: 'web-1' }), ['id'])
})
