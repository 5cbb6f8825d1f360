import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { attackStage, type AttackStage } from '../support/attack-stage.ts'
import { ATTACKS, TRAPS, type Attack } from '../support/attack-table.ts'
import { MASKING } from '../support/masking-table.ts'
import { PLANTED, planted } from '../support/planted.ts'
import { PROBES } from '../support/probe-table.ts'
import type { RawClient, Reply } from '../support/raw-client.ts'

const THREATS = [...ATTACKS, ...MASKING, ...PROBES]
const HOUR = 3_600_000

describe('attacks that a statement carries out by its text', () => {
  let stage: AttackStage
  let marks = 0

  before(async () => {
    stage = await attackStage()
    await stage.beside.query(TRAPS)
    await stage.beside.query(`UPDATE cards SET pan = '${PLANTED.pan}', cvv = '${PLANTED.cvv}' WHERE id = 1; ANALYZE`)
  })
  after(() => stage.stop())

  for (const threat of new Set(THREATS.map(([id]) => id))) {
    test(`${threat}: each of its texts ends as it must, and gives nothing away`, async () => {
      // Nobody has more than 120 statements held within an hour.
      stage.clock.move(HOUR / 8)
      const client = await stage.enter(threat.toLowerCase(), 'root')
      try {
        for (const attack of THREATS.filter(([id]) => id === threat)) await play(client, attack)
      } finally {
        client.close()
      }
    })
  }

  async function play(client: RawClient, [, must, text]: Attack): Promise<void> {
    const mark = `m${(marks += 1)}x`
    const reply = await client.query(`/*${mark}*/ ${text}`)
    const label = `${text}\n  -> ${reply.end} ${reply.said}`
    CHECKS[must](reply, label)
    if (reply.end === 'held') assert.deepEqual((await client.withdraw()).errors, ['57014'], label)
    assert.equal((await client.query('SELECT 1')).rows[0]?.[0], '1', `the session lives on after: ${label}`)
    assert.deepEqual(planted(client.received), [], `gave away by: ${label}`)
    if (must === 'held' || must === 'refused')
      assert.ok(!readFileSync(stage.server.logPath, 'utf8').includes(mark), `reached the database: ${label}`)
  }
})

const CHECKS: Readonly<Record<Attack[1], (reply: Reply, label: string) => void>> = {
  held: (reply, label) => assert.equal(reply.end, 'held', label),
  refused: (reply, label) => {
    assert.equal(reply.end, 'ready', label)
    assert.deepEqual(reply.errors, ['42501'], label)
    assert.match(reply.said, /Rule: |cannot be masked/, label)
  },
  masked: (reply, label) => {
    assert.deepEqual([reply.end, reply.errors], ['ready', []], label)
    assert.ok(reply.rows.length > 0, label)
  },
  runs: (reply, label) => assert.deepEqual([reply.end, reply.errors], ['ready', []], label),
  invalid: (reply, label) => assert.deepEqual([reply.end, reply.errors], ['ready', ['42601']], label),
}
