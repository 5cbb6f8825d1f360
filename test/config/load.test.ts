import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { describe, test, type TestContext } from 'node:test'
import { ConfigError, loadConfig, type TargetConfig } from '../../src/config/load.ts'
import { Secret } from '../../src/std/secret.ts'

const ENV = {
  CARDS_PASSWORD: 'hunter2-hunter2',
  HOOK_SECRET: 'hook-hook-hook-hook',
  EMPTY: '',
  CHAT_URL: 'https://hooks.slack.example/T0/key',
  PLAIN_URL: 'http://hooks.example.com/key-that-must-not-be-quoted',
}
const ENV_SECRET = new Secret(ENV.HOOK_SECRET)

const BASE = [
  'publicUrl: http://localhost:8080',
  'listen: { postgres: 127.0.0.1:6432, http: 127.0.0.1:8080 }',
  'targets:',
  '  cards:',
  '    protocol: postgres',
  '    address: 127.0.0.1:5432',
  '    database: cards',
  '    user: app',
  '    password: { env: CARDS_PASSWORD }',
]

type Files = Readonly<Record<string, { readonly text: string; readonly mode: number }>>

function written(t: TestContext, lines: readonly string[], files: Files = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'config-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, { text, mode }] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), text)
    chmodSync(path.join(folder, name), mode)
  }
  writeFileSync(path.join(folder, 'countersign.yaml'), lines.join('\n'))
  return path.join(folder, 'countersign.yaml')
}

/** `line:column message` of everything that is wrong. */
function faults(t: TestContext, lines: readonly string[], files: Files = {}): string[] {
  try {
    loadConfig(written(t, lines, files), ENV)
    return []
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigError)
    return thrown.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
  }
}

/** BASE with one line replaced and lines added. */
const with_ = (changes: Readonly<Record<number, string>>, ...more: readonly string[]): string[] => [
  ...BASE.map((line, index) => changes[index + 1] ?? line),
  ...more,
]

const passwordOf = (target: TargetConfig | undefined): Secret | undefined =>
  target?.protocol === 'postgres' ? target.password : undefined

test('a small configuration is filled with defaults and absolute paths', (t) => {
  const file = written(t, BASE)
  const config = loadConfig(file, ENV)
  const folder = path.dirname(file)
  const { targets, ...rest } = config
  assert.deepEqual(rest, {
    file,
    publicUrl: 'http://localhost:8080',
    listen: { postgres: { host: '127.0.0.1', port: 6432 }, http: { host: '127.0.0.1', port: 8080 } },
    tls: undefined,
    ssh: { userCa: [] },
    data: path.join(folder, 'data'),
    policies: path.join(folder, 'policies'),
    notify: [],
    egress: { hosts: [], allowPrivate: false },
    limits: {
      maxStatementBytes: 262_144,
      maxInboxBytes: 4_194_304,
      handshakeTimeout: 10_000,
      idleTimeout: 900_000,
      serviceIdleTimeout: 14_400_000,
      sessions: 512,
      sessionsPerPerson: 64,
      sessionsPerSource: 256,
      holdsPerPerson: 8,
      messagesPerHour: 20,
      recordedRows: 1_000,
      recordedOutput: 1_048_576,
    },
  })
  const [cards] = targets.values()
  assert.equal(passwordOf(cards)?.reveal(), ENV.CARDS_PASSWORD)
  assert.deepEqual(
    { ...cards, password: undefined },
    {
      name: 'cards',
      protocol: 'postgres',
      address: { host: '127.0.0.1', port: 5432 },
      database: 'cards',
      account: 'app',
      password: undefined,
      tls: { mode: 'verify-full' },
      tags: [],
      longestGrant: undefined,
      breakGlass: undefined,
    },
  )
})

