import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { freePort } from '../../../src/cli/demo/embedded-postgres.ts'
import { APPROVED, DENIED, sshBench, startTool, type BenchOptions, type SshBench } from '../../support/ssh-bench.ts'
import { withoutSshd } from '../../support/sshd.ts'

const PAN = '4012888888881881'

async function bench(t: { after(work: () => Promise<void>): void }, options?: BenchOptions): Promise<SshBench> {
  const made = await sshBench(options)
  t.after(() => made.stop())
  return made
}

describe('an interactive session', { skip: withoutSshd, timeout: 60_000 }, () => {
  test('where there is none, the client is told what to do instead', async (t) => {
    const { options } = await bench(t, { shell: 'deny' })
    const { status, out } = await startTool('ssh', [...options, '-tt', '127.0.0.1'], null).ended
    assert.equal(status, 126)
    assert.match(out.toString(), /countersign: this host takes single commands/)
  })

  test('of an ordinary shell is held as a whole, and runs once it was countersigned', async (t) => {
    const made = await bench(t, { shell: 'open' })
    const running = startTool('ssh', [...made.options, '-tt', '127.0.0.1'])
    const waiting = await made.held('open')
    await running.saw('this is held')
    waiting.answer(APPROVED)
    running.child.stdin?.write(`printf '%s-%s\\n' up and; echo 401288888888''1881; exit 4\n`)
    const { status, out } = await running.ended
    assert.equal(status, 4)
    assert.match(out.toString(), /up-and\r\n/)
    assert.doesNotMatch(out.toString() + made.kept.join(''), new RegExp(PAN))
    assert.match(out.toString(), /401288\*{6}1881/)
  })

  test('of an ordinary shell that was declined ends with 126', async (t) => {
    const made = await bench(t, { shell: 'open' })
    const running = startTool('ssh', [...made.options, '-tt', '127.0.0.1'])
    const waiting = await made.held('open')
    waiting.answer(DENIED)
    assert.equal((await running.ended).status, 126)
  })

  test('at our own prompt runs each line by itself, with its directory and its variables', async (t) => {
    const made = await bench(t)
    const running = startTool('ssh', [...made.options, '-tt', '127.0.0.1'])
    await running.saw('$ ')
    const type = (line: string): void => void running.child.stdin?.write(`${line}\r`)
    type('cd /usr/lib && export COLOUR=red')
    await running.saw('/usr/lib$ ')
    type('echo "here=$PWD colour=$COLOUR"')
    await running.saw('here=/usr/lib colour=red')
    await running.saw('colour=red', '/usr/lib$ ')
    type(`echo 401288888888''1881`)
    await running.saw('401288******1881', '/usr/lib$ ')
    type('exit 3')
    assert.equal((await running.ended).status, 3)
    const lines = made.events.flatMap((event) =>
      event.kind === 'statement' && event.message === 'line' ? [event] : [],
    )
    assert.ok(lines.length >= 3)
    assert.doesNotMatch(made.kept.join(''), new RegExp(PAN))
  })

  test('without a terminal our prompt says what to do instead', async (t) => {
    const { options } = await bench(t)
    const { status, err } = await startTool('ssh', [...options, '-T', '127.0.0.1'], 'ls\n').ended
    assert.equal(status, 126)
    assert.match(err, /needs a terminal/)
  })
})

describe('a file transfer', { skip: withoutSshd, timeout: 60_000 }, () => {
  test('by scp, in its new form and its old one, goes both ways unchanged, card numbers and all', async (t) => {
    const made = await bench(t)
    const [near, far, back] = ['near', 'far', 'back'].map((name) => path.join(made.folder, name))
    const bytes = Buffer.concat([Buffer.alloc(300_000, 7), Buffer.from(PAN)])
    writeFileSync(near ?? '', bytes)
    for (const form of ['-s', '-O']) {
      const scp = (from: string, to: string): Promise<{ status: number | null; err: string }> =>
        startTool('scp', [...made.options, form, from, to], null).ended
      const up = await scp(near ?? '', `127.0.0.1:${far}`)
      assert.equal(up.status, 0, up.err)
      const down = await scp(`127.0.0.1:${far}`, back ?? '')
      assert.equal(down.status, 0, down.err)
      assert.ok(readFileSync(back ?? '').equals(bytes))
    }
    const files = made.events.filter((event) => event.kind === 'ssh.file')
    assert.ok(files.length >= 2)
  })

  test('by rsync goes both ways', async (t) => {
    const made = await bench(t)
    const [near, far, back] = ['near', 'far', 'back'].map((name) => `${path.join(made.folder, name)}/`)
    mkdirSync(near ?? '')
    writeFileSync(`${near}a`, `${PAN}\n`.repeat(1000))
    const shell = ['-e', `ssh ${made.options.join(' ')}`]
    const up = await startTool('rsync', ['-a', ...shell, near ?? '', `127.0.0.1:${far}`], null).ended
    assert.equal(up.status, 0, up.err)
    const down = await startTool('rsync', ['-a', ...shell, `127.0.0.1:${far}`, back ?? ''], null).ended
    assert.equal(down.status, 0, down.err)
    assert.equal(readFileSync(`${back}a`, 'utf8'), readFileSync(`${near}a`, 'utf8'))
  })

  test('by sftp is held request by request, and says what it waits for', async (t) => {
    const made = await bench(t, {
      effectOf: (one) => (one.kind === 'file' && one.operation === 'remove' ? 'hold' : 'allow'),
    })
    const file = path.join(made.folder, 'there')
    writeFileSync(file, 'x')
    const running = startTool('sftp', [...made.options, '-b', '-', '127.0.0.1'], `ls ${made.folder}\nrm ${file}\n`)
    const waiting = await made.held('sftp remove')
    await running.saw('this is held')
    waiting.answer(APPROVED)
    const { status, err } = await running.ended
    assert.equal(status, 0, err)
    assert.throws(() => readFileSync(file))
  })
})

