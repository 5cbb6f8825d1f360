import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { run as approvals } from '../../src/cli/approvals.ts'
import { run as approve } from '../../src/cli/approve.ts'
import { createClient } from '../../src/cli/client.ts'
import { run as connect } from '../../src/cli/connect.ts'
import { run as credential } from '../../src/cli/credential.ts'
import { run as deny } from '../../src/cli/deny.ts'
import { run as login } from '../../src/cli/login.ts'
import { run as sessions } from '../../src/cli/sessions.ts'
import type { Io } from '../../src/cli/io.ts'
import { visitor } from '../http/console/visitor.ts'
import { APPROVAL, approval, DIGEST, hold, PEOPLE, SESSION, world } from '../http/world.ts'
import type { World } from '../http/world.ts'
import { personName } from '../../src/model/ids.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** A machine with its own settings folder, whose network is the API in memory. */
function machine(running: World, answers: readonly string[] = [], isTty = answers.length > 0) {
  const home = mkdtempSync(path.join(tmpdir(), 'countersign-cli-'))
  folders.push(home)
  const told = { out: '', err: '', asked: [] as string[], urls: [] as string[] }
  const left = [...answers]
  const env: Record<string, string | undefined> = { XDG_CONFIG_HOME: home }
  const io: Io = {
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    isTty,
    env,
    ask(question, { hidden }) {
      told.asked.push(`${question}${hidden ? '(hidden)' : ''}`)
      return Promise.resolve(left.shift() ?? '')
    },
  }
  const net = {
    fetch(url: string, init: RequestInit) {
      told.urls.push(url)
      return Promise.resolve(running.app.request(url.replace(/^https?:\/\/[^/]+/, ''), init))
    },
  }
  return { io, env, net, told, home, file: path.join(home, 'countersign', 'default.json') }
}

async function loggedIn(running: World, person: string, answers: readonly string[] = []) {
  const made = machine(running, answers)
  const env = { ...made.env, COUNTERSIGN_PASSWORD: `pw-${person}`, COUNTERSIGN_CODE: '1777777' }
  assert.equal(await login(['https://countersign.example', '--person', person], { ...made.io, env }, made.net), 0)
  made.told.out = ''
  return made
}

test('login asks for name, password without echo, and code, and keeps the token for its owner alone', async () => {
  const { io, net, told, file } = machine(world(), ['bob', 'pw-bob', '100001'])
  assert.equal(await login(['https://countersign.example/some/path'], io, net), 0)
  assert.deepEqual(told.asked, ['Name: ', 'Password: (hidden)', 'One-time code: '])
  const asked = ['login', 'ssh-certificate'].map((name) => `https://countersign.example/api/v1/${name}`)
  assert.deepEqual(told.urls, asked)
  assert.equal(told.out, 'bob is logged in (approver)\n')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700)
  assert.match(readFileSync(file, 'utf8'), /"token": "page-token-1/)
})

test('a login that is refused keeps nothing', async () => {
  const { io, net, told, file } = machine(world(), ['bob', 'wrong', '100001'])
  assert.equal(await login(['https://countersign.example'], io, net), 1)
  assert.match(told.err, /Name, password or code is wrong/)
  assert.throws(() => statSync(file))
})

test('a password is not sent in the clear beyond this machine', async () => {
  const { io, net, told } = machine(world(), ['bob', 'pw-bob', '100001'])
  assert.equal(await login(['http://countersign.example'], io, net), 1)
  assert.deepEqual([told.urls, told.asked], [[], []])
  assert.equal(await login(['http://127.0.0.1:8080'], io, net), 0)
})

test('without a login, or with a file that others can read, a command says what to do', async () => {
  const running = world()
  const nobody = machine(running)
  assert.equal(await approvals([], nobody.io, nobody.net), 1)
  assert.match(nobody.told.err, /countersign login URL/)
  const bob = await loggedIn(running, 'bob')
  chmodSync(bob.file, 0o644)
  assert.equal(await approvals([], bob.io, bob.net), 1)
  assert.match(bob.told.err, /chmod 600/)
})

test('profiles keep several people apart', async () => {
  const running = world()
  const { io, env, net, told } = machine(running)
  for (const person of ['alice', 'bob']) {
    const given = { ...io, env: { ...env, COUNTERSIGN_PASSWORD: `pw-${person}`, COUNTERSIGN_CODE: '1555555' } }
    assert.equal(await login(['https://x.example', '--person', person, '--profile', person], given, net), 0)
  }
  told.out = ''
  assert.equal(await sessions(['--profile', 'alice', '--json'], io, net), 0)
  assert.equal(await sessions(['--profile', 'bob', '--json'], io, net), 0)
  const [alice = '', bob = ''] = told.out.trim().split('\n')
  assert.match(alice, new RegExp(SESSION))
  assert.equal(bob, '[]')
  assert.equal(await sessions(['--profile', '../x'], io, net), 2)
})

