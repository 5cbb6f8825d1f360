import assert from 'node:assert/strict'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startClient, without, type Client } from '../support/clients.ts'
import { secondNode, type SecondNode } from '../support/second-node.ts'
import { testStage, type TestStage } from '../support/stage.ts'

const QUIET = ['-X', '-q', '-A', '-t']
/** The configuration takes a minute at least; this node has less patience. */
const [PERSON_MS, PROGRAM_MS] = [2000, 7000]
/** What a busy machine adds. */
const BUSY_MS = 3000

describe('sessions without input', { skip: without('psql', '--version') }, () => {
  let stage: TestStage
  let node: SecondNode
  before(async () => {
    stage = await testStage()
    node = await secondNode(stage.stage, 'hasty', {
      limits: { idleTimeout: PERSON_MS, serviceIdleTimeout: PROGRAM_MS },
    })
  })
  after(async () => {
    await node.stop()
    await stage.stop()
  })

  /** A psql that has asked one thing and then says nothing; and when it had its answer. */
  async function silent(name: string, owner?: string): Promise<{ client: Client; since: number }> {
    const client = startClient('psql', QUIET, { ...stage.env, ...(await node.login(name, owner)) })
    client.type('SELECT 1;\n')
    await client.more()
    assert.equal(client.output(), '1\n', client.errors())
    return { client, since: Date.now() }
  }

  /** When the first session of this person ended, and why. */
  async function endOf(name: string): Promise<{ readonly at: number; readonly reason: string }> {
    const store = new DatabaseSync(path.join(node.data, 'countersign.db'), { readOnly: true })
    const first = store.prepare('SELECT ended_at, end_reason FROM sessions WHERE person = ? ORDER BY rowid LIMIT 1')
    try {
      const end = Date.now() + 20_000
      while (Date.now() < end) {
        const row = first.get(name)
        if (typeof row?.['ended_at'] === 'number') return { at: row['ended_at'], reason: String(row['end_reason']) }
        await pause(50)
      }
    } finally {
      store.close()
    }
    throw new Error(`no end of ${name}`)
  }

  test('a person’s ends after their limit, a program’s after its own, and what runs is not idle', async () => {
    const [vera, nightly, busy] = [await silent('vera'), await silent('nightly', 'vera'), await silent('walt')]
    busy.client.type(`SELECT pg_sleep(${(PERSON_MS + BUSY_MS) / 1000}), 'done';\n`)
    const ended = await endOf('vera')
    assert.equal(ended.reason, 'idle')
    assert.ok(
      ended.at - vera.since >= PERSON_MS - 100 && ended.at - vera.since < PROGRAM_MS - 100,
      JSON.stringify(ended),
    )
    nightly.client.type('SELECT 2;\n')
    await nightly.client.more()
    const spoke = Date.now()
    assert.equal(nightly.client.output(), '1\n2\n', 'a program may be silent for longer than a person')
    const late = await endOf('nightly')
    assert.equal(late.reason, 'idle')
    assert.ok(late.at - spoke >= PROGRAM_MS - 100 && late.at - spoke < PROGRAM_MS + BUSY_MS, JSON.stringify(late))
    assert.match(busy.client.output(), /done/)
    for (const { client } of [vera, nightly, busy]) {
      client.type('SELECT 3;\n')
      client.close()
    }
    assert.match((await vera.client.ended).err, /FATAL: {2}the session was idle for too long/)
    assert.match((await nightly.client.ended).err, /FATAL: {2}the session was idle for too long/)
    assert.deepEqual(node.fatal, [])
  })
})
