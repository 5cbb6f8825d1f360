import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import type { Ran } from '../support/ssh-bench.ts'
import { sshStage, type Given, type SshStage } from '../support/ssh-stage.ts'
import { withoutSshd } from '../support/sshd.ts'

const PYTHON = '/usr/bin/python3'
const PAN = '4012888888881881'
const POLICIES = new URL('../../policies', import.meta.url).pathname

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

describe('other clients, where rules let them', { skip: withoutSshd, timeout: 240_000 }, () => {
  let stage: SshStage
  let policies: string
  const at = (name: string): string => path.join(stage.folder, name)
  before(async () => {
    // Without the pack for hosts an untagged one allows what no rule matches.
    policies = mkdtempSync(path.join(os.tmpdir(), 'countersign-test-policies-'))
    for (const name of ['access.yaml', 'pci.yaml']) copyFileSync(path.join(POLICIES, name), path.join(policies, name))
    stage = await sshStage({ policies })
    writeFileSync(at('near.txt'), `a line with ${PAN}\n`)
  })
  after(async () => {
    await stage.stop()
    rmSync(policies, { recursive: true, force: true })
  })

  const run = async (tool: string, args: readonly string[], given: Given = {}): Promise<Ran> => {
    const ran = await stage.run(tool, args, given)
    assert.equal(ran.status, 0, `${tool} ${args.join(' ')}: ${ran.err}${ran.out.toString()}`)
    return ran
  }
  const shell = (): string => `ssh -F ${stage.config}`

  test('ssh in a pipe of the person’s own shell', async () => {
    const { out } = await run('sh', ['-c', `echo b a | tr ' ' '\\n' | ${shell()} web-1 sort | head -1`])
    assert.equal(out.toString(), 'a\n')
  })

  test('scp in both forms, both ways', async () => {
    for (const form of ['-s', '-O']) {
      await run('scp', ['-F', stage.config, form, at('near.txt'), `web-1:${at(`far${form}`)}`])
      await run('scp', ['-F', stage.config, form, `web-1:${at(`far${form}`)}`, at(`back${form}`)])
      assert.equal(readFileSync(at(`back${form}`), 'utf8'), `a line with ${PAN}\n`)
    }
  })

  test('sftp', async () => {
    const lines = [`put ${at('near.txt')} ${at('put')}`, `rename ${at('put')} ${at('renamed')}`, `get ${at('renamed')} ${at('got')}`, `rm ${at('renamed')}`] // prettier-ignore
    await run('sftp', ['-F', stage.config, '-oBatchMode=no', '-b', '-', 'web-1'], { input: `${lines.join('\n')}\n` })
    assert.ok(existsSync(at('got')) && !existsSync(at('renamed')))
  })

  test('rsync, both ways', async (t) => {
    if (!needs(t, 'rsync', '--version')) return
    mkdirSync(at('tree/deep'), { recursive: true })
    writeFileSync(at('tree/deep/file'), PAN)
    await run('rsync', ['-a', '-e', shell(), `${at('tree')}/`, `web-1:${at('far-tree')}/`])
    await run('rsync', ['-a', '-e', shell(), `web-1:${at('far-tree')}/`, `${at('back-tree')}/`])
    assert.equal(readFileSync(at('back-tree/deep/file'), 'utf8'), PAN)
  })

  test('git over ssh, fetching and pushing', async () => {
    const env = { GIT_SSH_COMMAND: shell(), GIT_CONFIG_GLOBAL: '/dev/null' }
    execFileSync('git', ['init', '-q', '--bare', at('repository')])
    await run('git', ['clone', '-q', `web-1:${at('repository')}`, at('clone')], { env })
    const who = ['-c', 'user.name=alice', '-c', 'user.email=alice@example.test']
    execFileSync('git', [...who, '-C', at('clone'), 'commit', '-q', '--allow-empty', '-m', 'a change'])
    await run('git', ['-C', at('clone'), 'push', '-q', 'origin', 'HEAD'], { env })
    assert.match(execFileSync('git', ['-C', at('repository'), 'log', '--all', '--oneline']).toString(), /a change/)
  })

  test('paramiko: commands and files', async (t) => {
    if (!needs(t, PYTHON, '-c', 'import paramiko')) return
    const text = `
import os, paramiko
c = paramiko.SSHClient(); c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
c.connect('127.0.0.1', ${stage.port}, 'alice@web-1', os.environ['ALICE'], look_for_keys=False, allow_agent=False)
_, out, _ = c.exec_command('echo ${PAN}; exit 4')
print(out.read().decode().strip(), out.channel.recv_exit_status())
s = c.open_sftp(); s.put('${at('near.txt')}', '${at('by-paramiko')}'); print(s.stat('${at('by-paramiko')}').st_size); c.close()
`
    assert.equal(
      (await run(PYTHON, ['-c', text], { env: { ALICE: stage.password } })).out.toString(),
      '401288******1881 4\n29\n',
    )
  })

  test('asyncssh: commands and files', async (t) => {
    if (!needs(t, PYTHON, '-c', 'import asyncssh')) return
    const text = `
import asyncio, asyncssh, os
async def main():
  async with asyncssh.connect('127.0.0.1', ${stage.port}, username='alice@web-1', password=os.environ['ALICE'], known_hosts=None, client_keys=None) as c:
    many = await asyncio.gather(*[c.run('echo %d; exit %d' % (n, n)) for n in range(8)])
    print([(r.stdout.strip(), r.exit_status) for r in many] == [(str(n), n) for n in range(8)])
    async with c.start_sftp_client() as s:
      await s.get('${at('near.txt')}', '${at('by-asyncssh')}')
asyncio.run(main())
`
    assert.equal((await run(PYTHON, ['-c', text], { env: { ALICE: stage.password } })).out.toString(), 'True\n')
    assert.ok(existsSync(at('by-asyncssh')))
  })

  test('ansible: ping and a command, with files carried over and with pipelining', async (t) => {
    if (!needs(t, 'ansible', '--version')) return
    const host = `ansible_password=${stage.password} ansible_python_interpreter=${PYTHON}`
    writeFileSync(at('hosts'), `web-1 ${host}\n`, { mode: 0o600 })
    const env = {
      ANSIBLE_HOST_KEY_CHECKING: 'False',
      ANSIBLE_SSH_ARGS: `-F ${stage.config} -o ControlMaster=no`,
      ANSIBLE_LOCAL_TEMP: at('ansible-near'),
      ANSIBLE_REMOTE_TEMP: at('ansible-far'),
      ANSIBLE_NOCOLOR: '1',
    }
    for (const pipelining of ['False', 'True']) {
      const given = { env: { ...env, ANSIBLE_PIPELINING: pipelining } }
      const ping = await run('ansible', ['-i', at('hosts'), 'web-1', '-m', 'ping'], given)
      assert.match(ping.out.toString(), /"ping": "pong"/)
    }
    const told = await run('ansible', ['-i', at('hosts'), 'web-1', '-m', 'command', '-a', `echo ${PAN}`], { env })
    assert.match(told.out.toString(), /401288\*{6}1881/)
  })
})

