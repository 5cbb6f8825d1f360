import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Io } from '../../src/cli/io.ts'
import type { LocalAdmin, NewAccount } from '../../src/cli/local-admin-port.ts'
import { createUserCommand } from '../../src/cli/user.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { Secret } from '../../src/std/secret.ts'

function desk(env: Record<string, string> = {}, answers: readonly string[] = []) {
  const told = {
    out: '',
    err: '',
    opened: [] as string[],
    added: [] as NewAccount[],
    granted: [] as unknown[],
    closed: 0,
    asked: [] as boolean[],
  }
  const factor = { secret: new Secret('BASE32SECRET'), uri: new Secret('otpauth://totp/x') }
  const admin: LocalAdmin = {
    add(account) {
      told.added.push(account)
      if (account.name === 'taken') return Promise.resolve({ ok: false, reason: 'the name is taken' })
      const waits = account.name === 'weighty' ? { proposal: 'p_1', roles: ['approver'] as const } : undefined
      return Promise.resolve({ ok: true, factor: account.kind === 'service' ? undefined : factor, waits })
    },
    invite: (name) =>
      name === 'taken'
        ? Promise.resolve({ ok: false, reason: 'the name is taken' })
        : Promise.resolve({ ok: true, link: new Secret('https://x/welcome/t'), expiresAt: 0, waits: undefined }),
    setRoles: (name) =>
      Promise.resolve({ ok: true, waits: name === 'weighty' ? { proposal: 'p_1', roles: ['approver'] } : undefined }),
    list: () =>
      Promise.resolve([
        {
          person: personName('alice'),
          roles: ['engineer'],
          service: false,
          owner: undefined,
          disabled: false,
          grants: [{ target: targetName('cards'), expiresAt: 0 }],
        },
      ]),
    disable: () => Promise.resolve({ ok: true }),
    grant(wanted) {
      told.granted.push(wanted)
      return Promise.resolve({ ok: true, expiresAt: 3_600_000 })
    },
    resetFactor: (name) =>
      name === 'weighty'
        ? Promise.resolve({ ok: true, kind: 'waits', proposal: 'p_1' })
        : Promise.resolve({ ok: true, kind: 'new', factor }),
    close: () => Promise.resolve(void (told.closed += 1)),
  }
  const left = [...answers]
  const ask: Io['ask'] = (_question, { hidden }) => {
    told.asked.push(hidden)
    return Promise.resolve(left.shift() ?? '')
  }
  const io: Io = {
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    isTty: answers.length > 0,
    env,
    ask,
  }
  const run = createUserCommand((config) => {
    told.opened.push(config)
    return Promise.resolve(admin)
  })
  return { told, run: (line: string) => run(line.split(' '), io) }
}

test('user add asks twice for the password without echo and shows the factor once', async () => {
  const { told, run } = desk({}, ['a long password', 'a long password'])
  assert.equal(await run('add alice --role engineer --role approver --config x.yaml'), 0)
  const [account] = told.added
  assert.ok(account?.kind === 'person')
  assert.deepEqual(
    [account.name, account.roles, account.password.reveal()],
    ['alice', ['engineer', 'approver'], 'a long password'],
  )
  assert.match(told.out, /added alice[^]*BASE32SECRET[^]*otpauth:/)
  assert.deepEqual([told.opened, told.closed, told.asked], [['x.yaml'], 1, [true, true]])
})

test('two different passwords add nobody', async () => {
  const { told, run } = desk({}, ['one', 'other'])
  assert.equal(await run('add alice --role engineer'), 1)
  assert.deepEqual([told.added, told.opened], [[], []])
})

test('a refusal closes the data folder and is code 1', async () => {
  const { told, run } = desk({ COUNTERSIGN_NEW_PASSWORD: 'x' })
  assert.equal(await run('add taken --role engineer'), 1)
  assert.match(told.err, /the name is taken/)
  assert.equal(told.closed, 1)
})

test('a service account has an owner and one target, and neither password nor role', async () => {
  const { told, run } = desk()
  assert.equal(await run('add nightly --service --owner alice --target cards'), 0)
  assert.deepEqual(told.added, [{ kind: 'service', name: 'nightly', owner: 'alice', target: 'cards' }])
})

test('user grant takes a person, a target and a duration', async () => {
  const { told, run } = desk()
  assert.equal(await run('grant alice cards --for 8h --json'), 0)
  assert.deepEqual(told.granted, [{ person: 'alice', target: 'cards', forMs: 28_800_000, reason: '' }])
  assert.equal(told.out, '{"person":"alice","target":"cards","expiresAt":"1970-01-01T01:00:00.000Z"}\n')
})

test('list, disable and reset-mfa say what they did', async () => {
  const { told, run } = desk()
  assert.equal(await run('list'), 0)
  assert.equal(await run('disable alice'), 0)
  assert.equal(await run('reset-mfa alice'), 0)
  assert.match(told.out, /alice .* enabled .* engineer .*cards until 1970[^]*disabled alice[^]*new second factor/)
})

test('wrong usage is code 2 and opens nothing', async () => {
  const { told, run } = desk({ COUNTERSIGN_NEW_PASSWORD: 'x' })
  const wrong = [
    'add',
    'add Alice --role engineer',
    'add alice',
    'add alice --role king',
    'add alice bob --role engineer',
    'add x --service --owner alice',
    'add x --service --owner alice --target cards --role engineer',
    'add alice --role engineer --target cards',
    'grant alice cards',
    'grant alice --for 8h',
    'grant alice cards --for soon',
    'disable',
    'list extra',
    'constructor',
    '__proto__',
    'remove alice',
    'list --what',
  ]
  for (const line of wrong) assert.equal(await run(line), 2, line)
  assert.deepEqual(told.opened, [])
})

test('user invite prints a link for one person, and takes roles in either spelling', async () => {
  const { told, run } = desk()
  assert.equal(await run('invite eve --roles engineer,auditor'), 0)
  assert.match(told.out, /give this link to eve alone; it works once, until 1970-[^]*https:\/\/x\/welcome\/t/)
  assert.equal(await run('invite taken --role engineer'), 1)
  assert.match(told.err, /the name is taken/)
  for (const line of ['invite eve', 'invite --roles engineer', 'invite eve --roles king', 'roles alice'])
    assert.equal(await run(line), 2, line)
})

test('what takes two people says so and names the proposal', async () => {
  const { told, run } = desk({ COUNTERSIGN_NEW_PASSWORD: 'x' })
  for (const line of ['add weighty --role approver', 'roles weighty --roles approver', 'reset-mfa weighty'])
    assert.equal(await run(line), 0, line)
  assert.equal(told.out.match(/waits for a second admin, who confirms p_1/g)?.length, 3)
  assert.doesNotMatch(told.out, /weighty has a new second factor/)
})
