import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PAGER_ENVIRONMENT } from '../../../src/classify/shell/variables.ts'
import type { ApprovalId } from '../../../src/model/ids.ts'
import type { LineEnd } from '../../../src/proxy/ssh/prompt-seat.ts'
import { refused } from '../../../src/session/ruling.ts'
import { deferred } from '../../../src/std/deferred.ts'
import { PromptStage } from './prompt-stage.ts'

const CTRL_C = '\x03'
const CTRL_D = '\x04'

const held = {
  approval: 'a_1' as ApprovalId,
  rules: ['ssh-delete'],
  message: 'deletes \x1b[2Jfiles',
  link: 'http://localhost/a/a_1',
  expiresAt: Date.UTC(2026, 10, 22, 8, 30),
  needs: 'one approver',
}

test('a finished line is judged as it stands, runs wrapped, and the prompt comes back', async () => {
  const stage = await new PromptStage().open()
  assert.equal(await stage.screen(), 'alice@web-1:~$')
  stage.onRun = (work, { onStart }) => {
    onStart()
    stage.print('one\r\n')
    stage.report(work, { directory: '/srv/app' })
    return { kind: 'exit', code: 0 }
  }
  await stage.type("ls -l 'x'\r")
  const work = stage.ran[0]
  assert.deepEqual(
    { ...work?.statement, environment: [...(work?.statement.environment ?? [])] },
    { kind: 'shell', text: "ls -l 'x'", directory: undefined, environment: [...PAGER_ENVIRONMENT], terminal: true },
  )
  assert.ok(work?.sent.includes("builtin eval -- 'ls -l '\\''x'\\'''"))
  assert.equal(await stage.screen(), "alice@web-1:~$ ls -l 'x'\none\nalice@web-1:/srv/app$")
})

test('directory, variables and status are part of the next line', async () => {
  const stage = await new PromptStage().open()
  stage.onRun = (work, { onStart }) => {
    onStart()
    stage.report(work, { directory: '/home/alice/x', exported: { A: "it's" } })
    return { kind: 'exit', code: 3 }
  }
  await stage.type('cd x; export A="it\'s"\r')
  await stage.type('echo $?\r')
  const work = stage.ran[1]
  assert.equal(work?.statement.directory, '/home/alice/x')
  assert.deepEqual([...work.statement.environment], [['A', "it's"]])
  for (const part of ["builtin cd -- '/home/alice/x'", "builtin export A='it'\\''s'", '(builtin exit 3)']) {
    assert.ok(work.sent.includes(part), part)
  }
})

