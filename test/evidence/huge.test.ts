import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { header, recordSession, sessionId } from '../recording/node.ts'
import { CAROL, deskWorld } from './world.ts'

const EVENTS = 200_000
const HUGE = 's_0000000000000000huge'

/** Lines as the recorder writes them but for their chain: what a page costs does not hang on it. */
function writeHuge(root: string, from: string): void {
  const folder = path.join(root, HUGE)
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'session.json'), from.replace(/s_0{19}1/, HUGE))
  const file = path.join(folder, 'events.ndjson')
  writeFileSync(file, '')
  const who = '"who":{"person":"alice","account":"alice@cards","upstreamAccount":"app"}'
  for (let seq = 0; seq < EVENTS; seq += 5000) {
    const lines = Array.from({ length: 5000 }, (_, at) => {
      const line = seq + at
      const at_ = new Date(Date.UTC(2026, 10, 22) + line * 100).toISOString().replace('Z', '000Z')
      const start = `{"seq":${line},"at":"${at_}","mono":${line}`
      const number = (line >> 1) + 1
      const body =
        line % 2 === 0
          ? `"kind":"statement","outcome":"allowed","session":"${HUGE}",${who},"statement":${number},"message":"query","text":["SELECT ${number % 977} FROM t"],"values":[],"facts":[{"verbs":["select"],"effects":["read"],"tables":["public.t"],"columns":[],"classes":[],"complete":true,"gaps":[]}],"verdict":{"effect":"allow","rules":["r"],"policyVersion":"p"}`
          : `"kind":"result","outcome":"executed","session":"${HUGE}",${who},"statement":${number},"end":"done","sqlstate":null,"tag":"SELECT 1","rows":1,"bytes":10,"ms":1,"masked":0,"pans":0`
      return `${start},${body},"prev":"${'0'.repeat(64)}"}\n`
    })
    appendFileSync(file, lines.join(''))
  }
}

/** Alone on a machine it is a tenth of that; other tests run beside this one. */
const PATIENCE_MS = 5000

test('a recording of 200,000 events opens and seeks at once, in memory that does not grow with it', async (test) => {
  const { node, desk, index, troubles } = await deskWorld(test)
  const folder = await recordSession(node, header().session, 1)
  writeHuge(node.folder, readFileSync(path.join(folder, 'session.json'), 'utf8'))
  const size = statSync(path.join(node.folder, HUGE, 'events.ndjson')).size
  const recording = sessionId(HUGE)
  const timed = async (from: number | { at: number }) => {
    const before = performance.now()
    const page = await desk.page({ recording, from, limit: 200 }, CAROL)
    return { page, ms: performance.now() - before }
  }
  const cold = await timed(0)
  assert.ok(cold.ms < PATIENCE_MS, `first page before anything was indexed: ${cold.ms} ms`)
  const started = performance.now()
  await index.refresh()
  test.diagnostic(`indexed ${Math.round(size / 1e6)} MB in ${Math.round(performance.now() - started)} ms`)
  // Taken once the threads have what they need to work at all.
  const before = process.memoryUsage.rss()
  for (const from of [0, 199_900, 123_456, { at: Date.UTC(2026, 10, 22) + 15_000_000 }]) {
    const { page, ms } = await timed(from)
    assert.ok(ms < PATIENCE_MS, `${JSON.stringify(from)}: ${ms} ms`)
    const first = page?.events[0]?.['seq']
    assert.equal(first, typeof from === 'number' ? from : 150_000)
    assert.equal(page?.lines, EVENTS)
  }
  const found = await desk.find({ recording, text: 'select 976 from', from: 150_000 }, CAROL)
  assert.equal(found?.items[0]?.line, 150_454)
  const search = await desk.search({ text: 'SELECT 976', limit: 50 }, CAROL)
  assert.equal(search.items.length, 50)
  const grown = process.memoryUsage.rss() - before
  assert.ok(grown < 64 * 1024 * 1024, `grew by ${Math.round(grown / 1e6)} MB while paging ${Math.round(size / 1e6)} MB`)
  assert.deepEqual(troubles, [])
})
