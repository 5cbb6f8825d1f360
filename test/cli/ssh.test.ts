import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { run as connect } from '../../src/cli/connect.ts'
import { run as key } from '../../src/cli/key.ts'
import { run as login } from '../../src/cli/login.ts'
import type { Io } from '../../src/cli/io.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { readKeyLine } from '../../src/protocol/ssh/key-line.ts'
import { fakeSsh } from '../http/ssh-fakes.ts'
import { world } from '../http/world.ts'

const WEB = { name: targetName('web-1'), protocol: 'ssh', database: '', account: 'deploy', tags: [] } as const

/** Alice, logged in on a machine whose network is the API in memory. */
function alice(t: TestContext, answers: readonly string[] = []) {
  const fakes = fakeSsh()
  const ssh = { ...fakes, shown: fakes.door, door: () => ssh.shown() }
  const { deps } = world({ ssh })
  const targets = { ...deps.targets, all: () => [WEB] }
  const liveOf: typeof deps.grants.liveOf = async (person) =>
    (await deps.grants.liveOf(person)).map((grant) => ({ ...grant, target: WEB.name }))
  const { app } = world({ targets, ssh, grants: { ...deps.grants, liveOf } })
  const home = mkdtempSync(path.join(tmpdir(), 'countersign-cli-'))
  t.after(() => rmSync(home, { recursive: true }))
  const told = { out: '', err: '', asked: [] as string[] }
  const left = [...answers]
  const io: Io = {
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    isTty: answers.length > 0,
    env: { XDG_CONFIG_HOME: home },
    ask(question) {
      told.asked.push(question)
      return Promise.resolve(left.shift() ?? '')
    },
  }
  const launched: { program: string; args: readonly string[] }[] = []
  const net = {
    fetch: (url: string, init: RequestInit) => Promise.resolve(app.request(url.replace(/^https?:\/\/[^/]+/, ''), init)),
    stdin: () => Promise.resolve('ssh-ed25519 AAAA from stdin\n'),
    launch(program: string, args: readonly string[]) {
      launched.push({ program, args })
      return Promise.resolve(3)
    },
  }
  const folder = path.join(home, 'countersign', 'default.ssh')
  const file = (name: string): string => path.join(folder, name)
  const env = { ...io.env, COUNTERSIGN_PASSWORD: 'pw-alice', COUNTERSIGN_CODE: '1777777' }
  const logIn = () => login(['https://countersign.example', '--person', 'alice'], { ...io, env }, net)
  return { io, net, told, ssh, launched, home, file, logIn }
}

test('a login brings a certificate over a key of its own, both for their owner alone', async (t) => {
  const { logIn, file, ssh } = alice(t)
  assert.equal(await logIn(), 0)
  for (const name of ['id_ed25519', 'id_ed25519-cert.pub', 'certificate.json'])
    assert.equal(statSync(file(name)).mode & 0o777, 0o600, name)
  assert.equal(statSync(path.dirname(file('x'))).mode & 0o777, 0o700)
  assert.ok('key' in readKeyLine(readFileSync(file('id_ed25519.pub'), 'utf8')))
  assert.match(readFileSync(file('id_ed25519'), 'utf8'), /^-----BEGIN OPENSSH PRIVATE KEY-----\n/)
  assert.equal(ssh.issued.length, 1)
})

test('a login at a server without SSH leaves none, and says nothing', async (t) => {
  const { logIn, file, ssh, told } = alice(t)
  ssh.shown = () => undefined
  assert.equal(await logIn(), 0)
  assert.throws(() => statSync(file('id_ed25519')))
  assert.equal(told.err, '')
})

