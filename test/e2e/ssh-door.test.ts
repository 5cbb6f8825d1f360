import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { personName } from '../../src/model/ids.ts'
import type { SshConnectionDeps } from '../../src/proxy/ssh/connection.ts'
import { openSsh, type Ended, type OpenSsh } from '../support/openssh.ts'
import { sshDoor, type Door } from '../support/ssh-door.ts'
import { admin } from '../store/scratch.ts'

interface Scene {
  readonly door: Door
  readonly ssh: OpenSsh
}

async function scene(t: TestContext, options: Partial<SshConnectionDeps> = {}): Promise<Scene> {
  const door = await sshDoor(t, options)
  return { door, ssh: openSsh(door.folder, door.port, door.door.hostKey.line) }
}

const PASSWORD_ONLY = ['-o', 'PubkeyAuthentication=no']
const LINE = (file: string): string => readFileSync(`${file}.pub`, 'utf8')

function letIn({ code, out, err }: Ended, said: string): void {
  assert.deepEqual([code, out], [0, `${said}\n`], err)
}

function turnedAway({ code, out, err }: Ended): void {
  assert.deepEqual([code, out], [255, ''], err)
  assert.match(err, /Permission denied|Received disconnect|Connection (closed|reset)/)
}

const minutesFrom = (now: number, minutes: number): string =>
  new Date(now + minutes * 60_000).toISOString().replaceAll(/[-:T]|\..*$/g, '') + 'Z'

/** A certificate that ssh-keygen makes, valid around the door's own time. */
function certify({ ssh, door }: Scene, key: string, options: readonly string[]): void {
  const now = door.clock.now()
  const times = ['-V', `${minutesFrom(now, -5)}:${minutesFrom(now, 60)}`]
  ssh.tool('-q', '-s', path.join(door.folder, 'ca'), '-I', 'a test', ...times, ...options, `${key}.pub`)
}

describe('a credential typed as password', () => {
  test('lets its person in, with or without the target in the login name', async (t) => {
    const { door, ssh } = await scene(t)
    const credential = await door.credential('alice')
    letIn(await ssh.run('alice@web-1', PASSWORD_ONLY, [credential]), 'alice is on web-1 by credential')
    letIn(await ssh.run('alice', PASSWORD_ONLY, [credential]), 'alice is on web-1 by credential')
    const [first] = door.entered
    assert.equal(first?.credential?.person, 'alice')
    assert.deepEqual(first.cipher, {
      // OpenSSH would rather count; whoever can speak GCM is offered nothing else.
      ...{ kex: 'curve25519-sha256', hostKey: 'ssh-ed25519', cipher: 'aes128-gcm@openssh.com', mac: '' },
    })
    assert.match(first.software, /^OpenSSH_/)
    assert.deepEqual(door.failures, [])
  })

  test('is one of the person and the target that it was made for', async (t) => {
    const { door, ssh } = await scene(t)
    const credential = await door.credential('alice')
    await door.grant('bob')
    for (const login of ['bob@web-1', 'alice@db-1', 'alice@nowhere', 'nobody@web-1', 'Alice@web-1', '@web-1', 'alice@'])
      turnedAway(await ssh.run(login, PASSWORD_ONLY, [credential]))
    assert.equal(door.entered.length, 0)
  })

  test('is worth nothing once the grant is revoked', async (t) => {
    const { door, ssh } = await scene(t)
    const credential = await door.credential('alice')
    const [grant] = await door.grants.liveOf(personName('alice'))
    assert.ok(grant)
    await door.grants.revoke(grant.id, admin)
    turnedAway(await ssh.run('alice@web-1', PASSWORD_ONLY, [credential]))
  })

  test('ten wrong ones lock the name for everything, and a name that does not exist in the same way', async (t) => {
    const { door, ssh } = await scene(t)
    const credential = await door.credential('alice')
    for (const name of ['alice', 'nobody']) {
      for (let round = 0; round < 4; round += 1) turnedAway(await ssh.run(`${name}@web-1`, PASSWORD_ONLY, ['cs_wrong']))
      const whys = door.failures.filter(({ login }) => login === `${name}@web-1`).map(({ why }) => why)
      assert.deepEqual(
        [whys.length, whys.slice(0, 10), whys.slice(10)],
        [12, Array(10).fill('wrong'), ['locked', 'locked']],
      )
    }
    turnedAway(await ssh.run('alice@web-1', PASSWORD_ONLY, [credential]))
    assert.equal(await door.login.verifyFactor(codeOf('alice', '000000')), 'locked')
    door.clock.advance(31 * 60_000)
    letIn(
      await ssh.run('alice@web-1', PASSWORD_ONLY, [await door.credential('alice')]),
      'alice is on web-1 by credential',
    )
  })
})

