import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { run as evidence } from '../../src/cli/evidence.ts'
import type { Io } from '../../src/cli/io.ts'
import { run as login } from '../../src/cli/login.ts'
import { run as search } from '../../src/cli/search.ts'
import { fakeDesk, reportOf, STATEMENT } from '../http/evidence-desk.ts'
import { world, type World } from '../http/world.ts'

/** The commands as one person, over the API in memory. */
async function machine(test: TestContext, running: World, person: string) {
  const home = mkdtempSync(path.join(tmpdir(), 'countersign-cli-'))
  test.after(() => rmSync(home, { recursive: true }))
  const told = { out: '', err: '', urls: [] as string[] }
  const io: Io = {
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    isTty: false,
    env: { XDG_CONFIG_HOME: home, COUNTERSIGN_PASSWORD: `pw-${person}`, COUNTERSIGN_CODE: '1777777' },
  }
  const net = {
    fetch(url: string, init: RequestInit) {
      told.urls.push(url.replace(/^https:\/\/[^/]+\/api\/v1\//, ''))
      return Promise.resolve(running.app.request(url.replace(/^https?:\/\/[^/]+/, ''), init))
    },
  }
  assert.equal(await login(['https://countersign.example', '--person', person], io, net), 0)
  told.out = ''
  told.urls.length = 0
  return { io, net, told, home }
}

test('evidence is read at the terminal, or kept as CSV, HTML or JSON in a file for its owner alone', async (test) => {
  const { io, net, told, home } = await machine(test, world(), 'carol')
  assert.equal(await evidence(['accounts', '--from', '2026-11-01', '--to', '2026-11-22'], io, net), 0)
  assert.match(told.out, /^Accounts\nperiod {4}2026-11-01T00:00:00.000Z to 2026-11-23T00:00:00.000Z\n/)
  assert.match(told.out, /verified {2}everything is as it was written\n[^]*\nalice\n$/)
  const file = path.join(home, 'accounts.csv')
  assert.equal(await evidence(['accounts', '--output', file], io, net), 0)
  assert.equal(readFileSync(file, 'utf8'), 'person\r\nalice\r\n')
  assert.equal((statSync(file).mode & 0o777).toString(8), '600')
  assert.equal(await evidence(['accounts', '--output', file], io, net), 1)
  told.out = ''
  assert.equal(await evidence(['accounts', '--format', 'html'], io, net), 0)
  assert.match(told.out, /^<!doctype html>/)
  told.out = ''
  assert.equal(await evidence(['accounts', '--json'], io, net), 0)
  assert.match(told.out, /^\{"name":"accounts"/)
})

test('evidence that is not whole ends with 1, in every form', async (test) => {
  const desk = fakeDesk({ asked: [], events: [] })
  const report = reportOf({ name: 'chain' })
  const verification = { ...report.front.verification, ok: false, problems: 2, codes: ['changed (2)'] }
  const broken = { ...report, front: { ...report.front, verification } }
  const running = world({ evidence: { ...desk, report: () => Promise.resolve(broken) } })
  const { io, net, told } = await machine(test, running, 'carol')
  assert.equal(await evidence(['chain'], io, net), 1)
  assert.match(told.out, /NOT OK: changed \(2\)/)
  assert.equal(await evidence(['chain', '--format', 'csv'], io, net), 1)
})

test('an unknown report or form is wrong usage; a report without what it needs, or for the wrong role, is refused in words', async (test) => {
  const { io, net, told } = await machine(test, world(), 'carol')
  assert.equal(await evidence(['nonsense'], io, net), 2)
  assert.equal(await evidence(['chain', '--format', 'pdf'], io, net), 2)
  assert.equal(await evidence(['touched'], io, net), 1)
  assert.match(told.err, /this report needs a table, a column or a class/)
  const alice = await machine(test, world(), 'alice')
  assert.equal(await evidence(['chain', '--format', 'csv'], alice.io, alice.net), 1)
  assert.match(alice.told.err, /Not allowed/)
})

test('search hands its filters on and shows one line a statement, with nothing in it that a terminal acts on', async (test) => {
  const desk = fakeDesk({ asked: [], events: [] })
  const item = {
    ...STATEMENT,
    text: 'SELECT 1\n\u001b[2J',
    ruling: 'refused' as const,
    ruledBy: ['bob'],
    verdict: 'hold',
  }
  const answer = { items: [item], next: '5.s_x.1', complete: false }
  const running = world({ evidence: { ...desk, search: () => Promise.resolve(answer) } })
  const { io, net, told } = await machine(test, running, 'carol')
  assert.equal(await search(['from cards', '--table', 'cards', '--verdict', 'hold'], io, net), 0)
  assert.deepEqual(told.urls, ['search?table=cards&verdict=hold&text=from+cards'])
  assert.match(told.out, /alice@cards {2}s_\w+ 1 {2}hold, refused by bob {2}done {2}SELECT 1/)
  assert.match(told.out, /--cursor 5\.s_x\.1\nolder recordings are still being read/)
  assert.equal(told.out.includes('\u001b'), false)
})
