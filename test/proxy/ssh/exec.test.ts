import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import ssh2 from 'ssh2'
import type { ExitEvent } from '../../../src/recording/event.ts'
import {
  APPROVED,
  DENIED,
  sshBench,
  startTool,
  type Ran,
  type Running,
  type SshBench,
} from '../../support/ssh-bench.ts'
import { withoutSshd } from '../../support/sshd.ts'

const PAN = '4012888888881881'

describe('a command over SSH', { skip: withoutSshd, timeout: 120_000 }, () => {
  let bench: SshBench
  before(async () => {
    bench = await sshBench()
  })
  after(() => bench.stop())

  const start = (command: string, input?: Buffer | string | null, more: readonly string[] = []): Running =>
    startTool('ssh', [...bench.options, ...more, '127.0.0.1', command], input)
  const ssh = (command: string, input: Buffer | string | null = null, more: readonly string[] = []): Promise<Ran> =>
    start(command, input, more).ended
  const exits = (): ExitEvent[] => bench.events.filter((event) => event.kind === 'ssh.exit')
  const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

  test('its output, error output and exit status are those of the target', async () => {
    const { status, out, err } = await ssh('echo out; echo err >&2; exit 7')
    assert.deepEqual([status, out.toString(), err], [7, 'out\n', 'err\n'])
    assert.partialDeepStrictEqual(exits().at(-1), { code: 7, signal: undefined, bytesOut: 4, bytesErr: 4, pans: 0 })
  })

  test('a signal that ends it is told as that signal', async () => {
    // OpenSSH prints nothing of it and ends with 255.
    assert.equal((await ssh('kill -TERM $$')).status, 255)
    assert.partialDeepStrictEqual(exits().at(-1), { code: undefined, signal: 'TERM' })
  })

  test('it reads its input to the end, whatever the bytes are, and writes the same bytes', async () => {
    const bytes = randomBytes(3_000_001)
    const { status, out } = await ssh('cat', bytes)
    assert.equal(status, 0)
    assert.equal(sha(out), sha(bytes))
    assert.partialDeepStrictEqual(exits().at(-1), { bytesIn: bytes.length, bytesOut: bytes.length })
  })

  test('input that is at its end already, as in a cron job, is at its end for the command', async () => {
    for (const option of ['-n', '-T'])
      assert.equal((await ssh('cat; echo over', null, [option])).out.toString(), 'over\n')
  })

  test('a card number in its output is cut down, over packets and in both outputs; the rest is not touched', async () => {
    const halves = `printf 'a ${PAN.slice(0, 7)}'; sleep 0.01; printf '${PAN.slice(7)} b 1234567'`
    const { out, err } = await ssh(`${halves}; echo ${PAN} >&2`)
    assert.equal(out.toString(), 'a 401288******1881 b 1234567')
    assert.equal(err, '401288******1881\n')
    assert.equal(exits().at(-1)?.pans, 2)
    assert.doesNotMatch(JSON.stringify(bench.events) + bench.kept.join(''), new RegExp(PAN))
  })

  test('an answer that ends in digits does not wait for more', async () => {
    const running = start('echo -n "ready 42"; cat')
    await running.saw('ready 42')
    running.child.stdin?.end()
    assert.equal((await running.ended).status, 0)
  })

  test('what is denied says why on error output and ends with 126, and nothing ran', async () => {
    const file = path.join(bench.folder, 'denied')
    const { status, out, err } = await ssh(`:deny; touch ${file}`)
    assert.deepEqual([status, out.length], [126, 0])
    assert.match(err, /^countersign: the test says deny\n/)
    assert.equal((await ssh(`test -e ${file}`)).status, 1)
  })

  test('what is held says so, waits, and runs once somebody has countersigned', async () => {
    const running = start(':hold; cat', 'typed before\n')
    await running.saw('this is held: the test says hold')
    await running.saw('approval a_')
    const waiting = await bench.held(':hold; cat')
    waiting.answer(APPROVED)
    const { status, out } = await running.ended
    assert.deepEqual([status, out.toString()], [0, 'typed before\n'])
    assert.ok(bench.finished.some((line) => /^a_\d+ done: exit status 0$/.test(line)))
  })

  test('what is declined says by whom and why, and ends with 126', async () => {
    const running = start(':hold no')
    const waiting = await bench.held(':hold no')
    waiting.answer(DENIED)
    const { status, err } = await running.ended
    assert.equal(status, 126)
    assert.match(err, /bob declined .*: not today/)
  })

  test('a client that hangs up withdraws what it had waiting', async () => {
    const running = start(':hold hang-up')
    const waiting = await bench.held(':hold hang-up')
    const before = bench.finished.length
    running.child.kill()
    await running.ended
    while (bench.finished.length === before) await pause(10)
    assert.equal(bench.finished.at(-1), 'void')
    waiting.answer({ end: 'void', reason: 'the client left' })
  })

  test('one channel of a shared connection waits, and the others go on', async () => {
    const control = ['-o', `ControlPath=${path.join(bench.folder, 'master')}`]
    while (bench.registry.size > 0) await pause(10)
    const master = startTool('ssh', [...bench.options, ...control, '-M', '-N', '127.0.0.1'])
    while ((await startTool('ssh', [...control, '-O', 'check', '127.0.0.1'], null).ended).status !== 0) await pause(20)
    const held = start(':hold shared; echo late', null, control)
    const waiting = await bench.held(':hold shared')
    const quick = await Promise.all([1, 2, 3, 4].map((one) => ssh(`echo ${one}; exit ${one}`, null, control)))
    assert.deepEqual(quick.map(({ status, out }) => [status, out.toString()]), [1, 2, 3, 4].map((one) => [one, `${one}\n`])) // prettier-ignore
    waiting.answer(APPROVED)
    assert.equal((await held.ended).out.toString(), 'late\n')
    assert.equal(bench.registry.size, 1)
    master.child.kill()
    await master.ended
  })

  test('a terminal is given its type and size; Ctrl-C withdraws what waits on it', async () => {
    const shown = await ssh('stty size; tty >/dev/null && echo "$TERM"', null, ['-tt', '-o', 'SetEnv=LC_TIME=C'])
    assert.match(shown.out.toString(), /^\d+ \d+\r\n\S+\r\n/)
    const running = start(':hold terminal', undefined, ['-tt'])
    const waiting = await bench.held(':hold terminal')
    running.child.stdin?.write('abc\x03')
    while (bench.finished.at(-1) !== 'withdrawn') await pause(10)
    waiting.answer({ end: 'withdrawn', reason: 'cancelled by the client' })
    const { status, out } = await running.ended
    assert.equal(status, 130)
    assert.match(out.toString(), /countersign: this is held: the test says hold\r\n/)
  })

  test('keys that were typed while it waited are its input', async () => {
    const running = start(':hold ahead; read line; echo "got $line"', undefined, ['-tt'])
    const waiting = await bench.held(':hold ahead')
    running.child.stdin?.write('early\n')
    await pause(50)
    waiting.answer(APPROVED)
    await running.saw('got early')
    assert.equal((await running.ended).status, 0)
  })

  test('of the environment only language and formats reach the target', async () => {
    const set = 'LANG=de_DE.UTF-8 LC_TIME=/etc/passwd LC_EVIL=1 BASH_ENV=/tmp/x LC_CTYPE=C.UTF-8'
    const options = ['-o', `SetEnv=${set}`]
    const { out } = await ssh('echo "$LANG|$LC_TIME|$LC_EVIL|$BASH_ENV|$LC_CTYPE"', null, options)
    assert.equal(out.toString(), 'de_DE.UTF-8||||C.UTF-8\n')
  })

  test('a command line that cannot be read as the target would read it is refused with words', async () => {
    const long = await ssh(`: ${'x'.repeat(32 * 1024)}`)
    assert.equal(long.status, 126)
    assert.match(long.err, /more than 32 KiB/)
    const client = await library()
    const refused = await told(client, 'echo a\0b')
    assert.deepEqual([refused.code, refused.err], [126, 'countersign: a command line with a zero byte cannot be run\n'])
    client.end()
  })

  test('a client that does not read stops the target, not the proxy; it gets all of it when it reads again', async () => {
    const client = await library()
    const channel = await opened(client, 'head -c 30000000 /dev/zero; echo end')
    await pause(300)
    assert.ok(bench.kept.reduce((sum, piece) => sum + piece.length, 0) < 20_000_000)
    let size = 0
    channel.on('data', (chunk: Buffer) => (size += chunk.length))
    await new Promise((resolve) => channel.once('close', resolve))
    assert.equal(size, 30_000_004)
    client.end()
  })

  test('output and error output that both meet a closed window arrive whole', async () => {
    const client = await library()
    const channel = await opened(
      client,
      'for i in 1 2 3; do head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; done',
    )
    await pause(200)
    const size = { out: 0, err: 0 }
    channel.on('data', (chunk: Buffer) => (size.out += chunk.length))
    channel.stderr.on('data', (chunk: Buffer) => (size.err += chunk.length))
    await new Promise((resolve) => channel.once('close', resolve))
    assert.deepEqual(size, { out: 9_000_000, err: 9_000_000 })
    client.end()
  })

  test('windows of no size and of thousands of sizes reach the target bounded and seldom', async () => {
    const client = await library()
    const watching = 'trap "stty size" WINCH; stty size; for i in $(seq 100); do sleep 0.02; done; stty size'
    const channel = await opened(client, watching, { rows: 0, cols: 0 })
    let seen = ''
    await new Promise((resolve) => channel.on('data', (chunk: Buffer) => resolve((seen += chunk.toString()))))
    for (let at = 0; at < 3000; at += 1) channel.setWindow(at % 3 === 0 ? 0 : 65_535, at, 0, 0)
    channel.setWindow(60_000, 77, 0, 0)
    await new Promise((resolve) => channel.once('close', resolve))
    const sizes = seen.trim().split('\r\n')
    assert.equal(sizes[0], '24 80')
    assert.equal(sizes.at(-1), '1000 77', seen)
    assert.ok(sizes.length < 40, seen)
    client.end()
  })

  test('a signal that the client sends reaches the target', async () => {
    const client = await library()
    const channel = await opened(
      client,
      'trap "echo caught; exit 3" TERM; echo on; for i in $(seq 40); do sleep 0.05; done',
    )
    let seen = ''
    channel.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
      if (seen === 'on\n') channel.signal('TERM')
    })
    await new Promise((resolve) => channel.once('close', resolve))
    // For root it does not separate privileges, and so sends no signals.
    if (process.getuid?.() === 0) assert.match(bench.sshd.log(), /session signalling requires privilege separation/)
    else assert.equal(seen, 'on\ncaught\n')
    client.end()
  })

  test('a client that goes away in the middle takes what runs on its terminal with it', async () => {
    const mark = path.join(bench.folder, 'pid')
    const running = start(`echo $$ > ${mark}; echo on; exec sleep 60`, undefined, ['-tt'])
    await running.saw('on')
    running.child.kill('SIGKILL')
    await running.ended
    const isThere = (): boolean => existsSync(`/proc/${readFileSync(mark, 'utf8').trim()}`)
    while (isThere()) await pause(20)
  })

  test('the other kinds of channel and request are refused', async () => {
    const client = await library()
    await assert.rejects(new Promise((_, reject) => client.exec('true', { x11: true }, (error) => reject(error ?? new Error('taken'))))) // prettier-ignore
    await assert.rejects(new Promise((_, reject) => client.subsys('netconf', (error) => reject(error ?? new Error('taken'))))) // prettier-ignore
    client.end()
  })

  const library = (): Promise<ssh2.Client> =>
    new Promise((resolve, reject) => {
      const client = new ssh2.Client()
      client.once('ready', () => resolve(client)).once('error', reject)
      client.connect({ host: '127.0.0.1', port: bench.port, username: 'alice@web-1' })
    })
  const opened = (client: ssh2.Client, command: string, pty?: ssh2.PseudoTtyOptions): Promise<ssh2.ClientChannel> =>
    new Promise((resolve, reject) =>
      client.exec(command, pty === undefined ? {} : { pty }, (error, channel) =>
        error === undefined ? resolve(channel) : reject(error),
      ),
    )
  async function told(client: ssh2.Client, command: string): Promise<{ code: unknown; err: string }> {
    const channel = await opened(client, command)
    let err = ''
    channel.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    channel.resume()
    const code = await new Promise((resolve) => channel.once('close', resolve))
    return { code, err }
  }
})