describe('a forward', { skip: withoutSshd, timeout: 60_000 }, () => {
  test('from the client to the target carries bytes once a rule lets it, and is refused where one does not', async (t) => {
    const made = await bench(t, {
      effectOf: (one) => (one.kind === 'forward' && one.port !== made.sshd.port ? 'deny' : 'allow'),
    })
    const shown = await startTool(
      'ssh',
      ['-o', 'LogLevel=INFO', ...made.options, '-W', `127.0.0.1:${made.sshd.port}`, '127.0.0.1'],
      'SSH-2.0-x\r\n',
    ).ended
    assert.match(shown.out.toString(), /^SSH-2\.0-OpenSSH/)
    const refused = await startTool(
      'ssh',
      ['-o', 'LogLevel=INFO', ...made.options, '-W', '127.0.0.1:1', '127.0.0.1'],
      null,
    ).ended
    assert.notEqual(refused.status, 0)
    assert.match(refused.err, /open failed: administratively prohibited: countersign: the test says deny/)
    assert.ok(
      made.events.some((event) => event.kind === 'ssh.forward' && event.state === 'ended' && event.bytesOut > 0),
    )
  })

  test('that is held says so beside a command of the same session, and a refused one says why', async (t) => {
    const made = await bench(t, { effectOf: ({ kind }) => (kind === 'forward' ? 'hold' : 'allow') })
    const port = await freePort()
    const running = startTool('ssh', [
      '-o',
      'LogLevel=INFO',
      ...made.options,
      '-L',
      `${port}:127.0.0.1:1`,
      '127.0.0.1',
      'echo up; cat',
    ])
    await running.saw('up')
    const socket = connect(port, '127.0.0.1')
    const closed = once(socket, 'close')
    const waiting = await made.held('forward local')
    await running.saw('countersign: this is held', 'hanging up withdraws it')
    waiting.answer(DENIED)
    await running.saw('open failed: administratively prohibited: countersign: bob declined', 'not today')
    await closed
    running.child.stdin?.end()
    assert.equal((await running.ended).status, 0)
  })

  test('of a port of the target that is refused says why, though its answer has no words', async (t) => {
    const made = await bench(t, { effectOf: ({ kind }) => (kind === 'forward' ? 'deny' : 'allow') })
    const port = await freePort()
    const { status, err } = await startTool(
      'ssh',
      ['-o', 'LogLevel=INFO', ...made.options, '-R', `${port}:127.0.0.1:1`, '127.0.0.1', 'true'],
      null,
    ).ended
    assert.equal(status, 0)
    assert.match(err, /remote port forwarding failed/)
    assert.match(err, /countersign: the test says deny/)
  })

  test('alone, without a command, is told why it ends with the connection', async (t) => {
    const made = await bench(t)
    const port = await freePort()
    const running = startTool('ssh', [
      '-o',
      'LogLevel=INFO',
      ...made.options,
      '-N',
      '-L',
      `${port}:127.0.0.1:1`,
      '127.0.0.1',
    ])
    while (made.registry.all().length === 0) await pause(10)
    made.registry.closeAll(() => ({ reason: 'grant-ended', text: 'carol revoked your access' }))
    assert.match(
      (await running.ended).err,
      /Received disconnect from [^\n]*:11: countersign: carol revoked your access/,
    )
  })

  test('to a port that nobody listens on, or to a socket of Unix, says so', async (t) => {
    const made = await bench(t)
    const to = (...way: readonly string[]): Promise<{ err: string }> =>
      startTool('ssh', ['-o', 'LogLevel=INFO', ...made.options, ...way, '127.0.0.1'], null).ended
    assert.match(
      (await to('-W', '127.0.0.1:1')).err,
      /open failed: connect failed: countersign: the target did not open/,
    )
    const socket = path.join(made.folder, 's')
    const running = startTool('ssh', [
      '-o',
      'LogLevel=INFO',
      ...made.options,
      '-L',
      `${socket}:/run/x`,
      '127.0.0.1',
      'echo up; cat',
    ])
    await running.saw('up')
    connect(socket).on('error', () => undefined)
    await running.saw('open failed: administratively prohibited: countersign: only connections by TCP')
    running.child.stdin?.end()
    await running.ended
  })
})
