import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { freePort } from '../../src/cli/demo/embedded-postgres.ts'
import type { FileEvent, ForwardEvent } from '../../src/recording/event.ts'
import { DENIED, sshBench, startTool, type Ran, type SshBench } from '../support/ssh-bench.ts'
import { withoutSshd } from '../support/sshd.ts'

const PAN = '4012888888881881'
const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')
const missing = (tool: string): string | false => (existsSync(tool) ? false : `there is no ${tool} here`)

describe('files and forwards over ssh', { skip: withoutSshd, timeout: 180_000 }, () => {
  let bench: SshBench
  const content = randomBytes(700_001)
  before(async () => {
    bench = await sshBench({
      effectOf: (statement) => {
        if (statement.kind === 'file' && statement.path.endsWith('/denied')) return 'deny'
        if (statement.kind === 'file' && statement.operation === 'read' && statement.path.endsWith('/held'))
          return 'hold'
        if (statement.kind === 'forward' && statement.host === 'denied') return 'deny'
        return 'allow'
      },
    })
    mkdirSync(at('tree/sub'), { recursive: true })
    mkdirSync(at('in'))
    writeFileSync(at('tree/data.bin'), content)
    writeFileSync(at('tree/sub/cards.csv'), `name,pan\nx,${PAN}\n`)
    writeFileSync(at('denied'), 'nobody reads this')
    writeFileSync(at('held'), 'somebody may read this')
  })
  after(() => bench.stop())

  const at = (name: string): string => path.join(bench.folder, name)
  const run = (tool: string, args: readonly string[], input: string | null = null): Promise<Ran> =>
    startTool(tool, args, input).ended
  const sftp = (batch: string): Promise<Ran> => run('sftp', [...bench.options, '-b', '-', '127.0.0.1'], batch)
  const files = (): FileEvent[] => bench.events.filter((event) => event.kind === 'ssh.file')
  const fileOf = (by: string, part: string): FileEvent | undefined =>
    files().findLast((event) => event.by === by && `${event.path} ${event.to ?? ''}`.includes(part))
  const rsh = (): string => ['ssh', ...bench.options].join(' ')

  test('sftp gets and puts a tree, and every file of it is in the recording', async () => {
    const { status, err } = await sftp(
      [
        `get -r ${at('tree')} ${at('got')}`,
        `put ${at('tree/data.bin')} ${at('in/put.bin')}`,
        `ls -l ${at('in')}`,
        'bye\n',
      ].join('\n'),
    )
    assert.equal(status, 0, err)
    assert.deepEqual(readFileSync(at('got/data.bin')), content)
    assert.deepEqual(readFileSync(at('in/put.bin')), content)
    assert.equal(readFileSync(at('got/sub/cards.csv'), 'utf8'), `name,pan\nx,${PAN}\n`)
    const [down, up] = [fileOf('sftp', 'tree/data.bin'), fileOf('sftp', 'in/put.bin')]
    const moved = { bytes: content.length, sha256: sha256(content), whole: true, pans: 0 }
    assert.deepEqual([down?.read, up?.written], [moved, moved])
    assert.equal(fileOf('sftp', 'cards.csv')?.read?.pans, 1)
  })

  test('sftp is refused what rules deny, is told so, and goes on', async () => {
    const { status, err, out } = await sftp([`-get ${at('denied')} ${at('x')}`, 'pwd', 'bye\n'].join('\n'))
    assert.equal(status, 0)
    assert.match(err, /countersign: the test says deny/)
    assert.match(out.toString(), /Remote working directory/)
    assert.ok(!existsSync(at('x')))
  })

  test('sftp waits for a person, and is told that it does', async () => {
    const got = startTool('sftp', [...bench.options, '-b', '-', '127.0.0.1'], `get ${at('held')} ${at('was-held')}\n`)
    await got.saw('countersign: this is held')
    const { answer } = await bench.held('sftp read')
    answer(DENIED)
    assert.notEqual((await got.ended).status, 0)
    assert.ok(!existsSync(at('was-held')))
  })

  test(
    'sftp by the program of the server is filtered like the subsystem',
    { skip: missing('/usr/lib/openssh/sftp-server') },
    async () => {
      const server = ['-s', '/usr/lib/openssh/sftp-server']
      const batch = `get ${at('tree/data.bin')} ${at('by-program')}\n-get ${at('denied')} ${at('x')}\n`
      const { status, err } = await run('sftp', [...bench.options, ...server, '-b', '-', '127.0.0.1'], batch)
      assert.equal(status, 0, err)
      assert.deepEqual(readFileSync(at('by-program')), content)
      assert.ok(!existsSync(at('x')))
    },
  )

  for (const [form, options, by] of [
    ['in its new form', [], 'sftp'],
    ['in its old form', ['-O'], 'scp'],
  ] as const)
    test(`scp ${form} copies both ways, with names, sizes and hashes in the recording`, async () => {
      const scp = (...args: readonly string[]): Promise<Ran> => run('scp', [...options, ...bench.options, ...args])
      const up = await scp('-p', at('tree/data.bin'), `127.0.0.1:${at(`in/${by}.bin`)}`)
      assert.equal(up.status, 0, up.err)
      const down = await scp('-r', `127.0.0.1:${at('tree')}`, at(`tree-${by}`))
      assert.equal(down.status, 0, down.err)
      assert.deepEqual(readFileSync(at(`in/${by}.bin`)), content)
      assert.deepEqual(readFileSync(at(`tree-${by}/data.bin`)), content)
      assert.equal(fileOf(by, `in/${by}.bin`)?.written?.sha256, sha256(content))
      assert.equal(fileOf(by, 'tree/data.bin')?.read?.sha256, sha256(content))
      assert.equal(fileOf(by, 'cards.csv')?.read?.pans, 1)
    })

  test('rsync copies both ways, unchanged', { skip: missing('/usr/bin/rsync') }, async () => {
    const rsync = (...args: readonly string[]): Promise<Ran> => run('rsync', ['-a', '-e', rsh(), ...args])
    const down = await rsync(`127.0.0.1:${at('tree/')}`, at('synced'))
    assert.equal(down.status, 0, down.err)
    const up = await rsync(at('synced/'), `127.0.0.1:${at('synced back')}`)
    assert.equal(up.status, 0, up.err)
    assert.deepEqual(readFileSync(at('synced back/data.bin')), content)
    assert.equal(readFileSync(at('synced back/sub/cards.csv'), 'utf8'), `name,pan\nx,${PAN}\n`)
  })

  test('git clones and pushes', { skip: missing('/usr/bin/git') }, async () => {
    const git = (...args: readonly string[]): void =>
      void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { stdio: 'ignore' })
    git('init', '-q', '--bare', at('repo.git'))
    const remote = { ...process.env, GIT_SSH_COMMAND: rsh() }
    const clone = () =>
      startTool('git', ['clone', '-q', `127.0.0.1:${at('repo.git')}`, at('clone')], null, remote).ended
    assert.equal((await clone()).status, 0)
    writeFileSync(at('clone/file'), PAN)
    git('-C', at('clone'), 'add', '.')
    git('-C', at('clone'), 'commit', '-q', '-m', 'x')
    const push = await startTool('git', ['-C', at('clone'), 'push', '-q', 'origin', 'HEAD'], null, remote).ended
    assert.equal(push.status, 0, push.err)
  })

  test('nothing of the contents of files was kept', () => {
    const kept = bench.kept.join('')
    assert.ok(!kept.includes(PAN))
    assert.ok(!kept.includes(content.subarray(0, 64).toString('latin1')))
    assert.ok(!JSON.stringify(bench.events).includes(PAN))
    assert.deepEqual(bench.errors, [])
  })

  describe('forwards', () => {
    let echo: Server
    before(async () => {
      echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
      await new Promise((resolve) => echo.once('listening', resolve))
    })
    after(() => echo.close())

    const echoPort = (): number => (echo.address() as AddressInfo).port
    const forwards = (direction: string): ForwardEvent[] =>
      bench.events.filter(
        (event): event is ForwardEvent => event.kind === 'ssh.forward' && event.direction === direction,
      )

    async function tunnel(...options: readonly string[]): Promise<ReturnType<typeof startTool>> {
      const ssh = startTool('ssh', [
        ...bench.options,
        '-o',
        'ExitOnForwardFailure=yes',
        ...options,
        '127.0.0.1',
        'echo ready; cat',
      ])
      await ssh.saw('ready')
      return ssh
    }

    /** All that comes back for what is sent, to the end of both directions. */
    function exchange(port: number, text: string): Promise<string> {
      const socket = connect(port, '127.0.0.1')
      let heard = ''
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString()))
      socket.end(text)
      return new Promise((resolve, reject) => {
        socket.on('close', () => resolve(heard))
        socket.on('error', reject)
      })
    }

    async function ended(direction: string): Promise<ForwardEvent> {
      for (;;) {
        const event = forwards(direction).find(({ state, from }) => state === 'ended' && from !== undefined)
        if (event !== undefined) return event
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }

    test('a local one carries both ways to the end, and its bytes are counted', async () => {
      const port = await freePort()
      const ssh = await tunnel('-L', `${port}:127.0.0.1:${echoPort()}`)
      const text = 'x'.repeat(300_000)
      assert.equal(await exchange(port, text), text)
      const { host, port: to, bytesIn, bytesOut } = await ended('local')
      assert.deepEqual([host, to, bytesIn, bytesOut], ['127.0.0.1', echoPort(), 300_000, 300_000])
      ssh.child.stdin?.end()
      assert.equal((await ssh.ended).status, 0)
    })

    test('a remote one takes connections at the target until it is cancelled', async () => {
      const port = await freePort()
      const ssh = await tunnel('-R', `${port}:127.0.0.1:${echoPort()}`)
      assert.equal(await exchange(port, 'there and back'), 'there and back')
      assert.deepEqual(
        forwards('remote')
          .map(({ state }) => state)
          .slice(0, 2),
        ['listening', 'opened'],
      )
      const { bytesIn, bytesOut } = await ended('remote')
      assert.deepEqual([bytesIn, bytesOut], [14, 14])
      ssh.child.stdin?.end()
      assert.equal((await ssh.ended).status, 0)
    })

    test('one that a rule denies is refused, and the session goes on', async () => {
      const port = await freePort()
      const ssh = await tunnel('-L', `${port}:denied:80`)
      assert.equal(await exchange(port, 'x').catch(() => ''), '')
      ssh.child.stdin?.end('still here')
      const { status, out } = await ssh.ended
      assert.equal(status, 0)
      assert.match(out.toString(), /still here/)
    })
  })
})
