import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { run as connect } from '../../src/cli/connect.ts'
import type { Io } from '../../src/cli/io.ts'
import { run as login } from '../../src/cli/login.ts'
import { run as request } from '../../src/cli/request.ts'
import { run as requests } from '../../src/cli/requests.ts'
import { accessRequest, REQUEST } from '../http/request-desk.ts'
import { world } from '../http/world.ts'
import type { World } from '../http/world.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A person who is logged in on a machine whose network is the API in memory. `heard` resolves when `err` has said this. */
async function loggedIn(running: World, person: string, answers: readonly string[] = []) {
  const home = mkdtempSync(path.join(tmpdir(), 'countersign-cli-'))
  folders.push(home)
  const told = { out: '', err: '', asked: [] as string[], urls: [] as string[] }
  const left = [...answers]
  const waiting: { readonly pattern: RegExp; readonly done: () => void }[] = []
  const env = { XDG_CONFIG_HOME: home, COUNTERSIGN_PASSWORD: `pw-${person}`, COUNTERSIGN_CODE: '1777777' }
  const io: Io = {
    out: (text) => void (told.out += text),
    err(text) {
      told.err += text
      for (const { pattern, done } of waiting) if (pattern.test(told.err)) done()
    },
    isTty: answers.length > 0,
    env,
    ask(question) {
      told.asked.push(question)
      return Promise.resolve(left.shift() ?? '')
    },
  }
  const net = {
    fetch(url: string, init: RequestInit) {
      told.urls.push(url.replace(/^https?:\/\/[^/]+/, ''))
      return Promise.resolve(running.app.request(url.replace(/^https?:\/\/[^/]+/, ''), init))
    },
  }
  const heard = (pattern: RegExp): Promise<void> => new Promise((done) => void waiting.push({ pattern, done }))
  assert.equal(await login(['https://countersign.example', '--person', person], io, net), 0)
  told.out = ''
  return { io, net, told, heard }
}

const ASK = ['cards', '--for', '30m', '--reason', 'a stuck payment', '--ticket', 'OPS-12']

test('request asks and says what became of it', async () => {
  const { io, net, told } = await loggedIn(world(), 'alice')
  assert.equal(await request(ASK, io, net), 0)
  assert.match(told.out, /^r_asked\w+ is open; https:\/\/countersign\.example\/access-requests\/r_asked\w+\n$/)
  told.out = ''
  assert.equal(await request(['other', ...ASK.slice(1)], io, net), 0)
  assert.equal(told.out, 'access to other is granted (g_abcdefghij01)\n')
})

test('request --json is the request itself, and a refusal is code 1 with its words', async () => {
  const running = world()
  const { io, net, told } = await loggedIn(running, 'alice')
  assert.equal(await request([...ASK, '--json'], io, net), 0)
  const said: unknown = JSON.parse(told.out)
  assert.ok(typeof said === 'object' && said !== null && 'state' in said && said.state === 'open')
  assert.equal(await request(['nowhere', ...ASK.slice(1)], io, net), 1)
  assert.match(told.err, /there is no target of that name; you may ask for cards, other/)
  assert.equal(await request(['cards', '--for', '3h', '--reason', 'x'], io, net), 1)
  assert.match(told.err, /Access for so long is not given: at most 2h/)
})

test('request asks for less than everything where that is enough', async () => {
  const { io, net, told } = await loggedIn(world(), 'alice')
  const wish = ['cards', '--for', '30m', '--reason', 'to look', '--rights']
  assert.equal(await request([...wish, 'read', '--json'], io, net), 0)
  assert.match(told.out, /"rights":"read"/)
  assert.equal(await request([...wish, 'root'], io, net), 2)
  assert.match(told.err, /--rights is one of read, write, all/)
})

test('request without a target lists what one may ask for, and what is open already', async () => {
  const { io, net, told } = await loggedIn(world(), 'alice')
  assert.equal(await request([], io, net), 0)
  assert.equal(
    told.out,
    'cards                 postgres  (cde); yours until 2026-11-22T01:00:00.000Z\nother                 postgres\n',
  )
  told.out = ''
  assert.equal(await request(['--json'], io, net), 0)
  const { targets } = JSON.parse(told.out) as { targets: { name: string; mayAsk: boolean }[] }
  assert.deepEqual(
    targets.map(({ name, mayAsk }) => [name, mayAsk]),
    [
      ['cards', true],
      ['other', true],
    ],
  )
  const carol = await loggedIn(world(), 'carol')
  assert.equal(await request([], carol.io, carol.net), 0)
  assert.deepEqual([carol.told.out, carol.told.err.includes('no target that you may ask for')], ['', true])
})

test('wrong usage is code 2, and asks nothing of the server', async () => {
  const { io, net, told } = await loggedIn(world(), 'alice')
  told.urls.length = 0
  const wrong: readonly (readonly string[])[] = [
    ['cards'],
    ['cards', '--for', '30m'],
    ['cards', '--for', '30 minutes', '--reason', 'x'],
    ['cards', '--for', '30m', '--reason', ' '],
    ['cards', '--for', '30m', '--reason', 'x'.repeat(5_000_000)],
    ['approve'],
    ['deny', REQUEST],
    ['destroy', REQUEST],
    ['approve', REQUEST, 'more'],
  ]
  for (const argv of wrong) {
    told.err = ''
    assert.equal(await request(argv, io, net), 2, argv.join(' ').slice(0, 80))
    assert.match(told.err, /usage: countersign request/)
  }
  assert.deepEqual(told.urls, [])
})