describe('a target that dies', { skip: withoutSshd }, () => {
  test('in the middle of a transfer: what it sent arrives, the client is told, the outcome is unknown', async (t) => {
    const bench = await sshBench()
    t.after(() => bench.stop())
    const running = startTool('ssh', [...bench.options, '127.0.0.1', ':hold; echo first; sleep 60'], null)
    const waiting = await bench.held(':hold')
    waiting.answer(APPROVED)
    await running.saw('first')
    bench.sshd.dropAll()
    const { status, out, err } = await running.ended
    assert.deepEqual([status, out.toString()], [255, 'first\n'])
    assert.match(err, /the target closed the connection before the command had ended/)
    assert.ok(
      bench.finished.some((line) => line.includes('unknown: nobody knows how it ended')),
      bench.finished.join(),
    )
    while (bench.ends.length === 0) await pause(10)
    assert.deepEqual(bench.ends, ['upstream-left'])
  })

  test('before anything was asked: the client is told on its channel', async (t) => {
    const bench = await sshBench()
    t.after(() => bench.stop())
    await bench.sshd.stop()
    const { status, err } = await startTool('ssh', [...bench.options, '127.0.0.1', 'true'], null).ended
    assert.equal(status, 255)
    assert.match(err, /countersign: the target cannot be reached/)
  })
})

describe('a session that nobody uses', { skip: withoutSshd }, () => {
  test('ends though a program goes on printing, and its person reads why', async (t) => {
    const bench = await sshBench({ idleMs: 4000 })
    t.after(() => bench.stop())
    const running = startTool('ssh', [...bench.options, '-tt', '127.0.0.1', 'while sleep 0.05; do echo tick; done'])
    const { out } = await running.ended
    assert.match(out.toString(), /tick\r\n[^]*countersign: the session was idle for too long\r\n/)
    while (bench.ends.length === 0) await pause(10)
    assert.deepEqual(bench.ends, ['idle'])
  })

  test('does not end while a command without a terminal runs', async (t) => {
    const bench = await sshBench({ idleMs: 500 })
    t.after(() => bench.stop())
    const { status } = await startTool('ssh', [...bench.options, '127.0.0.1', 'sleep 1.2; exit 5'], null).ended
    assert.equal(status, 5)
  })
})
