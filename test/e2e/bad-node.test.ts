import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt } from '../../src/access/totp.ts'
import { createClient, NET, type Client } from '../../src/cli/client.ts'
import { personName } from '../../src/model/ids.ts'
import { verify } from '../../src/recording/verify.ts'
import { ACTOR, attackStage, passwordOf, type AttackStage, type Enrolled } from '../support/attack-stage.ts'
import { RawClient } from '../support/raw-client.ts'
import { ServeChild } from '../support/serve-child.ts'

const STEP_MS = 30_000

describe('a node that is killed, misconfigured or out of disk', () => {
  let stage: AttackStage
  let alice: Enrolled
  let factor: Uint8Array
  const children: ServeChild[] = []

  before(async () => {
    stage = await attackStage()
    alice = await stage.enrol('alice', 'root')
    factor = await approver('bob')
    // From here on the node is a process of its own on the same folder.
    await stage.app.stop()
  })
  after(async () => {
    for (const child of children) await child.kill('SIGKILL')
    await stage.stop()
  })

  async function approver(name: string): Promise<Uint8Array> {
    const { access } = stage.app
    await access.people.add({ name: personName(name), roles: ['approver'], password: passwordOf(name) }, ACTOR)
    const enrolled = await access.factors.enrol(personName(name), ACTOR)
    return fromBase32(enrolled?.secret.reveal() ?? '') ?? assert.fail('no factor')
  }

  const serve = (configFile = stage.configFile): ServeChild => {
    const child = new ServeChild(configFile)
    children.push(child)
    return child
  }

  /** A changed copy of the configuration, beside the real one. */
  function changed(name: string, change: (text: string) => string): string {
    const file = path.join(stage.folder, `${name}.yaml`)
    writeFileSync(file, change(readFileSync(stage.configFile, 'utf8')))
    return file
  }

  const recordings = (): string => path.join(stage.folder, 'data', 'recordings')
  const enter = (port: number): Promise<RawClient> => RawClient.enter({ ...alice.login, port })
  const payments = async (): Promise<string> =>
    (await stage.beside.query('SELECT count(*) FROM payments'))[0]?.[0] ?? ''

  /** Bob at the API; each code is used once: `step` counts from the one before now. */
  async function logIn(step: number): Promise<Client> {
    const net = { url: stage.url, fetch: NET.fetch }
    const body = { person: 'bob', password: passwordOf('bob'), totp: codeOf(step) }
    const { token } = await createClient({ ...net, token: undefined }).login(body)
    return createClient({ ...net, token })
  }
  const codeOf = (step: number): string => codeAt(factor, Date.now() + step * STEP_MS)

  const FAULTS: readonly (readonly [what: string, file: () => string, said: RegExp])[] = [
    ['YAML that does not parse', () => changed('yaml', (text) => `${text}\n  : [`), /yaml\.yaml:\d+/],
    ['an unknown key', () => changed('key', (text) => `${text}\nsurprise: 1\n`), /key\.yaml:\d+.*surprise/],
    [
      'a target without a password',
      () => changed('target', (text) => text.replaceAll(/password: [^,]*,/g, '')),
      /password/,
    ],
    ['a missing file', () => path.join(stage.folder, 'nowhere.yaml'), /nowhere\.yaml/],
    [
      'a data folder that is a file',
      () => changed('data', (text) => text.replace('./data', './upstream.password')),
      /upstream\.password/,
    ],
    [
      'a pack with an unknown key',
      () => {
        mkdirSync(path.join(stage.folder, 'odd-packs'), { recursive: true })
        writeFileSync(path.join(stage.folder, 'odd-packs', 'odd.yaml'), 'name: odd\ndescription: x\nrulez: []\n')
        return changed('packs', (text) => text.replace('./policies', './odd-packs').replace('./data', './data-packs'))
      },
      /odd\.yaml:\d+.*rulez/s,
    ],
  ]
  for (const [what, file, said] of FAULTS) {
    test(`${what} is a clear error, and nothing starts`, async () => {
      const child = serve(file())
      assert.notEqual(await child.ended, 0)
      assert.match(child.output, said)
      assert.doesNotMatch(child.output, /a-password-for-tests|\n\s+at /)
    })
  }

  test('a port that is taken is a clear error', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const address = other.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const file = changed('port', (text) =>
      text.replace(/postgres: 127\.0\.0\.1:0/, `postgres: 127.0.0.1:${port}`).replace('./data', './data-port'),
    )
    const child = serve(file)
    assert.notEqual(await child.ended, 0)
    assert.match(child.output, new RegExp(`${port}`))
    assert.doesNotMatch(child.output, /\n\s+at /)
    other.close()
  })

  test('a data folder is used by one node only', async () => {
    const first = serve()
    await first.ready()
    const second = serve(changed('second', (text) => text.replace(/http: 127\.0\.0\.1:\d+/, 'http: 127.0.0.1:0')))
    assert.notEqual(await second.ended, 0)
    assert.match(second.output, /in use by process \d+/)
    await first.kill('SIGTERM')
    assert.equal(await first.ended, 0)
  })

  test('a node that is killed while a statement waits voids the approval, and its recording ends with the crash', async () => {
    const node = serve()
    const client = await enter(await node.ready())
    assert.deepEqual((await client.query('SELECT 17 AS acknowledged')).rows, [['17']])
    assert.equal((await client.query('DELETE FROM payments')).end, 'held')
    const bob = await logIn(-1)
    const [held] = await bob.approvals('open')
    assert.ok(held)
    await node.kill('SIGKILL')
    assert.equal((await client.reply()).end, 'closed')

    const next = serve()
    await (await enter(await next.ready())).query('SELECT 1')
    const [after] = (await bob.approvals(undefined)).filter(({ id }) => id === held.id)
    assert.equal(after?.state, 'void')
    await assert.rejects(bob.approve(held.id, { digest: held.digest, factor: codeOf(0) }))
    assert.equal(await payments(), '5000')
    await next.kill('SIGTERM')
    const report = await verify(recordings())
    assert.deepEqual(
      report.problems.filter(({ code }) => !/crash/.test(code)),
      [],
      JSON.stringify(report.problems),
    )
    assert.ok(report.sessions.some(({ status }) => status === 'crashed'))
    const crashed = report.sessions.filter(({ status }) => status === 'crashed').map(({ session }) => session)
    const kept = readFileSync(path.join(recordings(), crashed[0] ?? '', 'events.ndjson'), 'utf8')
    assert.match(kept, /SELECT 17 AS acknowledged/)
    assert.match(kept, new RegExp(held.id))
  })

  test('a node that is killed while an approved statement runs leaves the approval unknown, and never runs it again', async () => {
    const node = serve()
    const client = await enter(await node.ready())
    const text =
      "DO $$ BEGIN PERFORM pg_sleep(6); INSERT INTO refunds (payment_id, amount, reason) VALUES (1, 1, 'once'); END $$"
    assert.equal((await client.query(text)).end, 'held')
    const bob = await logIn(0)
    const [held] = await bob.approvals('open')
    assert.ok(held)
    await bob.approve(held.id, { digest: held.digest, factor: codeOf(1) })
    await until(async () => (await running()) === '1')
    await node.kill('SIGKILL')

    const next = serve()
    await next.ready()
    const [after] = (await bob.approvals(undefined)).filter(({ id }) => id === held.id)
    assert.equal(after?.state, 'unknown')
    await until(async () => (await running()) === '0')
    await next.kill('SIGTERM')
    const done = await stage.beside.query("SELECT count(*) FROM refunds WHERE reason = 'once'")
    assert.ok(Number(done[0]?.[0]) <= 1)
    const report = await verify(recordings())
    assert.ok(report.sessions.filter(({ status }) => status === 'crashed').length >= 2)
  })

  const running = async (): Promise<string> =>
    (
      await stage.beside.query(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %pg_sleep(6)%' AND state = 'active'",
      )
    )[0]?.[0] ?? ''

  test('a full disk ends the sessions with a reason, loses nothing that was acknowledged, and the node starts again with room', async (context) => {
    if (process.getuid?.() !== 0 || !mountsSmall(path.join(stage.folder, 'small'))) {
      context.skip('only root can mount a small disk')
      return
    }
    const small = path.join(stage.folder, 'small')
    try {
      execFileSync('cp', ['-a', path.join(stage.folder, 'data'), path.join(small, 'data')])
      rmSync(path.join(small, 'data', 'lock'), { force: true })
      const file = changed('small', (text) => text.replace('data: ./data', 'data: ./small/data'))
      const node = serve(file)
      const client = await enter(await node.ready())
      const acknowledged = await fill(client)
      const end = await Promise.race([
        node.ended,
        new Promise<'alive'>((resolve) => setTimeout(resolve, 3000, 'alive')),
      ])
      if (end === 'alive') {
        const again = await RawClient.login({ ...alice.login, port: await node.ready() }).catch(() => undefined)
        assert.notEqual(again?.reply.end, 'ready', 'no session opens that cannot be recorded')
        await node.kill('SIGTERM')
      }
      execFileSync('mount', ['-o', 'remount,size=64m', small])
      const next = serve(file)
      const fresh = await enter(await next.ready())
      assert.deepEqual((await fresh.query('SELECT 1')).rows, [['1']])
      await next.kill('SIGTERM')
      const kept = everyEvent(path.join(small, 'data', 'recordings'))
      for (let at = 0; at < acknowledged; at += 1)
        assert.ok(kept.includes(`filler_${at}_`), `statement ${at} of ${acknowledged}`)
    } finally {
      execFileSync('umount', ['-l', small])
    }
  })

  /** Long harmless statements until one is not answered; how many were. */
  async function fill(client: RawClient): Promise<number> {
    for (let at = 0; at < 400; at += 1) {
      const reply = await client.query(`SELECT 1 AS filler_${at}_ /* ${'x'.repeat(10)} */ ${', 1'.repeat(24_000)}`)
      if (reply.end === 'closed') {
        assert.match(reply.said, /cannot be recorded|no longer record/)
        return at
      }
    }
    return assert.fail('the disk never filled')
  }
})

function mountsSmall(folder: string): boolean {
  mkdirSync(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

const everyEvent = (root: string): string =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('events.ndjson'))
    .map((name) => readFileSync(path.join(root, name), 'utf8'))
    .join('')

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const start = Date.now(); Date.now() - start < 15_000; await new Promise((resolve) => setTimeout(resolve, 50)))
    if (await isSo()) return
  assert.fail('it never came to that')
}
