import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { mintFor } from '../../src/cli/demo/people.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { Rights } from '../../src/model/rights.ts'
import { apiPerson } from '../support/api-person.ts'
import { runClient, without } from '../support/clients.ts'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import { withoutSshd } from '../support/sshd.ts'
import { testStage, type TestStage } from '../support/stage.ts'

const ACTOR = { by: 'test', origin: 'local' }
const QUIET = ['-X', '-q', '-A', '-t']
const HOUR_MS = 3_600_000

describe('a grant for less than everything, in psql', { skip: without('psql', '--version') }, () => {
  let stage: TestStage
  before(async () => {
    stage = await testStage()
  })
  after(() => stage.stop())

  const psql = async (name: string, secret: string, sql: string) =>
    runClient('psql', [...QUIET, '-v', 'VERBOSITY=verbose', '-c', sql], {
      ...stage.env,
      PGUSER: `${name}@cards`,
      PGPASSWORD: secret,
    })

  test('who asked to read reads, and what changes anything is refused at once, approver or not', async () => {
    const { app, config } = stage.stage
    const asker = await apiPerson({ app, config }, 'rita', ['engineer'])
    for (const { id } of await app.access.grants.liveOf(personName('rita'))) await app.access.grants.revoke(id, ACTOR)
    const other = await apiPerson({ app, config }, 'otto', ['approver'])
    const wish = { target: 'cards', rights: 'read', forMs: HOUR_MS, reason: 'look at a payment' } as const
    // Her grants were taken away a moment ago, and not by her: a person decides, whatever the rules say.
    const request = await asker.client.access.ask(wish)
    assert.deepEqual([request.state, request.rights], ['open', 'read'])
    assert.equal((await other.client.access.find(request.id)).rights, 'read', 'who decides sees it')
    const { state } = await other.client.access.approve(request.id, { factor: await other.code() })
    assert.equal(state, 'granted')
    const { secret } = await asker.client.mint({ target: 'cards', forSeconds: 600 })
    const read = await psql('rita', secret, 'SELECT count(*) FROM payments')
    assert.deepEqual([read.status, read.out.trim()], [0, '5000'], read.err)
    const shown = await psql('rita', secret, 'SHOW transaction_read_only')
    assert.equal(shown.out, 'on\n', 'the server is told, too')
    for (const sql of [
      'UPDATE payments SET amount = 1 WHERE id = 1',
      'DELETE FROM payments',
      'SELECT no_such_thing()',
    ]) {
      const { status, err } = await psql('rita', secret, sql)
      assert.equal(status, 1, sql)
      assert.match(err, /42501: Your access here is for reading only/, sql)
      assert.match(err, /floor\/rights/, sql)
    }
    const script = { target: 'cards', text: 'DELETE FROM refunds', reason: 'tidy up', forSeconds: 3600 }
    await assert.rejects(asker.client.scripts.submit(script), /reading only/)
    assert.equal((await stage.approvals()).length, 0, 'nobody was asked')
  })
})

describe('a grant for less than everything, over ssh', { skip: withoutSshd, timeout: 120_000 }, () => {
  let stage: SshStage
  before(async () => {
    stage = await sshStage()
  })
  after(() => stage.stop())

  /** A credential of somebody whose only grant is for this. */
  async function visitor(name: string, rights: Rights): Promise<{ readonly name: string; readonly secret: string }> {
    const { access } = stage.app
    const person = personName(name)
    await access.people.add({ name: person, roles: ['engineer'], password: `${name}-and-a-long-password-1` }, ACTOR)
    const wanted = { person, target: targetName('web-1'), rights, forMs: HOUR_MS, reason: 'a test' }
    assert.equal((await access.grants.grant(wanted, ACTOR)).outcome, 'granted')
    return { name, secret: (await mintFor(access, name)).reveal() }
  }

  const run = (tool: 'ssh' | 'sftp', { name, secret }: { name: string; secret: string }, more: readonly string[]) =>
    stage.start(tool, ['-F', stage.config, '-o', `User=${name}@web-1`, ...more], {
      input: null,
      env: { SSHPASS: secret },
    }).ended

  test('lines and files that are read go through, those that change something do not', async () => {
    const rita = await visitor('rita', 'read')
    const [file, marker] = [path.join(stage.folder, 'notes.txt'), path.join(stage.folder, 'made')]
    writeFileSync(file, 'a note\n')
    const read = await run('ssh', rita, ['web-1', `cat ${file}; ls ${file}`])
    assert.deepEqual([read.status, read.out.toString()], [0, `a note\n${file}\n`], read.err)
    for (const line of [`touch ${marker}`, `cat ${file} > ${marker}`, `sh -c 'touch ${marker}'`, 'sudo id']) {
      const { status, err } = await run('ssh', rita, ['web-1', line])
      assert.equal(status, 126, line)
      assert.match(err, /Your access here is for reading only/, line)
    }
    assert.equal((await run('ssh', rita, ['-tt', 'web-1', 'bash'])).status, 126)
    assert.ok(!existsSync(marker))
  })

  test('our own prompt works for who only reads, and refuses the line that does not', async () => {
    const { secret } = await visitor('paul', 'read')
    const [out, marker] = [path.join(stage.folder, 'look.txt'), path.join(stage.folder, 'by-paul')]
    writeFileSync(out, 'seen\n')
    const options = ['-F', stage.config, '-o', 'User=paul@web-1', '-tt', 'web-1']
    const running = stage.start('ssh', options, { env: { SSHPASS: secret, TERM: 'dumb' } })
    await running.saw('paul@web-1:~$ ')
    running.child.stdin?.write(`cat ${out}\r`)
    await running.saw('\r\nseen\r\n', 'paul@web-1:~$ ')
    running.child.stdin?.write(`touch ${marker}\r`)
    await running.saw('Your access here is for reading only', 'paul@web-1:~$ ')
    running.child.stdin?.write('exit\r')
    await running.ended
    assert.ok(!existsSync(marker))
  })

  test('with rights to write, files change and shells stay shut', async () => {
    const will = await visitor('will', 'write')
    const marker = path.join(stage.folder, 'written')
    assert.equal((await run('ssh', will, ['web-1', `touch ${marker}`])).status, 0)
    assert.ok(existsSync(marker))
    const { status, err } = await run('ssh', will, ['web-1', 'sudo id'])
    assert.equal(status, 126)
    assert.match(err, /reading and changing data, and this goes beyond/)
  })
})
