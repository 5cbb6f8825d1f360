import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fromBase32 } from '../../src/access/base32.ts'
import { codeAt } from '../../src/access/totp.ts'
import { NET } from '../../src/cli/client.ts'
import { run as connect } from '../../src/cli/connect.ts'
import { run as key } from '../../src/cli/key.ts'
import { run as login } from '../../src/cli/login.ts'
import type { Io } from '../../src/cli/io.ts'
import { personName } from '../../src/model/ids.ts'
import { openStore } from '../../src/store/open-store.ts'
import { startTool, type Ran } from '../support/ssh-bench.ts'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import { keygen, withoutSshd } from '../support/sshd.ts'

const ACTOR = { by: 'test', origin: 'local' }
const STEP_MS = 30_000

describe('the way from a login to a host', { skip: withoutSshd, timeout: 120_000 }, () => {
  let stage: SshStage
  let codes: () => string
  const told = { out: '', err: '' }
  const io = (): Io => ({
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    isTty: false,
    env: { PATH: process.env['PATH'], HOME: stage.folder, XDG_CONFIG_HOME: stage.folder },
  })

  before(async () => {
    stage = await sshStage({ login: 'certificate: true', sshd: { userCa: '# until the node has made its own' } })
    writeFileSync(path.join(stage.sshd.folder, 'ca.pub'), inData('keys/ssh_targets_ca.pub'))
    const enrolled = await stage.app.access.factors.enrol(personName('alice'), ACTOR)
    const secret = fromBase32(enrolled?.secret.reveal() ?? '') ?? assert.fail()
    // The step before, this one and the next are taken, each once and in their order.
    let step = -2
    codes = () => codeAt(secret, Date.now() + (step += 1) * STEP_MS)
  })
  after(() => stage.stop())

  const inData = (name: string): string => readFileSync(path.join(stage.folder, 'data', name), 'utf8')
  const url = (): string =>
    /publicUrl: (\S+)/.exec(readFileSync(path.join(stage.folder, 'countersign.yaml'), 'utf8'))?.[1] ?? ''

  test('a login, and the certificate that it brings opens a session by a certificate of the node', async () => {
    const given = { ...io().env, COUNTERSIGN_PASSWORD: 'alice-and-a-long-password-1', COUNTERSIGN_CODE: codes() }
    assert.equal(await login([url(), '--person', 'alice'], { ...io(), env: given }), 0, told.err)
    const ran: Ran[] = []
    const launch = async (program: string, args: readonly string[]): Promise<number> => {
      const done = await startTool(program, ['-F', 'none', ...args], null).ended
      ran.push(done)
      return done.status ?? -1
    }
    assert.equal(await connect(['web-1', '--', 'id -un; exit 4'], io(), { ...NET, launch }), 4, told.err)
    assert.equal(ran[0]?.out.toString(), `${stage.sshd.user}\n`, ran[0]?.err)
    assert.match(stage.sshd.log(), /Accepted publickey .* ED25519-CERT .* ID countersign\/web-1/)
    assert.match(stage.recorded(), /"clientCertificate":"SHA256:/)
  })

  test('the lines for ~/.ssh/config let ssh find its way by itself', async () => {
    told.out = ''
    assert.equal(await connect(['web-1', '--print-config'], io()), 0, told.err)
    const file = path.join(stage.folder, 'printed')
    writeFileSync(file, told.out)
    const { status, out, err } = await startTool('ssh', ['-F', file, 'web-1', 'echo $((6*7))'], null).ended
    assert.deepEqual([status, out.toString()], [0, '42\n'], err)
  })

  test('a key that was added opens a session with a code, and removing it ends that session', async () => {
    const file = path.join(stage.folder, 'mine')
    keygen(['-t', 'ed25519', '-N', '', '-f', file])
    told.out = ''
    assert.equal(await key(['add', `${file}.pub`, '--code', codes(), '--json'], io()), 0, told.err)
    const id = /"id":"(k_[0-9a-z]{12})"/.exec(told.out)?.[1] ?? assert.fail(told.out)
    const env = { ...process.env, SSHPASS: codes() }
    const given = ['-F', stage.config, '-o', 'PubkeyAuthentication=yes', '-o', 'IdentitiesOnly=yes', '-i', file]
    const words = ['-e', '-P', 'One-time code', 'ssh', ...given, 'web-1', 'echo in; sleep 30']
    const running = startTool('sshpass', words, null, env)
    await running.saw('in')
    await removed(id)
    const { status, err } = await running.ended
    assert.notEqual(status, 0)
    assert.match(err, /the key of this session was removed/)
  })

  /** As another process of the same installation would. */
  async function removed(id: string): Promise<void> {
    const store = await openStore({
      path: path.join(stage.folder, 'data', 'countersign.db'),
      onFailure: (error) => assert.ifError(error),
    })
    const note = {
      kind: 'key.removed',
      at: Date.now(),
      by: 'x',
      origin: 'x',
      outcome: 'done',
      resource: 'x',
      detail: {},
    }
    assert.ok(await store.sshKeys.remove({ id, person: undefined, at: Date.now(), note }))
    await store.close()
  }
})
