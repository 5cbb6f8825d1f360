import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, test, type TestContext } from 'node:test'
import ssh2, { type ConnectConfig } from 'ssh2'
import { personName } from '../../src/model/ids.ts'
import { openSsh } from '../support/openssh.ts'
import { sshDoor, type Door } from '../support/ssh-door.ts'
import { announcing, exchangeKeys, proposeKeys, say } from '../support/ssh-packets.ts'
import { admin, peopleOf } from '../store/scratch.ts'

interface Tried {
  readonly isIn: boolean
  /** What the client can tell of it. */
  readonly words: string
}

interface Way extends ConnectConfig {
  /** Answers the question for the code. */
  readonly answer?: (client: ssh2.Client, finish: (answers: string[]) => void) => void
  readonly onKeys?: (client: ssh2.Client) => void
}

function tries(t: TestContext, door: Door, { answer, onKeys, ...config }: Way): Promise<Tried> {
  const client = new ssh2.Client()
  t.after(() => client.destroy())
  return new Promise((resolve) => {
    let words = ''
    client.on('error', (error) => (words ||= error.message))
    client.on('close', () => resolve({ isIn: false, words }))
    client.on('ready', () => resolve({ isIn: true, words }))
    client.on('keyboard-interactive', (...[, , , , finish]) => answer?.(client, finish))
    client.on('handshake', () => onKeys?.(client))
    client.connect({ host: '127.0.0.1', port: door.port, tryKeyboard: answer !== undefined, ...config })
  })
}

/** Alice with a registered key and a factor. */
async function withKey(t: TestContext) {
  const door = await sshDoor(t)
  const ssh = openSsh(door.folder, door.port, door.door.hostKey.line)
  await door.grant('alice')
  const code = await door.factor('alice')
  const file = ssh.keygen('id')
  await door.key('alice', readFileSync(`${file}.pub`, 'utf8'))
  return { door, ssh, code, file, key: { username: 'alice@web-1', privateKey: readFileSync(file) } }
}

const atTheWeb = (door: Door, code: string) =>
  door.login.verifyFactor({
    ...{ person: personName('alice'), proof: { kind: 'totp', code }, purpose: 'web', address: '10.1.1.1' },
  })

describe('one one-time code', () => {
  test('given on four connections and at the web at once lets one of them in', async (t) => {
    const { door, code, key } = await withKey(t)
    for (let round = 0; round < 3; round += 1) {
      const good = code()
      const answer: Way['answer'] = (_, finish) => finish([good])
      const [web, ...all] = await Promise.all([
        atTheWeb(door, good),
        ...[1, 2, 3, 4].map(() => tries(t, door, { ...key, answer })),
      ])
      const came = all.filter(({ isIn }) => isIn).length + (web === 'accepted' ? 1 : 0)
      assert.equal(came, 1, `round ${round}`)
      await door.lockout.succeeded({ person: 'alice', source: '127.0.0.1' })
    }
  })

  test('among five thousand answers is no answer', async (t) => {
    const { door, code, key } = await withKey(t)
    const good = code()
    const many = await tries(t, door, {
      ...key,
      answer: (_, finish) => finish([good, ...Array<string>(5000).fill('')]),
    })
    assert.equal(many.isIn, false)
    assert.ok((await tries(t, door, { ...key, answer: (_, finish) => finish([good]) })).isIn)
  })

  test('that is announced thirty million times ends the connection, and nothing is made room for', async (t) => {
    const { door, key } = await withKey(t)
    const before = process.memoryUsage().rss
    const tried = await tries(t, door, { ...key, answer: (client) => say(client, announcing(30_000_000)) })
    assert.equal(tried.isIn, false)
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024)
    assert.deepEqual(
      door.failures.map(({ why }) => why),
      ['more answers are announced than there are'],
    )
  })

  test('that comes after the name was locked is worth nothing, and stays good', async (t) => {
    const { door, code, key } = await withKey(t)
    const good = code()
    const tried = await tries(t, door, {
      ...key,
      answer(_, finish) {
        // Somebody else guesses under this name, at another door, while its person looks for the code.
        const guesses = Array.from({ length: 10 }, () => door.lockout.failed({ person: 'alice', source: '10.1.1.1' }))
        void Promise.all(guesses).then(() => finish([good]))
      },
    })
    assert.equal(tried.isIn, false)
    assert.equal(await atTheWeb(door, good), 'locked')
    await door.lockout.succeeded({ person: 'alice', source: '127.0.0.1' })
    assert.equal(await atTheWeb(door, good), 'accepted')
  })

  test('that is asked for between two key exchanges is good', async (t) => {
    const { door, code, key } = await withKey(t)
    const good = code()
    const answer: Way['answer'] = (client, finish) => void exchangeKeys(client).then(() => finish([good]))
    assert.ok((await tries(t, door, { ...key, answer })).isIn)
  })
})

