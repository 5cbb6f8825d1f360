import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { sshStage, type SshStage } from '../support/ssh-stage.ts'
import { withoutSshd } from '../support/sshd.ts'

const PYTHON = '/usr/bin/python3'

/** A tool that this machine has not is no failure of ours, except in CI. */
function needs(t: TestContext, command: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    if (process.env['CI'] === 'true') assert.fail(`${command} is missing: run scripts/setup.sh test`)
    t.skip(`${command} is missing`)
    return false
  }
}

interface House {
  readonly stage: () => SshStage
  /** A file of the stage. */
  readonly at: (name: string) => string
}

/** A whole node under the shipped pack, before a target that is tagged. */
function tagged(): House {
  let stage: SshStage
  before(async () => {
    stage = await sshStage({ targetKeys: ['tags: [cde]'] })
    writeFileSync(path.join(stage.folder, 'near.txt'), 'hello\n')
  })
  after(() => stage.stop())
  return { stage: () => stage, at: (name) => path.join(stage.folder, name) }
}

describe('libraries of Python under the shipped pack', { skip: withoutSshd, timeout: 180_000 }, () => {
  const { stage, at } = tagged()

  const python = async (text: string, answers: (() => Promise<unknown>)[]): Promise<readonly string[]> => {
    const running = stage().start(PYTHON, ['-W', 'ignore', '-c', text], {
      input: null,
      env: { ALICE: stage().password },
    })
    for (const answer of answers) await answer()
    const { status, out, err } = await running.ended
    assert.equal(status, 0, err)
    return out.toString().trim().split('\n')
  }
  const approve = (begins: string) => () => stage().approve(begins)
  const deny = (begins: string) => () => stage().deny(begins, 'not today')

  test('paramiko waits through a hold, and hears in words what is denied', async (t) => {
    if (!needs(t, PYTHON, '-c', 'import paramiko')) return
    const lines = await python(
      `
import os, paramiko
c = paramiko.SSHClient(); c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
c.connect('127.0.0.1', ${stage().port}, 'alice@web-1', os.environ['ALICE'], look_for_keys=False, allow_agent=False)
def run(line):
  _, out, err = c.exec_command(line)
  print(out.channel.recv_exit_status(), out.read().decode().strip(), '|', ' '.join(err.read().decode().split()))
run('echo now')
run('touch /srv-not-there/x; echo later')
run('touch /srv-not-there/y; echo never')
run('auditctl -e 0')
s = c.open_sftp()
print(s.stat('${at('near.txt')}').st_size)
s.put('${at('near.txt')}', '${at('by-paramiko')}')
s.symlink('/somewhere', '${at('link-by-paramiko')}')
try:
  s.remove('${at('by-paramiko')}')
except PermissionError as error: print(error)
c.close()
`,
      [
        approve('touch /srv-not-there/x'),
        deny('touch /srv-not-there/y'),
        approve('sftp write'),
        approve('sftp link'),
        deny('sftp remove'),
      ],
    )
    assert.match(lines[0] ?? '', /^0 now \|/)
    assert.match(lines[1] ?? '', /^0 later \| countersign: this is held/)
    assert.match(lines[2] ?? '', /^126 {2}\| countersign: this is held.* declined .*not today/)
    assert.match(lines[3] ?? '', /^126 {2}\| countersign: The audit trail of the host is not changed/)
    assert.equal(lines[4], '6')
    assert.match(lines[5] ?? '', /countersign: .* declined .*not today/)
    assert.equal(readlinkSync(at('link-by-paramiko')), '/somewhere')
    assert.ok(existsSync(at('by-paramiko')))
  })

  test('asyncssh does as well, and its symbolic links are made at the right end', async (t) => {
    if (!needs(t, PYTHON, '-c', 'import asyncssh')) return
    const lines = await python(
      `
import asyncio, asyncssh, os
async def main():
  async with asyncssh.connect('127.0.0.1', ${stage().port}, username='alice@web-1', password=os.environ['ALICE'], known_hosts=None, client_keys=None) as c:
    held, now = await asyncio.gather(c.run('touch /srv-not-there/a; echo later'), c.run('echo now'))
    print(now.exit_status, now.stdout.strip(), held.exit_status, held.stdout.strip())
    denied = await c.run('auditctl -e 0')
    print(denied.exit_status, ' '.join(denied.stderr.split()))
    async with c.start_sftp_client() as s:
      await s.symlink('/somewhere', '${at('link-by-asyncssh')}')
      try:
        await s.put('${at('near.txt')}', '${at('by-asyncssh')}')
      except asyncssh.SFTPPermissionDenied as error: print(error)
asyncio.run(main())
`,
      [
        approve('touch /srv-not-there/a'),
        approve(`sftp link ${at('link-by-asyncssh')} to /somewhere`),
        deny('sftp write'),
      ],
    )
    assert.equal(lines[0], '0 now 0 later')
    assert.match(lines[1] ?? '', /^126 countersign: The audit trail of the host is not changed/)
    assert.match(lines[2] ?? '', /countersign: .* declined .*not today/)
    assert.equal(readlinkSync(at('link-by-asyncssh')), '/somewhere')
  })
})