test('wrong usage is code 2 with the usage line, and asks nothing of the server', async () => {
  const { io, net, told } = await loggedIn(world(), 'bob')
  told.urls.length = 0
  const wrong: (() => Promise<number>)[] = [
    () => login([], io, net),
    () => login(['not a url'], io, net),
    () => approve([], io, net),
    () => approve(['a', 'b'], io, net),
    () => approve([APPROVAL, '--nonsense'], io, net),
    () => deny([APPROVAL], io, net),
    () => deny([APPROVAL, '--reason', ' '], io, net),
    () => credential([], io, net),
    () => credential(['cards', '--for', '15 minutes'], io, net),
    () => approvals(['extra'], io, net),
  ]
  for (const attempt of wrong) {
    told.err = ''
    assert.equal(await attempt(), 2)
    assert.match(told.err, /usage: countersign /)
  }
  assert.deepEqual(told.urls, [])
})

test('approve shows the whole statement and its effect before it asks', async () => {
  const running = world()
  const { io, net, told } = await loggedIn(running, 'bob', ['100001'])
  assert.equal(await approve([APPROVAL], io, net), 0)
  assert.match(
    told.out,
    /DELETE FROM payments[^]*WITHOUT A FILTER[^]*public\.payments[^]*digest {2}d{64}[^]*is approved/,
  )
  assert.equal(running.state.approvals.get(APPROVAL)?.state, 'approved')
})

test('an empty answer leaves the approval as it was', async () => {
  const running = world()
  const { io, net } = await loggedIn(running, 'bob', [''])
  assert.equal(await approve([APPROVAL], io, net), 1)
  assert.equal(running.state.approvals.get(APPROVAL)?.state, 'open')
})

test('without a terminal approve demands the digest that was seen, and the code', async () => {
  const running = world()
  const { io, net, told } = await loggedIn(running, 'bob')
  assert.equal(await approve([APPROVAL], io, net), 2)
  assert.equal(await approve([APPROVAL, '--code', '100001'], io, net), 2)
  assert.equal(await approve([APPROVAL, '--digest', 'e'.repeat(64), '--code', '100001'], io, net), 1)
  assert.match(told.err, /digest is not that/)
  assert.equal(running.state.approvals.get(APPROVAL)?.state, 'open')
  told.out = ''
  assert.equal(await approve([APPROVAL, '--digest', DIGEST, '--code', '100001', '--json'], io, net), 0)
  assert.match(told.out, /^\{.*"state":"approved".*\}\n$/)
})

test('alice cannot approve herself, and --json says why', async () => {
  const running = world()
  const { io, net, told } = await loggedIn(running, 'alice')
  assert.equal(await approve([APPROVAL, '--digest', DIGEST, '--code', '100001', '--json'], io, net), 1)
  assert.match(told.out, /"code":"own-approval"/)
  assert.equal(told.err, '')
})

test('deny hands over the reason; afterwards approve says the state', async () => {
  const running = world()
  const { io, net, told } = await loggedIn(running, 'bob', ['100001'])
  assert.equal(await deny([APPROVAL, '--reason', 'use a WHERE'], io, net), 0)
  assert.equal(running.state.approvals.get(APPROVAL)?.decisions[0]?.reason, 'use a WHERE')
  assert.equal(await approve([APPROVAL], io, net), 1)
  assert.match(told.err, /it is denied/)
})