test('keys that are exchanged over and over before a login end the connection', async (t) => {
  const door = await sshDoor(t)
  const onKeys = (client: ssh2.Client): void => void setImmediate(() => proposeKeys(client))
  const tried = await tries(t, door, { username: 'alice@web-1', authHandler: () => undefined, onKeys })
  assert.equal(tried.isIn, false)
  assert.deepEqual(
    door.failures.map(({ why }) => why),
    ['keys were exchanged anew too often'],
  )
})

test('a name that nobody has, or could have, is refused in the words of a wrong password', async (t) => {
  const door = await sshDoor(t)
  const password = await door.credential('alice')
  const names = [
    ...['nobody@web-1', 'alice@nowhere', 'alice@db-1', 'alice@WEB-1', 'al\u001b[31mice@web-1', 'alice\0@web-1'],
    ...['alice@web-1\n', 'alice@@web-1', 'a@b@c@d@e@web-1', '@', '', 'álice@web-1', '4012888888881881@web-1'],
    'x'.repeat(30_000),
  ]
  const wrong = await tries(t, door, { username: 'alice@web-1', password: 'cs_wrong' })
  for (const username of names)
    assert.deepEqual(await tries(t, door, { username, password }), wrong, username.slice(0, 40))
  assert.deepEqual(new Set(door.failures.map(({ why }) => why)), new Set(['wrong']))
  assert.equal(door.entered.length, 0)
})

describe('a certificate of our own', () => {
  async function issued(t: TestContext) {
    const found = await withKey(t)
    const { door, ssh } = found
    door.clock.advance(1000)
    const file = ssh.keygen('certified')
    const made = await door.access.certificates.issue(
      { person: personName('alice'), key: readFileSync(`${file}.pub`, 'utf8'), ttlMs: 3_600_000 },
      admin,
    )
    assert.ok(made.outcome === 'issued')
    writeFileSync(`${file}-cert.pub`, `${made.line}\n`)
    const comes = async (): Promise<boolean> => (await ssh.run('alice@web-1', ['-i', file])).code === 0
    assert.ok(await comes())
    return { ...found, comes }
  }

  test('lets nobody in once its person is disabled', async (t) => {
    const { door, comes } = await issued(t)
    await peopleOf(door.hall).disable(personName('alice'), admin)
    assert.equal(await comes(), false)
    assert.equal(door.failures.at(-1)?.why, 'wrong')
  })

  test('lets nobody in once the grant is taken back', async (t) => {
    const { door, comes } = await issued(t)
    for (const grant of await door.grants.liveOf(personName('alice'))) await door.grants.revoke(grant.id, admin)
    assert.equal(await comes(), false)
    assert.equal(door.failures.at(-1)?.why, 'no-grant')
  })
})

/** Options of ssh-keygen. */
interface Kinds {
  readonly ca: readonly string[]
  readonly key: readonly string[]
  readonly sign: readonly string[]
}

describe('a certificate of a configured CA', () => {
  async function signedBy(t: TestContext, { ca, key, sign }: Kinds) {
    const authorities: ReturnType<Door['deps']['authorities']>[number][] = []
    const door = await sshDoor(t, { authorities: () => authorities })
    const ssh = openSsh(door.folder, door.port, door.door.hostKey.line)
    await door.grant('alice')
    const authority = ssh.keygen('ca', ...ca)
    const file = ssh.keygen('id', ...key)
    authorities.push(...door.authoritiesWith(`${authority}.pub`, true))
    const time = (minutes: number): string =>
      new Date(door.clock.now() + minutes * 60_000).toISOString().replaceAll(/[-:T]|\..*$/g, '') + 'Z'
    const validity = `${time(-5)}:${time(60)}`
    ssh.tool('-q', '-s', authority, '-I', '4012888888881881', '-n', 'alice', '-V', validity, ...sign, `${file}.pub`)
    const { code } = await ssh.run('alice@web-1', ['-i', file])
    return { door, code }
  }

  test('over an RSA key that is too small, of a host, or signed with SHA-1 lets nobody in', async (t) => {
    const ed25519 = ['-t', 'ed25519']
    const wrong: Kinds[] = [
      { ca: ed25519, key: ['-t', 'rsa', '-b', '2048'], sign: [] },
      { ca: ed25519, key: ed25519, sign: ['-h'] },
      { ca: ['-t', 'rsa', '-b', '3072'], key: ed25519, sign: ['-t', 'ssh-rsa'] },
    ]
    for (const kinds of wrong) {
      const { door, code } = await signedBy(t, kinds)
      assert.notEqual(code, 0)
      assert.equal(door.entered.length, 0)
    }
    assert.equal((await signedBy(t, { ca: ed25519, key: ed25519, sign: [] })).code, 0)
  })
})