const codeOf = (person: string, code: string) =>
  ({ person: personName(person), proof: { kind: 'totp', code }, purpose: 'x', address: '10.9.9.9' }) as const

describe('a registered key', () => {
  const KINDS: readonly (readonly [string, ...string[]])[] = [
    ['ed25519', '-t', 'ed25519'],
    ['ecdsa256', '-t', 'ecdsa', '-b', '256'],
    ['ecdsa384', '-t', 'ecdsa', '-b', '384'],
    ['ecdsa521', '-t', 'ecdsa', '-b', '521'],
    ['rsa', '-t', 'rsa', '-b', '3072'],
  ]

  test('of each kind lets its person in once the one-time code is right too', async (t) => {
    const { door, ssh } = await scene(t)
    await door.grant('alice')
    const code = await door.factor('alice')
    for (const [name, ...options] of KINDS) {
      const file = ssh.keygen(name, ...options)
      await door.key('alice', LINE(file))
      letIn(await ssh.run('alice@web-1', ['-i', file], [code()]), 'alice is on web-1 by key')
    }
    assert.match(door.entered[0]?.clientKey ?? '', /^SHA256:/)
    assert.ok((await door.access.keys.listOf(personName('alice'))).every(({ usedAt }) => usedAt !== undefined))
  })

  test('without a right code lets nobody in, and each code is good once at all doors', async (t) => {
    const { door, ssh } = await scene(t)
    await door.grant('alice')
    const file = ssh.keygen('id')
    const code = await door.factor('alice')
    await door.key('alice', LINE(file))
    turnedAway(await ssh.run('alice@web-1', ['-i', file], ['123456']))
    const [good] = [code()]
    assert.equal(await door.login.verifyFactor(codeOf('alice', good)), 'accepted')
    turnedAway(await ssh.run('alice@web-1', ['-i', file], [good]))
    letIn(await ssh.run('alice@web-1', ['-i', file], [code()]), 'alice is on web-1 by key')
    const notes = (await door.notes()).filter(({ kind }) => kind === 'factor')
    assert.deepEqual(new Set(notes.map(({ outcome }) => outcome)), new Set(['accepted', 'refused']))
  })

  test('opens no other name, and none that was disabled; one that was removed opens nothing', async (t) => {
    const { door, ssh } = await scene(t)
    const file = ssh.keygen('id')
    await Promise.all([door.factor('alice'), door.grant('alice'), door.grant('bob')])
    const key = await door.key('alice', LINE(file))
    turnedAway(await ssh.run('bob@web-1', ['-i', file]))
    assert.ok(await door.access.keys.remove(key.id, admin))
    turnedAway(await ssh.run('alice@web-1', ['-i', file]))
    const whys = door.failures.map(({ login, why }) => `${login ?? '?'}: ${why}`)
    assert.deepEqual(whys, ['bob@web-1: a key that is not registered', 'alice@web-1: a key that was removed'])
  })

  test('with no grant behind it: its person, who has proved both factors, is told so', async (t) => {
    const { door, ssh } = await scene(t)
    const file = ssh.keygen('id')
    const code = await door.factor('alice')
    await door.key('alice', LINE(file))
    const done = await ssh.run('alice@web-1', ['-i', file], [code()])
    turnedAway(done)
    assert.match(done.err, /no live grant for this target.*countersign request/)
  })

  test('among five that are not registered is found, and the five count as no failure', async (t) => {
    const { door, ssh } = await scene(t)
    await door.grant('alice')
    const code = await door.factor('alice')
    const files = [1, 2, 3, 4, 5, 6].map((at) => ssh.keygen(`id${at}`))
    await door.key('alice', LINE(files[5] ?? ''))
    const options = files.flatMap((file) => ['-i', file])
    letIn(await ssh.run('alice@web-1', options, [code()]), 'alice is on web-1 by key')
    assert.deepEqual(door.failures, [])
  })

  test('the sixth wrong one ends the connection, and the whole of it is one failure', async (t) => {
    const { door, ssh } = await scene(t)
    await door.credential('alice')
    const files = Array.from({ length: 8 }, (_, at) => ssh.keygen(`id${at}`))
    turnedAway(
      await ssh.run(
        'alice@web-1',
        files.flatMap((file) => ['-i', file]),
      ),
    )
    assert.deepEqual(
      door.failures.map(({ why }) => why),
      ['a key that is not registered', 'too many attempts on one connection'],
    )
    const tried = { person: 'alice', source: '127.0.0.1' }
    for (let more = 0; more < 8; more += 1) await door.lockout.failed(tried)
    assert.equal(await door.lockout.lockedUntil(tried), undefined)
    await door.lockout.failed(tried)
    assert.ok(await door.lockout.lockedUntil(tried))
  })
})