test('what a statement holds cannot command the terminal', async () => {
  const running = world()
  running.state.shown.set(APPROVAL, hold('SELECT 1; \u001b]0;evil\u0007\u009b2J \u202e \r DROP'))
  running.state.approvals.set(
    APPROVAL,
    approval({ matches: [{ rule: 'x\u001b[2J', effect: 'hold', severity: 'high', message: 'm\u0007\u001b[1A' }] }),
  )
  const { io, net, told } = await loggedIn(running, 'bob')
  await approve([APPROVAL, '--digest', DIGEST, '--code', '999999'], io, net)
  await approvals([], io, net)
  assert.doesNotMatch(told.out + told.err, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  assert.match(told.out, /U\+001B escape/)
})

test('credential prints login, password and DSN, once', async () => {
  const { io, net, told } = await loggedIn(world(), 'alice')
  assert.equal(await credential(['cards', '--for', '15m'], io, net), 0)
  assert.match(told.out, /password {2}cs_secret\/with\?signs\n[^]*dsn {7}postgresql:\/\/alice%40cards:/)
  assert.equal(await credential(['other'], io, net), 1)
  assert.match(told.err, /no live grant/)
})

test('credential for a program asks its owner for a code first, and none is asked for one’s own', async () => {
  const [someone = assert.fail('there is nobody')] = PEOPLE
  const account = { ...someone, name: personName('nightly'), service: true, owner: personName('alice') }
  const listed = world({ people: { list: () => Promise.resolve([account]), disable: () => assert.fail('not asked') } })
  const { io, net, told } = await loggedIn(listed, 'alice')
  assert.equal(await credential(['cards', '--service', 'nightly', '--code', '100001', '--for', '2d'], io, net), 1)
  assert.match(told.err, /an admin gives a program its grant/)
  assert.equal(await credential(['cards', '--service', 'other', '--code', '100001'], io, net), 1)
  assert.match(told.err, /no program of that name is yours/)
  assert.equal(await credential(['cards', '--code', '100001'], io, net), 2)
})

test('connect starts psql with the secret in the environment and never on its command line', async () => {
  const { io, net } = await loggedIn(world(), 'alice')
  const seen: unknown[] = []
  const launch = (
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<number> => {
    seen.push([program, args, env['PGPASSWORD']])
    return Promise.resolve(7)
  }
  assert.equal(await connect(['cards', '--', '-c', 'SELECT 1'], io, { ...net, launch }), 7)
  assert.deepEqual(seen, [
    [
      'psql',
      ['-h', '127.0.0.1', '-p', '6432', '-U', 'alice@cards', '-d', 'cards', '-c', 'SELECT 1'],
      'cs_secret/with?signs',
    ],
  ])
})

test('connect says so where psql is missing', async () => {
  const { io, net, told } = await loggedIn(world(), 'alice')
  assert.equal(await connect(['cards'], io, { ...net, launch: () => Promise.resolve('missing') }), 1)
  assert.match(told.err, /psql is not installed/)
})

test('a server that cannot be reached, or answers something else, is one clear line', async () => {
  const { io, net, told } = await loggedIn(world(), 'bob')
  assert.equal(await approvals([], io, { fetch: () => Promise.reject(new TypeError('fetch failed')) }), 1)
  assert.equal(told.err, 'countersign: cannot reach https://countersign.example\n')
  assert.equal(await approvals([], io, { fetch: () => Promise.resolve(new Response('<html>', { status: 502 })) }), 1)
  assert.equal(await approvals([], io, { fetch: () => Promise.resolve(Response.json({ approvals: 1 })) }), 1)
  assert.match(told.err, /status 502[^]*something else/)
  assert.equal(await approvals([], io, net), 0)
})

test('what only asks is asked once more where its connection broke; what decides never is', async () => {
  const { io, net, told } = await loggedIn(world(), 'bob')
  const methods: unknown[] = []
  let broken = 1
  const fetch: typeof net.fetch = (url, init) => {
    methods.push(init.method)
    broken -= 1
    return broken < 0 ? net.fetch(url, init) : Promise.reject(new TypeError('fetch failed'))
  }
  assert.equal(await approvals([], io, { fetch }), 0, told.err)
  assert.deepEqual(methods, ['GET', 'GET'])
  broken = 2
  assert.equal(await approvals([], io, { fetch }), 1)
  broken = 1
  methods.length = 0
  const client = createClient({ url: 'https://countersign.example', token: 'any', fetch })
  await assert.rejects(client.mint({ target: 'cards', forSeconds: 60 }), /cannot reach/)
  assert.deepEqual(methods, ['POST'])
})

test('approvals --watch tells what changes, by what it then asks', async () => {
  const running = world()
  const { io, net, told } = await loggedIn(running, 'bob')
  const watching = approvals(['--watch', '--json'], io, net)
  while (running.state.listeners.size === 0) await new Promise((resolve) => setImmediate(resolve))
  running.state.approvals.set(APPROVAL, approval({ state: 'expired' }))
  for (const listener of running.state.listeners)
    listener({ kind: 'settled', approval: approval({ state: 'expired' }) })
  while (!told.out.includes('expired')) await new Promise((resolve) => setImmediate(resolve))
  running.state.disabled.add('bob')
  running.clock.advance(15_000)
  assert.equal(await watching, 1)
  const lines = told.out.trim().split('\n')
  assert.deepEqual([lines.length, lines[2]?.includes('watch-ended')], [3, true])
})

test('approvals --watch says of an end what the client and the page say: who, when and why', async () => {
  const running = world()
  const { io, net, told } = await loggedIn(running, 'alice')
  const watching = approvals(['--watch'], io, net)
  while (!told.out.includes('open')) await new Promise((resolve) => setImmediate(resolve))
  const at = running.clock.now()
  const no = { person: personName('bob'), human: personName('bob'), roles: ['approver' as const], at }
  const denied = {
    decisions: [{ ...no, kind: 'deny' as const, reason: 'not on a \u001b[2JFriday' }],
    state: 'denied' as const,
  }
  const lapsed = { settledAt: at, settledBy: 'system', reason: 'a role ended before execution', state: 'void' as const }
  const ends = [denied, { decisions: [{ ...no, kind: 'approve' as const, reason: undefined }], ...lapsed }]
  for (const end of ends) {
    const after = approval(end)
    running.state.approvals.set(APPROVAL, after)
    for (const listener of running.state.listeners) listener({ kind: 'settled', approval: after })
    while (!told.out.includes(end.state)) await new Promise((resolve) => setImmediate(resolve))
  }
  running.state.disabled.add('alice')
  running.clock.advance(15_000)
  assert.equal(await watching, 1)
  const when = '2026-11-22 00:00:00 UTC'
  const [, deniedLine = '', voidLine = ''] = told.out.trim().split('\n')
  assert.match(deniedLine, new RegExp(`bob denied it at ${when}: not on a .*Friday\\.$`))
  assert.doesNotMatch(deniedLine, /\u001b/)
  assert.ok(voidLine.endsWith(`bob approved it at ${when}; Void at ${when}: a role ended before execution.`), voidLine)
  assert.match(told.err, /the server ended the watch/)
})

test('--help is code 0 on the way out', async () => {
  const { io, net, told } = machine(world())
  assert.equal(await approve(['--help'], io, net), 0)
  assert.match(told.out, /^usage: countersign approve/)
})

test('login --browser shows a code, waits until somebody confirms it in a browser, and keeps the token', async () => {
  const running = world()
  const { io, net, told, file } = machine(running)
  const waited: number[] = []
  const pause = async (ms: number): Promise<void> => {
    waited.push(ms)
    running.clock.advance(ms)
    if (waited.length < 2) return
    const code = /^ +([A-Z]{4}-[A-Z]{4})$/m.exec(told.err)?.[1] ?? assert.fail(told.err)
    const browser = visitor(running.app)
    await browser.signIn('bob')
    await browser.get('/account/terminal')
    assert.equal((await browser.post('/account/terminal/confirm', { code })).status, 303)
  }
  assert.equal(await login(['https://countersign.example', '--browser'], io, { ...net, pause }), 0)
  assert.match(told.err, /Open https:\/\/countersign\.example\/terminal in a browser/)
  assert.deepEqual([waited, told.asked], [[5000, 5000], []])
  assert.match(told.out, /bob is logged in/)
  const saved = JSON.parse(readFileSync(file, 'utf8')) as { person: string; token: string }
  assert.equal(saved.person, 'bob')
  assert.ok(!told.err.includes(saved.token) && !told.out.includes(saved.token))
})

test('login --browser ends with code 1 where it is refused, and where nobody confirms it in time', async () => {
  const running = world()
  const refused = machine(running)
  const deny = async (ms: number): Promise<void> => {
    running.clock.advance(ms)
    const code = /^ +([A-Z]{4}-[A-Z]{4})$/m.exec(refused.told.err)?.[1] ?? assert.fail()
    const browser = visitor(running.app)
    await browser.signIn('bob')
    await browser.get('/account/terminal')
    await browser.post('/account/terminal/deny', { code })
  }
  const argv = ['https://countersign.example', '--browser', '--person', 'bob']
  assert.equal(await login(argv, refused.io, { ...refused.net, pause: deny }), 1)
  assert.match(refused.told.err, /The login was refused in the browser/)
  const late = machine(running)
  const wait = (ms: number): Promise<void> => {
    running.clock.advance(ms)
    return Promise.resolve()
  }
  assert.equal(await login(argv, late.io, { ...late.net, pause: wait }), 1)
  assert.match(late.told.err, /The login was not confirmed in time/)
})
