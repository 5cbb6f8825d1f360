import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { nodeFiles } from '../../src/recording/files.ts'
import { readEvents } from '../../src/recording/reader.ts'
import { recover } from '../../src/recording/recover.ts'
import { verify } from '../../src/recording/verify.ts'
import { scratch, startNode } from './node.ts'

const CHILD = fileURLToPath(new URL('kill-child.ts', import.meta.url))
const ROUNDS = 10

/** Runs the writer, kills it once it has said `lines` times how far it came; gives the last statement it had handed over by then. */
async function writeAndDie(data: string, session: string, lines: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, path.join(data, 'recordings'), path.join(data, 'keys'), session])
  let said = ''
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    said += chunk.toString()
    if (said.split('\n').length > lines) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  assert.equal(child.signalCode, 'SIGKILL', 'the writer ended by itself')
  return Number(said.split('\n').at(-2))
}

test('kill -9 at random points loses nothing that was handed over, and what recovery leaves verifies', async (test) => {
  const data = scratch(test)
  const told: number[] = []
  const folder = path.join(data, 'recordings')
  for (let round = 0; round < ROUNDS; round += 1) {
    const session = `s_0000000000000000000${round}`
    told.push(await writeAndDie(data, session, 1 + ((round * 7) % 11)))
    if (round % 3 !== 2) continue
    const node = await startNode(data)
    const recovered = await recover({ ...node, files: nodeFiles }, node.unended)
    assert.equal(recovered.length, 3)
    assert.ok(recovered.every(({ outcome }) => outcome === 'crashed'))
  }
  const node = await startNode(data)
  await recover({ ...node, files: nodeFiles }, node.unended)
  await node.ledger.stop('test')
  const report = await verify(folder)
  assert.deepEqual(report.problems, [])
  assert.equal(report.sessions.length, ROUNDS)
  for (const [round, last] of told.entries()) {
    let statements = 0
    for await (const event of readEvents(path.join(folder, `s_0000000000000000000${round}`))) {
      if (event.kind === 'statement') statements += 1
    }
    assert.ok(statements >= last, `session ${round} holds ${statements} of ${last} statements`)
  }
})