/** Every module goes to the host as a program that Python reads from its input: nobody can judge it by its line. */
const MODULE = "/bin/sh -c '/usr/bin/python3 && sleep 0'"
const BEGINNINGS = [MODULE, "/bin/sh -c '( umask 77", 'sftp write', "/bin/sh -c '/usr/bin/python3 /"]

type Ansible = (pipelining: boolean, ...args: readonly string[]) => ReturnType<SshStage['start']>

const ansibleIn =
  ({ stage, at }: House): Ansible =>
  (pipelining, ...args) => {
    const host = `ansible_password=${stage().password} ansible_python_interpreter=${PYTHON}`
    writeFileSync(at('hosts'), `web-1 ${host}\n`, { mode: 0o600 })
    const env = {
      ANSIBLE_HOST_KEY_CHECKING: 'False',
      ANSIBLE_SSH_ARGS: `-F ${stage().config} -o ControlMaster=no`,
      ANSIBLE_LOCAL_TEMP: at('ansible-near'),
      ANSIBLE_REMOTE_TEMP: at('ansible-far'),
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_PIPELINING: String(pipelining),
    }
    return stage().start('ansible', ['-i', at('hosts'), 'web-1', ...args], { input: null, env })
  }

/** Approves all that it waits for, to its end; what that was, shortened to how it begins. */
async function countersigned({ stage }: House, running: ReturnType<Ansible>): Promise<readonly string[]> {
  const seen = new Map<string, string>()
  const over = new AbortController()
  void running.ended.then(() => over.abort())
  while (!over.signal.aborted) {
    const next = (await stage().approvals()).find(({ id, state }) => state === 'open' && !seen.has(id))
    if (next === undefined) await setTimeout(20)
    else {
      seen.set(next.id, BEGINNINGS.find((begins) => next.statement.startsWith(begins)) ?? next.statement)
      await stage().approve(next.statement)
    }
  }
  return [...seen.values()]
}

describe('modules of ansible under the shipped pack', { skip: withoutSshd, timeout: 120_000 }, () => {
  const house = tagged()
  const { stage } = house
  const ansible = ansibleIn(house)

  test('raw lines are judged as what they are, and run at once', async (t) => {
    if (!needs(t, 'ansible', '--version')) return
    const { status, out } = await ansible(true, '-m', 'raw', '-a', 'echo at-once').ended
    assert.equal(status, 0)
    assert.match(out.toString(), /at-once/)
    assert.deepEqual(await stage().approvals(), [])
  })

  test('a module is hidden code: held once a task with pipelining, and in several steps without', async (t) => {
    if (!needs(t, 'ansible', '--version')) return
    const piped = ansible(true, '-m', 'command', '-a', 'echo by-command')
    const { rules } = await stage().approve(MODULE)
    assert.deepEqual(
      rules.map(({ rule }) => rule),
      ['ssh/code'],
    )
    assert.match((await piped.ended).out.toString(), /CHANGED[^]*by-command/)
    const carried = ansible(false, '-m', 'ping')
    const steps = await countersigned(house, carried)
    assert.deepEqual(steps.slice(0, 3), ["/bin/sh -c '( umask 77", 'sftp write', "/bin/sh -c '/usr/bin/python3 /"])
    assert.match((await carried.ended).out.toString(), /"ping": "pong"/)
  })

  test('a task that was declined fails with the words of the one who declined it', async (t) => {
    if (!needs(t, 'ansible', '--version')) return
    const running = ansible(true, '-m', 'ping')
    await stage().deny(MODULE, 'not today')
    const { status, out } = await running.ended
    assert.equal(status, 2)
    assert.match(out.toString(), /FAILED![^]*declined to countersign this statement: not today[^]*"rc": 126/)
  })
})

describe('copy of ansible under the shipped pack', { skip: withoutSshd, timeout: 120_000 }, () => {
  const house = tagged()

  test('copy is held at each of its steps, and arrives', async (t) => {
    if (!needs(t, 'ansible', '--version')) return
    const running = ansibleIn(house)(
      true,
      '-m',
      'copy',
      '-a',
      `src=${house.at('near.txt')} dest=${house.at('far.txt')}`,
    )
    const steps = await countersigned(house, running)
    assert.deepEqual(steps.slice(0, 4), ["/bin/sh -c '( umask 77", MODULE, 'sftp write', MODULE])
    assert.match((await running.ended).out.toString(), /"changed": true/)
    assert.equal(readFileSync(house.at('far.txt'), 'utf8'), 'hello\n')
  })
})