describe('the same clients under the shipped pack', { skip: withoutSshd, timeout: 120_000 }, () => {
  let stage: SshStage
  before(async () => {
    stage = await sshStage({ targetKeys: ['tags: [cde]'] })
    writeFileSync(path.join(stage.folder, 'near.txt'), 'x')
  })
  after(() => stage.stop())

  test('wait for a second person where data crosses the border of the host, and go through then', async () => {
    const near = path.join(stage.folder, 'near.txt')
    const rows: readonly (readonly [begins: string, tool: string, args: readonly string[]])[] = [
      ['sftp write', 'scp', ['-F', stage.config, '-s', near, `web-1:${stage.folder}/s`]],
      ['scp -t', 'scp', ['-F', stage.config, '-O', near, `web-1:${stage.folder}/o`]],
      ['rsync --server', 'rsync', ['-a', '-e', `ssh -F ${stage.config}`, near, `web-1:${stage.folder}/r`]],
    ]
    for (const [begins, tool, args] of rows) {
      const running = stage.start(tool, args, { input: null })
      await stage.approve(begins)
      const { status, err } = await running.ended
      assert.equal(status, 0, `${begins}: ${err}`)
    }
  })

  test('rsync that sends its paths out of sight is held as not understood, and hears what to do instead', async (t) => {
    if (!needs(t, 'rsync', '--version')) return
    const near = path.join(stage.folder, 'near.txt')
    const shell = `ssh -F ${stage.config}`
    const running = stage.start('rsync', ['-a', '-s', '-e', shell, near, `web-1:${stage.folder}/secluded`], {
      input: null,
    })
    const { rules } = await stage.approve('rsync --server -s')
    assert.ok(rules.some(({ rule }) => rule === 'ssh/transfers-unread'))
    const { status, err } = await running.ended
    assert.equal(status, 0, err)
    assert.match(err, /this is held: [^]*use --no-secluded-args/)
    assert.ok(existsSync(path.join(stage.folder, 'secluded')))
  })
})
