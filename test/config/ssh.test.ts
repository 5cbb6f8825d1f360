import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { ConfigError, loadConfig, type Config } from '../../src/config/load.ts'
import { targetName } from '../../src/model/ids.ts'

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJzQd1IGbYVbPsYyXHfEvi2SMyVHoScoWHTXBPi0mDgU'

const BASE = [
  'publicUrl: http://localhost:8080',
  'listen: { postgres: 127.0.0.1:6432, ssh: 127.0.0.1:6022, http: 127.0.0.1:8080 }',
  'targets:',
  '  web-1:',
  '    protocol: ssh',
  '    address: 10.0.0.9:22',
  '    user: deploy',
  '    key: { file: id }',
  `    hostKey: "${ED25519} root@web-1"`,
]

/** BASE with one line replaced and lines added. */
const changed = (changes: Readonly<Record<number, string>>, ...more: readonly string[]): string[] => [
  ...BASE.map((line, index) => changes[index + 1] ?? line),
  ...more,
]

function load(t: TestContext, lines: readonly string[]): Config {
  const folder = mkdtempSync(path.join(tmpdir(), 'config-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const name of ['id', 'ca.pub', 'open']) writeFileSync(path.join(folder, name), `${name}\n`, { mode: 0o600 })
  chmodSync(path.join(folder, 'open'), 0o644)
  writeFileSync(path.join(folder, 'countersign.yaml'), lines.join('\n'))
  return loadConfig(path.join(folder, 'countersign.yaml'), { PASSWORD: 'a-secret' })
}

/** Everything that is wrong, without its place. */
function faults(t: TestContext, lines: readonly string[]): string[] {
  try {
    load(t, lines)
    return []
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigError)
    return thrown.problems.map(({ message }) => message)
  }
}

test('an SSH target is read with its way in, its pinned key and closed defaults', (t) => {
  const config = load(t, BASE)
  const target = config.targets.get(targetName('web-1'))
  assert.ok(target?.protocol === 'ssh' && target.login.kind === 'key')
  assert.equal(target.login.key.reveal(), 'id')
  const rest = { ...target, login: undefined }
  assert.deepEqual(rest, {
    name: 'web-1',
    protocol: 'ssh',
    address: { host: '10.0.0.9', port: 22 },
    account: 'deploy',
    database: '',
    login: undefined,
    trust: { keys: [ED25519], cas: [] },
    shell: 'commands',
    forwards: { local: false, remote: false },
    tags: [],
    longestGrant: undefined,
    breakGlass: undefined,
  })
  assert.deepEqual(config.ssh, { userCa: [] })
  assert.deepEqual(config.listen.ssh, { host: '127.0.0.1', port: 6022 })
})

test('a target may trust a CA and be let in by certificate, and the listener may have CAs of its own', (t) => {
  const lines = changed({ 8: '    certificate: true', 9: `    hostCa: ["${ED25519}"]` })
  const config = load(t, [
    ...lines,
    '    shell: open',
    '    forwards: { local: true }',
    'ssh: { hostKey: id, userCa: [ca.pub, { file: ca.pub, checksFactor: true }] }',
  ])
  const target = config.targets.get(targetName('web-1'))
  assert.ok(target?.protocol === 'ssh')
  assert.deepEqual(target.login, { kind: 'certificate' })
  assert.deepEqual(target.trust, { keys: [], cas: [ED25519] })
  assert.deepEqual([target.shell, target.forwards], ['open', { local: true, remote: false }])
  const file = path.join(path.dirname(config.file), 'ca.pub')
  assert.deepEqual(config.ssh.userCa, [
    { file, checksFactor: false },
    { file, checksFactor: true },
  ])
})

test('the SSH listener may be open to the network without a certificate: it encrypts by itself', (t) => {
  const listen = 'listen: { postgres: 127.0.0.1:6432, ssh: 0.0.0.0:6022, http: 127.0.0.1:8080 }'
  assert.deepEqual(faults(t, changed({ 2: listen })), [])
})

test('a site of SSH targets alone needs no listener for Postgres, and one that has none for its protocol cannot be reached', (t) => {
  const config = load(t, changed({ 2: 'listen: { ssh: 127.0.0.1:6022, http: 127.0.0.1:8080 }' }))
  assert.equal(config.listen.postgres, undefined)
  const cards = ['  cards:', '    protocol: postgres', '    address: 127.0.0.1:5432', '    database: cards', '    user: app', '    password: { env: PASSWORD }', '    tls: off'] // prettier-ignore
  const said = (listen: string): string[] =>
    faults(t, changed({ 2: `listen: { ${listen}http: 127.0.0.1:8080 }` }, ...cards))
  assert.deepEqual(said('ssh: 127.0.0.1:6022, '), [
    'listen: has no postgres, which target cards speaks; write postgres: host:port, e.g. 127.0.0.1:6432',
  ])
  assert.equal(said('').length, 2)
  assert.match(faults(t, changed({ 2: 'listen: { ssh: 127.0.0.1:6022 }' })).join('\n'), /^listen\.http: is missing/)
})

const WRONG: readonly [what: string, lines: string[], said: RegExp][] = [
  ['no way in', changed({ 8: '' }), /^targets\.web-1: lacks a way to log in; write key/],
  [
    'two ways in',
    changed({}, '    password: { env: PASSWORD }'),
    /web-1\.key: is a second way to log in beside password/,
  ],
  ['no host key', changed({ 9: '' }), /lacks hostKey or hostCa/],
  ['no listener', changed({ 2: 'listen: { postgres: 127.0.0.1:6432, http: 127.0.0.1:8080 }' }), /^listen: has no ssh/],
  ['an open shell on card data', changed({}, '    shell: open', '    tags: [cde]'), /shell: must be commands or deny/],
  ['an unknown shell', changed({}, '    shell: opne'), /shell: "opne" is not known here; did you mean "open"/],
  ['a key of Postgres', changed({}, '    database: x'), /web-1: unknown key "database"/],
  ['an unknown protocol', changed({ 5: '    protocol: shh' }), /protocol: "shh" is not known here; did you mean "ssh"/],
  ['no protocol', changed({ 5: '' }), /protocol: is missing; write one of postgres, ssh/],
  ['a cut host key', changed({ 9: '    hostKey: ssh-rsa AAAAC3NzaC1lZDI1NTE5' }), /hostKey: is damaged/],
  ['a host key of DSA', changed({ 9: '    hostKey: ssh-dss AAAA' }), /hostKey: must be a public key/],
  ['certificate: false', changed({ 8: '    certificate: false' }), /certificate: must be true, or left out/],
  [
    'a host key file that all may read',
    changed({}, 'ssh: { hostKey: open }'),
    /everybody on this machine may read open/,
  ],
  [
    'a CA that is not there',
    changed({}, 'ssh: { userCa: [gone.pub] }'),
    /ssh\.userCa\[0\]: there is no file gone\.pub/,
  ],
  [
    'a switch that is no switch',
    changed({}, '    forwards: { local: yes please }'),
    /forwards\.local: must be true or false/,
  ],
]

for (const [what, lines, said] of WRONG)
  test(`${what}: one problem that says what to write`, (t) => {
    const found = faults(t, lines)
    assert.equal(found.length, 1, found.join('\n'))
    assert.match(found[0] ?? '', said)
  })