test('request --wait goes on when somebody has answered', async () => {
  const running = world()
  const { io, net, told, heard } = await loggedIn(running, 'alice')
  const waits = heard(/waiting for 1 approver until/)
  const done = request([...ASK, '--wait'], io, net)
  await waits
  const [open] = [...running.desk.rows.values()].slice(-1)
  assert.ok(open)
  running.desk.tell('settled', accessRequest({ id: open.id, state: 'granted' }))
  assert.equal(await done, 0)
  assert.equal(told.out, 'access to cards is granted\n')
})

test('request --wait ends with the words of a denial', async () => {
  const running = world()
  const { io, net, told, heard } = await loggedIn(running, 'alice')
  const waits = heard(/waiting/)
  const done = request([...ASK, '--wait'], io, net)
  await waits
  const [open] = [...running.desk.rows.values()].slice(-1)
  const bob = await loggedIn(running, 'bob')
  assert.equal(await request(['deny', open?.id ?? '', '--reason', 'not today', '--code', '100001'], bob.io, bob.net), 0)
  assert.equal(await done, 1)
  assert.match(told.err, /access to cards is denied by bob: not today/)
})

test('request approve shows all of it before it asks for the code', async () => {
  const running = world()
  const { io, net, told } = await loggedIn(running, 'bob', ['100001'])
  assert.equal(await request(['approve', REQUEST, '--for', '10m'], io, net), 0)
  assert.match(
    told.out,
    /alice asks for cards for 30m: open\n {2}reason {2}a stuck payment\n {2}ticket {2}OPS-12\n {2}rights {2}everything the rules allow\n[^]*stage 1 0 of 1 approver, asked[^]*is granted/,
  )
  assert.deepEqual(told.asked, ['One-time code to approve exactly this (empty leaves it): '])
  assert.equal(running.desk.rows.get(REQUEST)?.decisions[0]?.forMs, 600_000)
  assert.equal(await request(['approve', REQUEST], io, net), 1)
  assert.match(told.err, /it is granted/)
})

test('an empty answer leaves the request as it was, and a pipe has to give the code', async () => {
  const running = world()
  const bob = await loggedIn(running, 'bob', [''])
  assert.equal(await request(['approve', REQUEST], bob.io, bob.net), 1)
  const piped = await loggedIn(running, 'erin')
  assert.equal(await request(['approve', REQUEST], piped.io, piped.net), 2)
  assert.equal(running.desk.rows.get(REQUEST)?.state, 'open')
})

test('withdraw is for whoever asked', async () => {
  const running = world()
  const bob = await loggedIn(running, 'bob')
  assert.equal(await request(['withdraw', REQUEST], bob.io, bob.net), 1)
  const alice = await loggedIn(running, 'alice')
  assert.equal(await request(['withdraw', REQUEST], alice.io, alice.net), 0)
  assert.equal(running.desk.rows.get(REQUEST)?.state, 'withdrawn')
})

test('requests lists one a line, and what they hold cannot command the terminal', async () => {
  const running = world()
  running.desk.rows.set(REQUEST, accessRequest({ reason: 'x\u001b]0;owned\u0007' }))
  const { io, net, told } = await loggedIn(running, 'bob')
  assert.equal(await requests([], io, net), 0)
  assert.match(told.out, /^r_abcdefghij01 {2}open {7}alice@cards for 30m {2}answer until \S+ {2}OPS-12: x.*\n$/)
  assert.doesNotMatch(told.out, /[\u001b\u0007]/)
  told.out = ''
  assert.equal(await requests(['--state', 'denied'], io, net), 0)
  assert.equal(told.out, 'nothing\n')
})

/** A psql that only notes how it was started. */
const noting = () => {
  const started: string[] = []
  const launch = (_program: string, args: readonly string[]): Promise<number> => {
    started.push(args.join(' '))
    return Promise.resolve(0)
  }
  return { started, launch }
}

test('connect without a grant asks, waits with a clear line, and goes on', async () => {
  const running = world()
  const { io, net, told, heard } = await loggedIn(running, 'mallory', ['a stuck payment'])
  const { started, launch } = noting()
  const waits = heard(/waiting for 1 approver/)
  const done = connect(['cards', '--for', '30m'], io, { ...net, launch })
  await waits
  assert.deepEqual([told.asked, started], [['Why do you need cards? '], []])
  const [open] = [...running.desk.rows.values()].slice(-1)
  assert.ok(open)
  const { liveOf } = running.deps.grants
  const [grant] = await liveOf(open.person)
  assert.equal(grant, undefined)
  running.state.granted.push(open.person)
  running.desk.tell('settled', { ...open, state: 'granted' })
  assert.equal(await done, 0)
  assert.match(
    told.err,
    /there is no live grant for cards: asking for access\nr_\w+: waiting[^\n]*\nr_\w+: access to cards is granted\n/,
  )
  assert.equal(started.length, 1)
})

test('connect does not go on without access, and in a pipe it wants the reason', async () => {
  const running = world()
  const { io, net, told, heard } = await loggedIn(running, 'mallory')
  const { started, launch } = noting()
  assert.equal(await connect(['cards'], io, { ...net, launch }), 2)
  assert.match(told.err, /give --reason/)
  const waits = heard(/waiting/)
  const done = connect(['cards', '--reason', 'x'], io, { ...net, launch })
  await waits
  const [open] = [...running.desk.rows.values()].slice(-1)
  assert.ok(open)
  running.desk.tell('settled', { ...open, state: 'expired' })
  assert.deepEqual([await done, started], [1, []])
  assert.match(told.err, /nobody answered/)
})