test('everything that can be said is read', (t) => {
  const file = written(
    t,
    [
      'publicUrl: https://sign.example.com/',
      'listen: { postgres: 0.0.0.0:6432, http: "[::]:8443" }',
      'tls: { cert: cert.pem, key: key.pem }',
      'data: /var/lib/countersign',
      'policies: rules',
      'targets:',
      '  cards:',
      '    protocol: postgres',
      '    address: db.internal:5432',
      '    database: cards',
      '    user: app',
      '    tls: { ca: cert.pem, cert: cert.pem, key: key.pem }',
      '    tags: [cde, eu]',
      '    longestGrant: 30m',
      '    breakGlass: { people: [alice], roles: [security], longest: 20m }',
      'notify:',
      '  - { name: oncall, kind: webhook, url: https://hooks.example.com/x, secret: { file: hook } }',
      '  - { name: chat, kind: slack, url: { env: CHAT_URL } }',
      '  - name: mail',
      '    kind: email',
      '    smtp: { host: mail.example.com, port: 465, tls: implicit, user: countersign, password: { env: HOOK_SECRET } }',
      '    from: countersign@example.com',
      '    to: [duty@example.com]',
      'egress: { hosts: [ID.example.com, 10.0.0.7], allowPrivate: true }',
      'limits: { maxStatementBytes: 65536, idleTimeout: 5m, serviceIdleTimeout: 24h, sessions: 10, recordedRows: 0 }',
    ],
    {
      'cert.pem': { text: 'certificate', mode: 0o644 },
      'key.pem': { text: 'key', mode: 0o600 },
      hook: { text: 'hook-secret-of-a-file\n', mode: 0o640 },
    },
  )
  const config = loadConfig(file, ENV)
  const folder = path.dirname(file)
  assert.equal(config.publicUrl, 'https://sign.example.com')
  assert.deepEqual(config.listen.http, { host: '::', port: 8443 })
  assert.deepEqual(config.tls, { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') })
  assert.equal(config.data, '/var/lib/countersign')
  const [cards] = config.targets.values()
  assert.equal(passwordOf(cards), undefined)
  assert.ok(cards)
  assert.deepEqual(cards.protocol === 'postgres' && cards.tls, {
    mode: 'verify-full',
    ca: path.join(folder, 'cert.pem'),
    cert: path.join(folder, 'cert.pem'),
    key: path.join(folder, 'key.pem'),
  })
  assert.deepEqual(cards.tags, ['cde', 'eu'])
  assert.equal(cards.longestGrant, 1_800_000)
  assert.deepEqual(cards.breakGlass, { people: ['alice'], roles: ['security'], longestMs: 1_200_000 })
  const [oncall, chat, mail] = config.notify
  assert.equal(oncall?.kind === 'webhook' && oncall.secret.reveal(), 'hook-secret-of-a-file')
  assert.equal(chat?.kind === 'slack' && chat.url.href, 'https://hooks.slack.example/T0/key')
  assert.deepEqual(mail, {
    ...{ name: 'mail', kind: 'email', from: 'countersign@example.com', to: ['duty@example.com'] },
    smtp: { host: 'mail.example.com', port: 465, tls: 'implicit', user: 'countersign', password: ENV_SECRET },
  })
  assert.equal(mail.smtp.password.reveal(), ENV.HOOK_SECRET)
  assert.deepEqual(config.egress, { hosts: ['id.example.com', '10.0.0.7'], allowPrivate: true })
  assert.deepEqual(
    [config.limits.maxStatementBytes, config.limits.idleTimeout, config.limits.recordedRows],
    [65_536, 300_000, 0],
  )
  assert.equal(config.limits.serviceIdleTimeout, 86_400_000)
})

test('every mistake is said at once, each at its line and column', (t) => {
  assert.deepEqual(
    faults(t, [
      'publicUrl: http://sign.example.com',
      'listen: { postgres: 0.0.0.0:6432, htpp: 127.0.0.1:8080 }',
      'polices: ./policies',
      'targets:',
      '  Cards:',
      '    protocol: mysql',
      '    address: db.internal',
      '    database: cards',
      '    password: hunter2',
      '    tls: off',
      '    tags: cde',
      '  other:',
      '    protocol: postgres',
      '    address: db.internal:5432',
      '    database: other',
      '    user: app',
      '    password: { env: NOT_SET }',
      '    tls: off',
      '    tags: [cde]',
      'notify:',
      '  - { name: oncall, kind: mail, url: http://hooks.example.com, secret: { env: EMPTY } }',
      'limits: { idleTimeout: 1h, sessions: many }',
    ]),
    [
      '1:12 publicUrl: would send people to a plaintext page outside this machine; write https://',
      '2:1 listen.http: is missing; write host:port, e.g. 127.0.0.1:8080',
      '2:21 listen.postgres: would be open to the network in plaintext; add tls: { cert, key } or listen on 127.0.0.1',
      '2:35 listen: unknown key "htpp"; did you mean "http"? Known here: postgres, ssh, http',
      '3:1 unknown key "polices"; did you mean "policies"? Known here: publicUrl, listen, tls, ssh, data, policies, targets, notify, egress, oidc, limits',
      "5:3 targets.Cards.user: is missing; write the upstream's own account",
      '5:3 targets.Cards: must be 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen',
      '6:15 targets.Cards.protocol: "mysql" is not known here; did you mean "ssh"? Known: postgres, ssh',
      '7:14 targets.Cards.address: must be host:port, e.g. db.internal:5432',
      '9:15 targets.Cards.password: must be { env: NAME } or { file: PATH }; secrets are never written into this file',
      '11:11 targets.Cards.tags: must be a list of tags, e.g. [cde]',
      '17:15 targets.other.password: the environment variable NOT_SET is not set',
      '18:10 targets.other.tls: off would be a plaintext hop outside this machine; write verify-full or { ca: PATH }',
      '21:27 notify[0].kind: "mail" is not known here; did you mean "email"? Known: webhook, slack, teams, email',
      '21:38 notify[0].url: is a plaintext hop outside this machine; write https://',
      '22:24 limits.idleTimeout: must be at most 15m, because target other is tagged cde',
      '22:38 limits.sessions: must be a whole number',
    ],
  )
})

const rows: readonly [lines: readonly string[], fault: string | undefined][] = [
  [BASE.slice(1), '1:1 publicUrl: is missing; write the address that links point to'],
  [with_({ 1: 'publicUrl: http://127.0.0.1:1' }), undefined],
  [with_({ 1: 'publicUrl: ftp://localhost' }), '1:12 publicUrl: must be the address that links point to'],
  [with_({ 1: 'publicUrl: https://me:secret@x.example' }), '1:12 publicUrl: must be the address'],
  [with_({ 2: 'listen: { postgres: 127.0.0.1:6432, http: "[::1]:0" }' }), undefined],
  [with_({ 2: 'listen: { postgres: localhost:6432, http: 127.9.9.9:1 }' }), undefined],
  [with_({ 2: 'listen: { postgres: 127.0.0.1:65536, http: 127.0.0.1:1 }' }), '2:21 listen.postgres: must be host:port'],
  [with_({ 2: 'listen: { postgres: "6432", http: 127.0.0.1:1 }' }), '2:21 listen.postgres: must be host:port'],
  [
    with_({ 2: 'listen: { postgres: "[::]:1", http: 127.0.0.1:1 }' }),
    '2:21 listen.postgres: would be open to the network in plaintext',
  ],
  [
    with_({ 1: 'publicUrl: http://localhost:8080', 2: 'listen: { postgres: 127.0.0.1:1, http: 0.0.0.0:8080 }' }),
    '1:12 publicUrl: must be https, because listen.http is open to the network',
  ],
  [with_({ 6: '    address: 127.0.0.1:0' }), '6:14 targets.cards.address: must be host:port'],
  [with_({}, '    tls: off'), undefined],
  [with_({}, '    tls: { cert: x }'), '10:10 targets.cards.tls: a client certificate needs both cert and key'],
  [with_({}, '    tls: { caa: x }'), '10:12 targets.cards.tls: unknown key "caa"; did you mean "ca"?'],
  [with_({}, '    tls: { ca: nowhere.pem }'), '10:16 targets.cards.tls.ca: there is no file nowhere.pem at this path'],
  [with_({}, '    tls: prefer'), '10:10 targets.cards.tls: must be verify-full, { ca: PATH }'],
  [with_({}, '    breakGlass: { people: [alice] }'), undefined],
  [with_({}, '    breakGlass: { longest: 10m }'), '10:17 targets.cards.breakGlass: names nobody; list people or roles'],
  [
    with_({}, '    breakGlass: { people: [alice], longest: 31m }'),
    '10:45 targets.cards.breakGlass.longest: must be a number and a unit',
  ],
  [with_({}, '    breakGlass: { roles: [boss] }'), '10:27 targets.cards.breakGlass.roles[0]: "boss" is not known here'],
  [with_({}, '    tags: [CDE]'), '10:12 targets.cards.tags[0]: must be 1 to 32 characters'],
  [with_({ 9: '    user: again' }), '9:5 Map keys must be unique'],
  [with_({ 9: '    # nothing' }), '4:3 targets.cards.password: is missing; write { env: NAME } or { file: PATH }'],
  [
    with_({ 9: '    password: { file: nowhere }' }),
    '9:15 targets.cards.password: there is no file nowhere at this path',
  ],
  [with_({ 9: '    password: { evn: X }' }), '9:15 targets.cards.password: must be { env: NAME } or { file: PATH }'],
  [[...BASE.slice(0, 2), 'targets: {}'], '3:10 targets: is empty; name at least one target'],
  [with_({}, 'tls: { cert: a, key: b }'), '10:14 tls.cert: there is no file a at this path'],
  [with_({}, 'limits: { maxStatementBytes: 1GB }'), '10:30 limits.maxStatementBytes: must be a number of bytes'],
  [with_({}, 'limits: { handshakeTimeout: 10 }'), '10:29 limits.handshakeTimeout: must be a number and a unit'],
  [
    with_({}, 'limits: { handshakeTimeout: 5m }'),
    '10:29 limits.handshakeTimeout: must be a number and a unit, e.g. 30s, 15m, 8h or 2d, between 1s and 2m',
  ],
  [
    with_({}, 'notify:', '  - { name: a, kind: webhook, url: http://127.0.0.1:1/x, secret: { env: HOOK_SECRET } }'),
    undefined,
  ],
  [
    with_(
      {},
      'notify:',
      ...['https://a.example', 'https://b.example'].map(
        (url) => `  - { name: a, kind: webhook, url: '${url}', secret: { env: HOOK_SECRET } }`,
      ),
    ),
    '12:13 notify[1].name: is the name of another channel as well',
  ],
  [notifying('{ name: a, kind: slack, url: { env: CHAT_URL } }'), undefined],
  [
    notifying('{ name: a, kind: slack, url: https://hooks.slack.example/T0/key }'),
    '11:34 notify[0].url: must be { env: NAME } or { file: PATH }; secrets are never written into this file',
  ],
  [
    notifying('{ name: a, kind: teams, url: { env: PLAIN_URL } }'),
    '11:34 notify[0].url: must lead to an https address, without a user, a password or a fragment',
  ],
  [
    notifying('{ name: a, kind: slack, url: { env: EMPTY } }'),
    '11:34 notify[0].url: the environment variable EMPTY is empty',
  ],
  [notifying('{ name: a, kind: slack, smtp: { host: x } }'), '11:5 notify[0].url: is missing; write { env: NAME }'],
  [
    notifying('{ name: a, kind: slack, url: { env: CHAT_URL }, secret: { env: HOOK_SECRET } }'),
    '11:53 notify[0]: unknown key "secret"',
  ],
  [
    notifying('{ name: a, url: { env: CHAT_URL } }'),
    '11:5 notify[0].kind: is missing; write a channel with a kind, one of webhook',
  ],
  [notifying(mail('smtp: { host: mail.example.com }')), undefined],
  [notifying(mail('smtp: { host: 127.0.0.1, port: 2525, tls: off }')), undefined],
  [
    notifying(mail('smtp: { host: mail.example.com, tls: off }')),
    '11:66 notify[0].smtp.tls: off would be a plaintext hop outside this machine; write starttls or implicit',
  ],

  [notifying(mail('smtp: { host: "::1", port: 25 }')), undefined],
  [
    notifying(mail('smtp: { host: "mail.example.com:25" }')),
    '11:43 notify[0].smtp.host: must be the name or the address',
  ],
  [notifying(mail('smtp: { host: "mail example" }')), '11:43 notify[0].smtp.host: must be the name or the address'],
  [notifying(mail('smtp: { host: x, user: me }')), '11:35 notify[0].smtp: needs both user and password, or neither'],
  [
    notifying(mail('smtp: { host: x }', '"a@b.example, c@d.example"')),
    '11:72 notify[0].to[0]: must be one plain mail address',
  ],
  [
    notifying(mail('smtp: { host: x }', '"a@b.example\\r\\nBcc: c@d.example"')),
    '11:72 notify[0].to[0]: must be one plain mail address',
  ],
  [
    notifying(mail('smtp: { host: x }', '"Duty <a@b.example>"')),
    '11:72 notify[0].to[0]: must be one plain mail address',
  ],
  [notifying(mail('smtp: { host: x }', '')), '11:71 notify[0].to: must name at least one address'],
  [
    with_({}, 'egress: { hosts: [https://x.example] }'),
    '10:19 egress.hosts[0]: must be the name or the address of a host',
  ],
  [
    with_({}, 'egress: { allowprivate: true }'),
    '10:11 egress: unknown key "allowprivate"; did you mean "allowPrivate"?',
  ],
]

function notifying(entry: string): readonly string[] {
  return with_({}, 'notify:', `  - ${entry}`)
}

function mail(smtp: string, to = 'a@b.example'): string {
  return `{ name: a, kind: email, ${smtp}, from: c@b.example, to: [${to}] }`
}

test('each key has its own words', (t) => {
  for (const [lines, fault] of rows) {
    const found = faults(t, lines)
    if (fault === undefined) assert.deepEqual(found, [], lines.join('\n'))
    else
      assert.ok(
        found.some((line) => line.startsWith(fault)),
        `${lines.join('\n')}\n\n${found.join('\n')}\n${fault}`,
      )
  }
})

describe('secrets', () => {
  const file = (name: string) => with_({ 9: `    password: { file: ${name} }` })

  test('in a file that everybody may read are refused', (t) => {
    assert.deepEqual(faults(t, file('open'), { open: { text: 'hunter2', mode: 0o644 } }), [
      '9:15 targets.cards.password: everybody on this machine may read open; run chmod 600 on it',
    ])
  })

  test('in an empty file are refused', (t) => {
    assert.deepEqual(faults(t, file('empty'), { empty: { text: '\n', mode: 0o600 } }), [
      '9:15 targets.cards.password: the file empty is empty',
    ])
  })

  test('lose the newline at their end and nothing else', (t) => {
    const [cards] = loadConfig(
      written(t, file('kept'), { kept: { text: ' a b \r\n', mode: 0o600 } }),
      ENV,
    ).targets.values()
    assert.equal(passwordOf(cards)?.reveal(), ' a b ')
  })

  test('never show in a problem or in a printed configuration', (t) => {
    const shown = faults(t, with_({ 9: '    password: hunter2-hunter2' })).join()
    const config = loadConfig(written(t, BASE), ENV)
    for (const text of [shown, inspect(config, { depth: 9 }), JSON.stringify([...config.targets.values()])])
      assert.doesNotMatch(text, /hunter2/)
  })
})

test('a file that is not there is one clear problem', () => {
  assert.throws(
    () => loadConfig('/nowhere/countersign.yaml', ENV),
    (thrown) =>
      thrown instanceof ConfigError &&
      thrown.problems.length === 1 &&
      thrown.message.startsWith('/nowhere/countersign.yaml:1:1: cannot be read'),
  )
})

test('the shipped example is a configuration', () => {
  const file = path.join(import.meta.dirname, '../../deploy/countersign.example.yaml')
  assert.equal(loadConfig(file, ENV).targets.size, 1)
})