test('connect starts ssh with the key, the certificate and the pinned host key, and ends as it does', async (t) => {
  const { logIn, file, io, net, launched } = alice(t)
  await logIn()
  assert.equal(await connect(['web-1', '--', '-t', 'uptime'], io, net), 3)
  assert.equal(launched[0]?.program, 'ssh')
  const args = launched[0].args.join(' ')
  assert.match(args, /^-o Port=6022 -o User=alice@web-1 -o IdentityFile="/)
  assert.match(args, /-o StrictHostKeyChecking=yes .* 127\.0\.0\.1 -t uptime$/)
  assert.ok(args.includes(`-o UserKnownHostsFile="${file('known_hosts')}"`), args)
  assert.equal(readFileSync(file('known_hosts'), 'utf8'), '[127.0.0.1]:6022 ssh-ed25519 BBBB\n')
})

test('a certificate that is over is got anew, by a code where the login is long ago', async (t) => {
  const { logIn, file, io, net, told, ssh, launched } = alice(t, ['100001'])
  await logIn()
  writeFileSync(file('certificate.json'), '{"until":"2020-01-01T00:00:00.000Z"}')
  assert.equal(await connect(['web-1'], io, net), 3)
  assert.equal(ssh.issued.length, 2)
  assert.equal(launched.length, 1)
  assert.ok(told.asked.length <= 1)
})

test('connect --print-config prints lines for ~/.ssh/config and starts nothing', async (t) => {
  const { logIn, io, net, told, launched } = alice(t)
  await logIn()
  told.out = ''
  assert.equal(await connect(['web-1', '--print-config'], io, net), 0)
  assert.match(
    told.out,
    /^Host web-1\n {2}HostName 127\.0\.0\.1\n {2}Port 6022\n {2}User alice@web-1\n {2}IdentityFile "/,
  )
  assert.deepEqual(launched, [])
})

test('a server that names a strange host or key writes no line of ours', async (t) => {
  const { logIn, io, net, told, ssh, launched } = alice(t)
  await logIn()
  for (const door of [
    { host: '-oProxyCommand=x', port: 6022, keys: ['ssh-ed25519 AAAA\n* ssh-ed25519 CCCC'] },
    { host: 'a b', port: 6022, keys: ['ssh-ed25519 AAAA'] },
  ]) {
    ssh.shown = () => door
    assert.equal(await connect(['web-1'], io, net), 1)
  }
  assert.match(told.err, /something else than this version expects/)
  assert.deepEqual(launched, [])
})

test('key add, list and remove', async (t) => {
  const { logIn, io, net, told, ssh, home } = alice(t)
  await logIn()
  told.out = ''
  const file = path.join(home, 'id.pub')
  writeFileSync(file, 'ssh-ed25519 AAAA alice@laptop\n')
  assert.equal(await key(['add', file, '--code', '100001', '--name', 'laptop'], io, net), 0)
  assert.equal(await key(['add', '-', '--code', '100002', '--json'], io, net), 0)
  assert.equal(await key(['list'], io, net), 0)
  assert.match(
    told.out,
    /k_000000000002 {2}SHA256:[^\n]* {2}laptop\n[^]*"key":"ssh-ed25519 AAAA from stdin"[^]*never used\n/,
  )
  assert.equal(await key(['remove', 'k_000000000001', '--code', '100003'], io, net), 0)
  assert.deepEqual(ssh.removed, ['k_000000000001'])
  assert.equal((await ssh.keys.listOf(personName('alice'))).length, 3)
})

test('a private key, somebody else’s key, a wrong verb and a code that is missing are refused in one line', async (t) => {
  const { logIn, io, net, told, home } = alice(t)
  await logIn()
  const file = path.join(home, 'id')
  writeFileSync(file, '-----BEGIN OPENSSH PRIVATE KEY-----\n')
  const rows: readonly [argv: string[], code: number, said: RegExp][] = [
    [['add', file, '--code', '100001'], 1, /is a private key, which is yours alone/],
    [['add', path.join(home, 'gone'), '--code', '100001'], 1, /cannot be read/],
    [['add', '-'], 2, /no terminal to ask on; give --code/],
    [['add'], 2, /add takes one word/],
    [['list', 'x'], 2, /list takes no word/],
    [['destroy', 'x'], 2, /none of add, list, remove/],
  ]
  for (const [argv, code, said] of rows) {
    told.err = ''
    assert.equal(await key(argv, io, net), code, argv.join(' '))
    assert.match(told.err, said)
  }
  const taken = { ...net, stdin: () => Promise.resolve('ssh-ed25519 AAAA bob') }
  assert.equal(await key(['add', '-', '--code', '100009'], io, taken), 1)
  assert.match(told.err, /a key is one person/)
})