describe('a certificate', () => {
  test('of our own, minted under both factors, is enough by itself', async (t) => {
    const { door, ssh } = await scene(t)
    await door.grant('alice')
    await door.factor('alice')
    door.clock.advance(1000)
    const file = ssh.keygen('id')
    const issued = await door.access.certificates.issue(
      { person: personName('alice'), key: LINE(file), ttlMs: 3_600_000 },
      admin,
    )
    assert.ok(issued.outcome === 'issued')
    writeFileSync(`${file}-cert.pub`, `${issued.line}\n`)
    assert.match(
      ssh.tool('-L', '-f', `${file}-cert.pub`),
      /Key ID: "alice\/\d+"[^]*Principals:\s+alice\s[^]*permit-pty/,
    )
    letIn(await ssh.run('alice@web-1', ['-i', file]), 'alice is on web-1 by certificate')
    turnedAway(await ssh.run('bob@web-1', ['-i', file]))
    door.clock.advance(3_600_000)
    await door.grant('alice')
    turnedAway(await ssh.run('alice@web-1', ['-i', file]))
  })

  test('of our own is void once access was stopped, the factors reset or the key removed', async (t) => {
    const { door, ssh } = await scene(t)
    for (const [at, undo] of [
      () => door.factors.reset(personName('alice'), admin),
      async () => {
        const key = await door.key('alice', LINE(path.join(door.folder, 'id1')))
        await door.access.keys.remove(key.id, admin)
      },
    ].entries()) {
      await Promise.all([door.grant('alice'), door.factor('alice').catch(() => undefined)])
      door.clock.advance(1000)
      const file = ssh.keygen(`id${at}`)
      const issued = await door.access.certificates.issue(
        { person: personName('alice'), key: LINE(file), ttlMs: 3_600_000 },
        admin,
      )
      assert.ok(issued.outcome === 'issued')
      writeFileSync(`${file}-cert.pub`, issued.line)
      letIn(await ssh.run('alice@web-1', ['-i', file]), 'alice is on web-1 by certificate')
      await undo()
      turnedAway(await ssh.run('alice@web-1', ['-i', file]))
    }
  })

  const KINDS = {
    ed25519: ['-t', 'ed25519'],
    ecdsa: ['-t', 'ecdsa', '-b', '384'],
    rsa: ['-t', 'rsa', '-b', '3072'],
  } as const
  const PAIRS: readonly [ca: keyof typeof KINDS, key: keyof typeof KINDS][] = [
    ['ed25519', 'rsa'],
    ['ecdsa', 'ed25519'],
    ['rsa', 'ecdsa'],
  ]
  for (const [ca, kind] of PAIRS)
    test(`of a configured ${ca} CA over a key of ${kind} needs a one-time code`, async (t) => {
      const found = await withAuthority(t, { options: KINDS[ca], checksFactor: false })
      const { door, ssh } = found
      await door.grant('alice')
      const code = await door.factor('alice')
      const file = ssh.keygen('id', ...KINDS[kind])
      certify(found, file, ['-n', 'alice'])
      turnedAway(await ssh.run('alice@web-1', ['-i', file], ['000000']))
      letIn(await ssh.run('alice@web-1', ['-i', file], [code()]), 'alice is on web-1 by certificate')
    })

  test('of a CA that checks the factor itself is enough, with what it restricts', async (t) => {
    const found = await withAuthority(t, { checksFactor: true })
    const { door, ssh } = found
    await door.grant('alice')
    const file = ssh.keygen('id')
    certify(found, file, [
      '-n',
      'carol,alice',
      '-O',
      'force-command=uptime -p',
      '-O',
      'no-pty',
      '-O',
      'source-address=127.0.0.0/8',
    ])
    letIn(await ssh.run('alice@web-1', ['-i', file]), 'alice is on web-1 by certificate')
    assert.deepEqual(door.entered[0]?.restrictions, { command: 'uptime -p', terminal: false, forwards: true })
  })

  const WRONG: readonly [what: string, options: string[], why: RegExp][] = [
    ['for another name', ['-n', 'bob'], /for another name/],
    ['for every name', [], /for another name/],
    ['with a wildcard for a name', ['-n', '*'], /for another name/],
    ['with a critical option that is not known', ['-n', 'alice', '-O', 'critical:tunnel=1'], /does not fit/],
    ['for another address', ['-n', 'alice', '-O', 'source-address=10.0.0.0/8'], /for another address/],
    ['that is over', ['-n', 'alice', '-V', '20260101000000Z:20260102000000Z'], /no longer valid/],
    ['that begins later', ['-n', 'alice', '-V', '20300101000000Z:20300101010000Z'], /not valid yet/],
    ['that is valid for ever', ['-n', 'alice', '-V', 'always:forever'], /longer than a second factor counts/],
  ]
  for (const [what, options, why] of WRONG)
    test(`${what} lets nobody in`, async (t) => {
      const found = await withAuthority(t, { checksFactor: true })
      const { door, ssh } = found
      await door.grant('alice')
      const file = ssh.keygen('id')
      certify(found, file, options)
      turnedAway(await ssh.run('alice@web-1', ['-i', file]))
      assert.equal(door.failures.length, 1)
      assert.match(door.failures[0]?.why ?? '', why)
    })

  test('of a CA that is not ours, or of the CA for targets, lets nobody in', async (t) => {
    const found = await withAuthority(t, { checksFactor: true })
    const { door, ssh } = found
    await door.grant('alice')
    const file = ssh.keygen('id')
    ssh.keygen('stranger')
    for (const ca of ['stranger', 'keys/ssh_targets_ca']) {
      ssh.tool('-q', '-s', path.join(door.folder, ca), '-I', 'x', '-n', 'alice', `${file}.pub`)
      turnedAway(await ssh.run('alice@web-1', ['-i', file]))
    }
    assert.equal(door.failures.length, 2)
    for (const { why } of door.failures) assert.match(why, /signed by a CA that is not known here/)
  })
})

