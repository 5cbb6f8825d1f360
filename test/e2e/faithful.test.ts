import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { plain, type RedactedText } from '../../src/model/redacted.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { runClient, without } from '../support/clients.ts'
import { secondNode, type SecondNode } from '../support/second-node.ts'
import { testStage, type TestStage } from '../support/stage.ts'

const PACK = `name: further
description: Keeps what people saw.
record: { rows: 100 }
rules: []
`
const SQL = 'SELECT id, holder, pan, cvv, NULL AS nothing FROM cards ORDER BY id LIMIT 7'

interface Line {
  readonly kind: string
  readonly columns?: readonly string[]
  readonly rows?: readonly (readonly (RedactedText | null)[])[] | number
  readonly masked?: number
}

describe('a transcript', { skip: without('psql', '--version') }, () => {
  let stage: TestStage
  let node: SecondNode
  before(async () => {
    stage = await testStage()
    node = await secondNode(stage.stage, 'keeping', { pack: PACK })
  })
  after(async () => {
    await node.stop()
    await stage.stop()
  })

  /** The lines of the only session, once it has ended. */
  async function recorded(): Promise<readonly Line[]> {
    const root = path.join(node.data, 'recordings')
    const end = Date.now() + 10_000
    for (;;) {
      const [session] = readdirSync(root).filter((name) => name.startsWith('s_'))
      const text = readFileSync(path.join(root, session ?? '', 'events.ndjson'), 'utf8')
      const lines = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
      if (lines.some(({ kind }) => kind === 'close')) return lines
      if (Date.now() > end) throw new Error(`no end of ${session ?? 'any session'}`)
      await pause(50)
    }
  }

  test('RA-16: holds the rows as the client saw them, masked and not one cell otherwise, and how many cells were masked', async () => {
    const env = { ...stage.env, ...(await node.login('vera')) }
    const seen = await runClient('psql', ['-X', '-q', '-A', '-t', '-F', '\t', '-P', 'null=<null>', '-c', SQL], env)
    assert.equal(seen.status, 0, seen.err)
    const rows = seen.out.trimEnd().split('\n')
    assert.equal(rows.length, 7)
    assert.match(seen.out, /\d{6}\*{6}\d{4}/, 'card numbers were masked')
    const lines = await recorded()
    const kept = lines.find(({ kind }) => kind === 'rows')
    assert.deepEqual(kept?.columns, ['id', 'holder', 'pan', 'cvv', 'nothing'])
    assert.ok(typeof kept.rows === 'object')
    const shown = (cell: RedactedText | null): string => (cell === null ? '<null>' : plain(cell))
    assert.deepEqual(
      kept.rows.map((row) => row.map(shown).join('\t')),
      rows,
    )
    const result = lines.find(({ kind }) => kind === 'result')
    assert.equal(result?.rows, 7)
    assert.ok((result.masked ?? 0) >= 7, 'what was masked is told')
  })
})
