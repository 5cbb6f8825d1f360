import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { personName } from '../../src/model/ids.ts'
import { withoutSshd } from '../support/sshd.ts'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import type { Ran, Running } from '../support/ssh-bench.ts'

const PAN = '4012888888881881'

describe('ssh through a node', { skip: withoutSshd, timeout: 180_000 }, () => {
  let stage: SshStage
  before(async () => {
    stage = await sshStage({ targetKeys: ['tags: [cde]', 'forwards: { local: true }'] })
  })
  after(() => stage.stop())

  const start = (args: readonly string[], input?: Buffer | string | null): Running =>
    stage.start('ssh', ['-F', stage.config, ...args], input === undefined ? {} : { input })
  const ssh = (command: string, input: Buffer | string | null = null): Promise<Ran> =>
    start(['web-1', command], input).ended

  test('a look at the host runs at once, and its exit status comes back', async () => {
    assert.deepEqual((await ssh('ls /etc/hostname; exit 3')).out.toString(), '/etc/hostname\n')
    assert.equal((await ssh('ls /nowhere 2>/dev/null; exit 3')).status, 3)
  })

  test('card numbers in output are cut down, and no recording has a whole one', async () => {
    const { out } = await ssh(`echo ${PAN}`)
    assert.equal(out.toString(), '401288******1881\n')
    assert.doesNotMatch(stage.recorded(), new RegExp(PAN))
  })

  test('a change waits, and runs exactly as it was countersigned', async () => {
    const file = path.join(stage.folder, 'made')
    const command = `sudo touch ${file}; touch ${file}`
    const running = start(['web-1', command], null)
    await running.saw('countersign: this is held')
    const approval = await stage.approve('sudo touch')
    assert.equal((await running.ended).status, 0)
    assert.ok(existsSync(file))
    await stage.reaches(approval.id, 'done')
  })

  test('what was declined says by whom and why and ends with 126', async () => {
    const file = path.join(stage.folder, 'never')
    const running = start(['web-1', `sudo touch ${file}`], null)
    await stage.deny('sudo touch', 'not on a Friday')
    const { status, err } = await running.ended
    assert.equal(status, 126)
    assert.match(err, /declined .*not on a Friday/)
    assert.ok(!existsSync(file))
  })

  test('Ctrl-C on a terminal takes back what waits', async () => {
    const running = start(['-tt', 'web-1', 'sudo reboot-not-there now'])
    await running.saw('this is held')
    const { id } = await stage.held('sudo reboot-not-there')
    running.child.stdin?.write('\x03')
    assert.equal((await running.ended).status, 130)
    await stage.reaches(id, 'withdrawn')
  })

  test('a client that hangs up voids what waits', async () => {
    const running = start(['web-1', 'sudo hang-up-not-there'], null)
    const { id } = await stage.held('sudo hang-up-not-there')
    running.child.kill()
    await running.ended
    await stage.reaches(id, 'void')
  })

  test('our own prompt judges line by line', async () => {
    const running = start(['-tt', 'web-1'])
    const type = (line: string): void => void running.child.stdin?.write(`${line}\r`)
    await running.saw('$ ')
    type('cd /usr/lib')
    await running.saw('/usr/lib$ ')
    type(`echo ${PAN}`)
    await running.saw('401288******1881', '/usr/lib$ ')
    type('sudo prompt-not-there')
    await running.saw('held')
    await stage.deny('sudo prompt-not-there', 'no')
    await running.saw('declined', '/usr/lib$ ')
    type('exit')
    // As every shell does, it ends with the status of the last line.
    assert.equal((await running.ended).status, 126)
    assert.doesNotMatch(stage.recorded(), new RegExp(PAN))
  })

  test('on a dumb terminal our own prompt writes text alone', async () => {
    const running = stage.start('ssh', ['-F', stage.config, '-tt', 'web-1'], { env: { TERM: 'dumb' } })
    await running.saw('alice@web-1:~$ ')
    running.child.stdin?.write('echo one-$((1+1))\r')
    await running.saw('one-2', 'alice@web-1:~$ ')
    running.child.stdin?.write('exit\r')
    const { out } = await running.ended
    assert.equal(out.toString(), 'alice@web-1:~$ echo one-$((1+1))\r\none-2\r\nalice@web-1:~$ exit\r\n')
  })

  test('a session that an admin ends says so to its person', async () => {
    const running = start(['-tt', 'web-1', 'tail -f /etc/hostname'])
    await running.saw('\r\n')
    const [grant] = await stage.app.access.grants.liveOf(personName('alice'))
    assert.ok(grant !== undefined)
    await stage.app.access.grants.revoke(grant.id, { by: 'test', origin: 'local' })
    const { out } = await running.ended
    assert.match(out.toString(), /countersign: test revoked your access to web-1/)
  })
})