/** A CA of the site in the file `ca`, known to the door. */
async function withAuthority(
  t: TestContext,
  { options = [], checksFactor }: { options?: readonly string[]; checksFactor: boolean },
): Promise<Scene> {
  const authorities: ReturnType<SshConnectionDeps['authorities']>[number][] = []
  const found = await scene(t, { authorities: () => authorities })
  const file = found.ssh.keygen('ca', ...options)
  authorities.push(...found.door.authoritiesWith(`${file}.pub`, checksFactor))
  return found
}

describe('the way in', () => {
  test('programs come in by their credential alone: a key is a person’s', async (t) => {
    const { door } = await scene(t)
    const done = await door.access.keys.add({ person: personName('nobody'), text: 'x', name: undefined }, admin)
    assert.equal(done.outcome, 'refused')
  })

  test('a file of many keys is tried without a word about which of them is registered', async (t) => {
    const { door, ssh } = await scene(t)
    const file = ssh.keygen('id')
    const asked = async (login: string): Promise<string> => {
      const { err } = await ssh.run(login, ['-v', '-i', file, '-o', 'PasswordAuthentication=no'])
      return err
        .split('\n')
        .filter((line) => /Server accepts key|Authentications that can continue/.test(line))
        .join('\n')
    }
    const unknown = await asked('alice@web-1')
    await door.key('alice', LINE(file))
    const otherName = await asked('nobody@web-1')
    assert.equal(unknown, otherName)
    assert.match(unknown, /Server accepts key/)
  })
})

test('a client that has exchanged keys has two minutes to log in', async (t) => {
  const asked = Promise.withResolvers<undefined>()
  const found = await scene(t, {
    isPerson: () => {
      asked.resolve(undefined)
      return new Promise(() => undefined)
    },
  })
  const { door, ssh } = found
  const running = ssh.run('alice@web-1', ['-i', ssh.keygen('id')])
  await asked.promise
  door.clock.advance(119_999)
  assert.deepEqual(door.failures, [])
  door.clock.advance(1)
  const ended = await running
  turnedAway(ended)
  assert.match(ended.err, /Received disconnect [^\n]*countersign: no login in time/)
  assert.deepEqual(
    door.failures.map(({ why }) => why),
    ['no login in time'],
  )
})