test('while a line is held the terminal says so as text, and Ctrl-C withdraws it', async () => {
  const stage = await new PromptStage({ columns: 120 }).open()
  stage.onRun = (_, { cancelled, onHeld }) => {
    onHeld(held)
    const end = deferred<LineEnd>()
    cancelled.addEventListener('abort', () =>
      end.resolve({ kind: 'refused', refusal: refused('withdrawn', 'withdrawn by alice') }),
    )
    return end.promise
  }
  await stage.type('rm -rf x\r')
  assert.match(
    await stage.screen(),
    /this is held: deletes \?\[2Jfiles\n.*approval a_1, rule ssh-delete.*\n.*http:\/\/localhost\/a\/a_1/,
  )
  await stage.type('typed while it waits')
  await stage.type(CTRL_C)
  assert.match(await stage.screen(), /\^C\ncountersign: withdrawn by alice\nalice@web-1:~\$$/)
  assert.deepEqual(stage.marks, ['interrupt'])
  stage.onRun = new PromptStage().onRun
  await stage.type('\r')
  assert.equal(stage.ran.length, 1)
})

test('a paste that holds a Ctrl-C while a line waits withdraws it, and none of it counts as typed', async () => {
  const stage = await new PromptStage({ columns: 100 }).open()
  stage.onRun = (_, { cancelled }) =>
    new Promise((resolve) => {
      const refusal = refused('withdrawn', 'withdrawn')
      cancelled.addEventListener('abort', () => resolve({ kind: 'refused', refusal }))
    })
  await stage.type('rm x\r')
  await stage.type('\x1b[200~ls\x03\rrm')
  await stage.type(' y\rrm z\r\x1b[201~\r')
  stage.clock.advance(150)
  await stage.type('\r')
  assert.equal(stage.ran.length, 1)
  assert.match(await stage.screen(), /ls\^C\n> rm y\n> rm z/)
})

test('a refusal is said, the next line sees 126, and what was typed ahead is dropped', async () => {
  const stage = await new PromptStage().open()
  stage.onRun = () => ({ kind: 'refused', refusal: refused('denied', 'no shells here', { hint: 'ask bob' }) })
  await stage.type('bash\rrm -rf x\r')
  assert.match(await stage.screen(), /countersign: no shells here\ncountersign: ask bob\nalice@web-1:~\$$/)
  await stage.type('echo $?\r')
  assert.deepEqual(
    stage.ran.map(({ statement }) => statement.text),
    ['bash', 'echo $?'],
  )
  assert.ok(stage.ran[1]?.sent.includes('(builtin exit 126)'))
})

test('lines that are typed ahead run one after the other', async () => {
  const stage = await new PromptStage().open()
  await stage.type('one\rtwo\rthree')
  assert.deepEqual(
    stage.ran.map(({ statement }) => statement.text),
    ['one', 'two'],
  )
  assert.match(await stage.screen(), /three$/)
})

test('keys go to the program while it runs, and the prompt reads none of them', async () => {
  const stage = await new PromptStage().open()
  const end = deferred<LineEnd>()
  const keys: string[] = []
  stage.onRun = async (work, { onStart }) => {
    onStart()
    const read = (chunk: Buffer): void => void keys.push(chunk.toString())
    stage.channel.on('data', read).resume()
    await end.promise
    stage.channel.off('data', read).pause()
    stage.report(work, {})
    return end.promise
  }
  await stage.type('vim\r')
  await stage.type(':q\r\x03')
  end.resolve({ kind: 'exit', code: 0 })
  await stage.quiet()
  await stage.type('id')
  assert.deepEqual(keys, [':q\r\x03'])
  assert.match(await stage.screen(), /vim\nalice@web-1:~\$ id$/)
})

test('the prompt begins below output that does not end its line', async () => {
  const stage = await new PromptStage({ columns: 30 }).open()
  stage.onRun = (work, { onStart }) => {
    onStart()
    stage.print('\x1b[31m\x0eno newline\x1b[?25l')
    stage.report(work, {})
    return { kind: 'exit', code: 0 }
  }
  await stage.type('x\r')
  const rows = (await stage.screen()).split('\n')
  assert.equal(rows.at(-1), 'alice@web-1:~$')
  assert.equal(rows.length, 3)
})

test('a line that does not report leaves directory and variables, and that is said', async () => {
  const stage = await new PromptStage({ columns: 120 }).open()
  stage.onRun = (_, { onStart }) => {
    onStart()
    return { kind: 'signal', signal: 'KILL' }
  }
  await stage.type('kill -9 $$\r')
  stage.clock.advance(1000)
  assert.match(await stage.screen(), /did not say what it left behind/)
  await stage.type('x\r')
  assert.ok(stage.ran[1]?.sent.includes('(builtin exit 137)'))
})

test('a report of another line is not believed', async () => {
  const stage = await new PromptStage({ columns: 120 }).open()
  stage.onRun = (_, { onStart }) => {
    onStart()
    stage.tell(99, { directory: '/evil' })
    return { kind: 'exit', code: 0 }
  }
  await stage.type('x\r')
  stage.clock.advance(1000)
  assert.match(await stage.screen(), /alice@web-1:~\$$/)
})

test('what people expect to last and does not is said', async () => {
  const stage = await new PromptStage({ columns: 120 }).open()
  for (const [line, words] of [
    ["alias ll='ls -l'", /Aliases are not kept/],
    ['f() { ls; }', /Functions last for one line/],
    ['x=5', /unless they are exported/],
    ['ulimit -n 10', /Limits last for one line/],
    ['fg', /There are no jobs/],
    ['!!', /Lines are not called back/],
  ] as const) {
    await stage.type(`${line}\r`)
    assert.match(await stage.screen(), words, line)
  }
})

test('exit, exit with a status, Ctrl-D and the end of input leave', async () => {
  for (const [keys, status] of [
    ['exit\r', 0],
    ['exit 3\r', 3],
    ['logout\r', 0],
    [CTRL_D, 0],
  ] as const) {
    const stage = await new PromptStage().open()
    await stage.type(keys)
    assert.equal(await stage.prompt?.ended, status, keys)
    assert.equal(stage.listening, false)
    assert.equal(stage.ran.length, 0)
  }
  const stage = await new PromptStage().open()
  await stage.type('one\rtwo\r')
  stage.channel.push(null)
  assert.equal(await stage.prompt?.ended, 0)
  assert.equal(stage.ran.length, 2)
})

test('the end of the session ends the prompt, in the middle of a line too', async () => {
  const stage = await new PromptStage().open()
  let withdrawn = false
  stage.onRun = (_, { cancelled }) => {
    cancelled.addEventListener('abort', () => (withdrawn = true))
    return deferred<LineEnd>().promise
  }
  await stage.type('sleep 9\r')
  stage.leave()
  assert.equal(await stage.prompt?.ended, 255)
  assert.equal(withdrawn, true)
  assert.equal(stage.clock.timers, 0)
})

test('a login shell that is not bash is said, and there is no prompt', async () => {
  for (const shell of ['bash=\n', '', 'bash=3.2.1\n', 'zsh: command not found']) {
    const stage = await new PromptStage({ shell, columns: 200 }).open()
    assert.equal(await stage.prompt?.ended, 1)
    assert.match(await stage.screen(), /login shell of this account is not bash/)
    assert.equal(stage.listening, false)
  }
})

test('where the side channel is refused there is no prompt', async () => {
  const stage = await new PromptStage({ refusesListening: refused('denied', 'nothing runs here') }).open()
  assert.equal(await stage.prompt?.ended, 1)
  assert.match(await stage.screen(), /nothing runs here/)
})

test('a paste is noted and runs only at a press of Enter after a moment', async () => {
  const stage = await new PromptStage().open()
  await stage.type('\x1b[200~ls\rid\x1b[201~\r')
  assert.equal(stage.ran.length, 0)
  stage.clock.advance(150)
  await stage.type('\r')
  assert.equal(stage.ran[0]?.statement.text, 'ls\nid\n')
  assert.deepEqual(stage.marks, ['paste: 5 characters, 2 lines', 'paste: 1 characters, 2 lines'])
})

test('Ctrl-Z and Ctrl-C at the prompt are noted', async () => {
  const stage = await new PromptStage({ columns: 100 }).open()
  await stage.type('abc\x1a\x03')
  assert.deepEqual(stage.marks, ['suspend-declined', 'interrupt'])
  assert.match(await stage.screen(), /nothing can be suspended here[^]*abc\^C\nalice@web-1:~\$$/)
})

test('history comes from the store, goes there scrubbed, and is listed by its own line', async () => {
  const stage = await new PromptStage({ history: ['old one'] }).open()
  await stage.type('\x1b[A\r')
  await stage.type('pay 4111111111111111\r')
  await stage.type(' hidden\r')
  await stage.type('history\r')
  assert.deepEqual(stage.kept, ['old one', 'pay ****', 'history'])
  assert.match(
    await stage.screen(),
    / {4}1 {2}old one\n {4}2 {2}pay 4111111111111111\n {4}3 {2}history\nalice@web-1:~\$$/,
  )
})

test('Tab completes paths by a question to the target', async () => {
  const stage = await new PromptStage().open()
  stage.onAsk = () => ({
    kind: 'done',
    code: 0,
    stdout: Buffer.from("passwd\npass'x y\nhosts\nevil\x1b[2J\n.hidden\n"),
    cut: false,
  })
  await stage.type('cat /etc/ho\t')
  assert.deepEqual(stage.asked.slice(1), ["ls -1ApL -- '/etc/'"])
  assert.match(await stage.screen(), /\$ cat \/etc\/hosts$/)
  await stage.type('/etc/pa\t\t')
  assert.match(await stage.screen(), /pass'x y +passwd\nalice@web-1:~\$ cat \/etc\/hosts \/etc\/pass$/)
  await stage.type("\\'\t-n\r")
  assert.equal(stage.ran[0]?.statement.text, "cat /etc/hosts /etc/pass\\'x\\ y -n")
})

test('Tab completes programs from the folders of PATH, and asks once', async () => {
  const stage = await new PromptStage().open()
  stage.onAsk = () => ({ kind: 'done', code: 0, stdout: Buffer.from('/usr/bin:\nsystemctl\nsystemd\n'), cut: false })
  await stage.type('systemc\tstatus; exp\tA=1\r')
  assert.deepEqual(stage.asked.slice(1), ["ls -1pL -- '/usr/bin' '/bin'"])
  assert.equal(stage.ran[0]?.statement.text, 'systemctl status; export A=1')
})

test('completion that is refused, takes too long or is broken off changes nothing', async () => {
  const stage = await new PromptStage().open()
  stage.onAsk = () => ({ kind: 'refused', refusal: refused('denied', 'no') })
  await stage.type('ls /x\t')
  stage.onAsk = (_, cancelled) =>
    new Promise((resolve) => cancelled.addEventListener('abort', () => resolve({ kind: 'lost' })))
  await stage.type('\tq')
  stage.clock.advance(2000)
  assert.match(await stage.screen(), /\$ ls \/xq$/)
  await stage.type('\t')
  await stage.type(CTRL_C)
  assert.match(await stage.screen(), /\$ ls \/xq\^C\nalice@web-1:~\$$/)
})

test('messages of the session come above what is typed', async () => {
  const stage = await new PromptStage().open()
  await stage.type('ls -')
  stage.prompt?.say('your access ends in 5 minutes\x1b[2J')
  assert.equal(await stage.screen(), 'countersign: your access ends in 5 minutes^[[2J\nalice@web-1:~$ ls -')
})

test('another window size redraws the line', async () => {
  const stage = await new PromptStage({ columns: 40 }).open()
  await stage.type('echo some words that are longer')
  await stage.resize(20, 12)
  assert.match(await stage.screen(), /^alice@web-1:~\$ echo\nsome words that are\nlonger$/m)
})

test('a line that is too long with its variables does not run', async () => {
  const stage = await new PromptStage({ columns: 100 }).open()
  await stage.type(`: "${"'".repeat(31_000)}"\r`)
  assert.equal(stage.ran.length, 0)
  assert.match(await stage.screen(), /too long together with the variables/)
})

test('the target that goes away ends the prompt with a word', async () => {
  const stage = await new PromptStage({ columns: 100 }).open()
  stage.onRun = () => ({ kind: 'lost' })
  await stage.type('x\r')
  assert.equal(await stage.prompt?.ended, 255)
  assert.match(await stage.screen(), /closed the connection before the line had ended/)
})

test('a directory with control characters in its name is drawn as text', async () => {
  const stage = await new PromptStage().open()
  stage.onRun = (work, { onStart }) => {
    onStart()
    stage.report(work, { directory: '/tmp/\x1b]0;x\x07\u202e' })
    return { kind: 'exit', code: 0 }
  }
  await stage.type('cd\r')
  assert.match(await stage.screen(), /alice@web-1:\/tmp\/\^\[\]0;x\^G<U\+202E>\$$/)
})

test('a terminal that takes no sequences gets text, line ends and steps back alone, and is edited all the same', async () => {
  const stage = await new PromptStage({ isPlain: true, history: ['echo before'] }).open()
  stage.onRun = (work, { onStart }) => {
    onStart()
    stage.print(`ran ${work.statement.text}\r\n`)
    stage.report(work, {})
    return { kind: 'exit', code: 0 }
  }
  await stage.type('lx')
  await stage.type('\x7fs')
  await stage.type(' -la\x1b[D\x1b[D\x1b[DX')
  assert.equal(await stage.screen(), 'alice@web-1:~$ ls X-la')
  await stage.type('\x7f\r')
  await stage.type('\x1b[A\x1b[A\r')
  await stage.type('cat <<E\rone\rE\r')
  await stage.type('\x12bef\r')
  await stage.type('gone\x03')
  assert.deepEqual(
    stage.ran.map(({ statement }) => statement.text),
    ['ls -la', 'echo before', 'cat <<E\none\nE', 'echo before'],
  )
  assert.match(stage.written, /^alice@web-1:~\$ lx/)
  assert.doesNotMatch(stage.written, /\x1b|[^\x20-\x7e\r\n\x08\x07]/)
  assert.match(await stage.screen(), /> one\n> E\nran cat <<E/)
})
