import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { run as exportRecording } from '../../src/cli/export.ts'
import type { Run } from '../../src/cli/io.ts'
import { run as replay } from '../../src/cli/replay.ts'
import { ACTING, HOSTILE } from '../recording/hostile.ts'
import { clean, header, scratch, startNode, statement } from '../recording/node.ts'

const E = '\u{1b}'

async function call(run: Run, isTty: boolean, ...argv: string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const io = { out: (text: string) => (out += text), err: () => undefined, isTty, env: {} }
  return { code: await run(argv, io), out }
}

/** A session over SSH with a shell on channel 1 and a command without a terminal on channel 2. */
async function recorded(context: TestContext): Promise<string> {
  const node = await startNode(scratch(context))
  const recording = node.recorder.open(header('s_00000000000000000001', { protocol: 'ssh', database: clean('') }))
  const shell = recording.cast(1, { columns: 40, rows: 6, command: clean('shell'), terminal: true })
  shell.output(Buffer.from('$ ls\r\n'))
  const place = { directory: clean('/srv'), environment: [], terminal: true }
  recording.append(statement(1, { message: 'line', text: ['ls'], facts: [], place }))
  node.clock.pass(100)
  shell.output(Buffer.from(`${E}[32mone${E}[0m two\r\n<script>alert(1)</script>\r\n$ `))
  const counts = { bytesOut: 8, bytesErr: 0, bytesIn: 0, ms: 100, pans: 0 }
  recording.append({ kind: 'ssh.exit', statement: 1, channel: 1, code: 0, signal: undefined, ...counts })
  node.clock.pass(100)
  const command = recording.cast(2, { columns: 80, rows: 24, command: clean('cat'), terminal: false, limit: 1000 })
  command.output(Buffer.from('a\nb\n'))
  for (const { text } of HOSTILE) shell.output(Buffer.from(text.slice(0, 2000)))
  shell.output(Buffer.from(`${E}\\${E}c${E}[?1049lthe end`))
  await recording.close({ reason: 'client-left' })
  return recording.folder
}

test('a session over SSH replays as lines: what was run, what became of it, and what stood on each screen', async (context) => {
  const { code, out } = await call(replay, false, await recorded(context), '--no-wait')
  assert.equal(code, 0)
  const lines = out.split('\n')
  const place = (line: string): number => {
    const found = lines.indexOf(line)
    assert.ok(found >= 0, `${line} is not in ${out.slice(0, 600)}`)
    return found
  }
  assert.match(lines[0] ?? '', /: alice on cards \(ssh, account app\) from /)
  assert.ok(place(' | $ ls') < place('alice@cards:/srv$ ls'))
  assert.ok(place('alice@cards:/srv$ ls') < place(' | one two'))
  assert.ok(place(' | one two') < place('   #1 done (8 bytes out, 100 ms)'))
  assert.ok(place('-- channel 2') < place(' | a'))
  assert.ok(place(' | a') < place(' | b'))
  for (const line of lines) assert.doesNotMatch(line, ACTING)
})

test('on a terminal the screen itself is drawn, with sequences of ours alone', async (context) => {
  const { code, out } = await call(replay, true, await recorded(context), '--speed', '1000')
  assert.equal(code, 0)
  assert.match(out, /\u001b\[2;1H\u001b\[0m\u001b\[2K\u001b\[0;32mone\u001b\[0m two/)
  assert.match(out, /\u001b\[0;7mend: client-left|-- end: client-left/)
  assert.doesNotMatch(out.replace(/\u001b(?:\[(?:\d{1,3}(?:;\d{1,3})*)?[mHJK]|\[\?7[lh]|[78])/gu, ''), ACTING)
})

test('an asciicast of a screen is drawn anew, with statements as marks', async (context) => {
  const folder = await recorded(context)
  const { code, out } = await call(exportRecording, false, folder, '--format', 'asciicast')
  assert.equal(code, 0)
  const [head, ...events] = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  assert.deepEqual(
    ['version', 'width', 'height'].map((key) => (head as Record<string, unknown>)[key]),
    [2, 40, 6],
  )
  const of = (code: string): string[] =>
    (events as [number, string, string][]).filter((event) => event[1] === code).map(([, , text]) => text)
  assert.ok(of('m').includes('alice@cards:/srv$ ls'))
  assert.match(of('o').join(''), /0;32mone/)
  assert.doesNotMatch(
    of('o')
      .join('')
      .replace(/\u001b(?:\[(?:\d{1,3}(?:;\d{1,3})*)?[mHJK]|\[\?7[lh])/gu, ''),
    ACTING,
  )
  const other = await call(exportRecording, false, folder, '--format', 'asciicast', '--channel', '2')
  assert.match(other.out, /\\u001b\[2;1H[^"]*b/)
  assert.equal((await call(exportRecording, false, folder, '--format', 'asciicast', '--channel', '3')).code, 2)
})

test('a page of HTML has the screens as text', async (context) => {
  const { out } = await call(exportRecording, false, await recorded(context), '--format', 'html')
  assert.match(out, /<pre>[^<]* \| one two/)
  assert.match(out, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/)
  assert.doesNotMatch(out, /<script|<img/)
  assert.doesNotMatch(out.replaceAll('\n', ''), ACTING)
})
