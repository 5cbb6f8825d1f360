import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { PersonTerminal } from '../support/person-terminal.ts'
import { APPROVED, DENIED, sshBench, type SshBench } from '../support/ssh-bench.ts'
import { withoutSshd } from '../support/sshd.ts'

const CTRL_C = '\x03'
const PROMPT = /alice@web-1:~\$$/

/** A moment longer than the prompt takes to believe that a paste is over. */
const A_MOMENT = 300

let bench: SshBench

/** Alice, who has typed `ssh` in a terminal of her own and sees the prompt. */
async function alice(t: TestContext, columns = 80): Promise<PersonTerminal> {
  const person = new PersonTerminal({ columns, command: ['ssh', ...bench.options, '127.0.0.1'] })
  t.after(() => person.close())
  await person.sees(PROMPT)
  return person
}

const linesOf = ({ events }: SshBench): readonly string[] =>
  events.flatMap((event) =>
    event.kind === 'statement' && event.message === 'line'
      ? event.text.filter((piece) => typeof piece === 'string')
      : [],
  )

describe('a person at the prompt of a real target', { skip: withoutSshd, timeout: 120_000 }, () => {
  before(async () => {
    bench = await sshBench()
  })
  after(() => bench.stop())

  test('works as in a shell: directories, variables, status, history, wide characters', async (t) => {
    const person = await alice(t)
    person.type('cd /usr/lib && export COLOUR="roß 漢字"\r')
    await person.sees(/alice@web-1:\/usr\/lib\$$/)
    person.type('echo "$COLOUR in $PWD"; falsch\x7f\x7f\x7f\x7f\x7f\x7f(exit 5)\r')
    await person.sees(/\nroß 漢字 in \/usr\/lib\nalice@web-1:\/usr\/lib\$$/)
    person.type('echo "was $?"\r')
    await person.sees(/\nwas 5\n/)
    person.type('\x1b[A\x1b[A\x1b[H: \x1b[F; pwd\r')
    await person.sees(/\$ : echo "\$COLOUR in \$PWD"; \(exit 5\); pwd\n\/usr\/lib\n/)
    person.type('\x12COLOUR=\r')
    await person.sees(/\$ cd \/usr\/lib && export COLOUR="roß 漢字"\nalice@web-1:\/usr\/lib\$$/)
    person.type('exit 4\r')
    assert.equal(await person.ended, 4)
    assert.ok(linesOf(bench).includes('echo "was $?"'))
  })

  test('what is held waits with a word, and runs once it was countersigned or not at all', async (t) => {
    const person = await alice(t)
    person.type(':hold; echo ran-$((1+1))\r')
    await person.sees(/this is held: the test says hold/)
    const waiting = await bench.held(':hold; echo ran')
    waiting.answer(APPROVED)
    await person.sees(/\nran-2\nalice@web-1:~\$$/)
    person.type(':hold; echo second\r')
    await person.sees(/this is held[^]*this is held/)
    const second = await bench.held(':hold; echo second')
    person.type(CTRL_C)
    await person.sees(/Ctrl-C withdraws[^]*\n\^C/)
    while (bench.finished.at(-1) !== 'withdrawn') await setTimeout(10)
    second.answer({ end: 'withdrawn', reason: 'cancelled by the client' })
    await person.sees(/\^C\ncountersign: [^]*\nalice@web-1:~\$$/)
    person.type(':hold; echo third\r')
    ;(await bench.held(':hold; echo third')).answer(DENIED)
    await person.sees(/not today[^]*alice@web-1:~\$$/)
    assert.doesNotMatch(person.screen, /^(second|third)$/m)
  })

  test('a paste with newlines and an end marker in it does not run', async (t) => {
    const person = await alice(t)
    const marker = path.join(bench.folder, 'pasted')
    person.type(`\x1b[200~touch ${marker}-1\r\x1b[201~touch ${marker}-2\rtouch ${marker}-3\r\x1b[201~`)
    await person.sees(/> touch .*-3/)
    await setTimeout(A_MOMENT)
    person.type(CTRL_C)
    await person.sees(/\^C\nalice@web-1:~\$$/)
    person.type('echo clean\r')
    await person.sees(/\nclean\n/)
    assert.deepEqual(
      [1, 2, 3].map((at) => existsSync(`${marker}-${at}`)),
      [false, false, false],
    )
  })

  test('full-screen programs have the terminal to themselves, and the prompt comes back', async (t) => {
    const person = await alice(t)
    const file = path.join(bench.folder, 'text')
    writeFileSync(file, 'first line\nsecond line\n')
    person.type(`less ${file}\r`)
    await person.sees(/second line\n[^]*(END|text)/)
    person.type('q')
    await person.sees(PROMPT)
    person.type('top -d 0.3\r')
    await person.sees(/PID USER/)
    person.type('q')
    await person.sees(PROMPT)
    person.type(`vi ${file}\r`)
    await person.sees(/first line\nsecond line/)
    person.type('dd:wq\r')
    await person.sees(PROMPT)
    person.type(`cat ${file}\r`)
    await person.sees(/cat .*text\nsecond line\nalice@web-1:~\$$/)
  })

  test('Ctrl-C ends what runs, Ctrl-Z does not stop it, and neither leaves the prompt', async (t) => {
    const person = await alice(t)
    person.type('echo begun; sleep 60\r')
    await person.sees(/\nbegun/)
    person.type(CTRL_C)
    await person.sees(/\^C%?\nalice@web-1:~\$$/)
    person.type('echo "was $?"\r')
    await person.sees(/\nwas 130\n/)
    person.type('echo two-$((1+1)); sleep 0.5; echo three-$((1+2))\r')
    await person.sees(/\ntwo-2/)
    person.type('\x1a')
    await person.sees(/\n\^Z\ncountersign: Ctrl-Z stops nothing here[^]*\nthree-3\nalice@web-1:~\$$/)
    assert.ok(bench.events.some((event) => event.kind === 'ssh.input' && event.what === 'suspend-declined'))
  })

  test('what is typed without echo leaves a mark and nothing else, and what is shown leaves none', async (t) => {
    const person = await alice(t)
    const marks = (): number => bench.events.filter((one) => one.kind === 'ssh.input' && one.what === 'echo-off').length
    const before = marks()
    person.type('read -rsp "Secret: " x; echo; read -rp "Shown: " y; echo "${#x} <$y>"\r')
    await person.sees(/\nSecret:$/)
    person.type('open sesame 7719\r')
    await person.sees(/\nShown:$/)
    person.type('in the clear\r')
    await person.sees(/\n16 <in the clear>\nalice@web-1:~\$$/)
    assert.equal(marks(), before + 1)
    person.type(
      'stty -echo; printf "[sudo] password for alice: "; read -r p; stty echo; echo; echo "got ${#p}"; sleep 1\r',
    )
    await person.sees(/\n\[sudo\] password for alice:$/)
    for (const key of 'hunter22\r') person.type(key)
    await person.sees(/\ngot 8\n/)
    await person.sees(/\ngot 8\nalice@web-1:~\$$/)
    assert.equal(marks(), before + 2)
    assert.ok(bench.kept.includes('<echo-off>'))
    assert.doesNotMatch(`${bench.kept.join('')}${JSON.stringify(bench.events)}${person.raw}`, /sesame|hunter22/)
  })

  test('programs read what is typed, and know the window', async (t) => {
    const person = await alice(t)
    person.type('echo asks-$((0+1)); read -r x; echo "<$x>"; stty size\r')
    await person.sees(/\nasks-1/)
    person.type('some words\r')
    await person.sees(/\n<some words>\n24 80\nalice@web-1:~\$$/)
    person.resize(100, 30)
    while (!bench.kept.includes('<100x30>')) await setTimeout(10)
    person.type('stty size\r')
    await person.sees(/\n30 100\n/)
    person.type('trap "stty size; exit" WINCH; echo ready-$((0+1)); while :; do sleep 0.05; done\r')
    await person.sees(/\nready-1/)
    person.resize(90, 20)
    await person.sees(/\n20 90\n[^]*alice@web-1:~\$$/)
  })

  test('Tab completes paths and programs of the target', async (t) => {
    const person = await alice(t)
    mkdirSync(path.join(bench.folder, "it's a folder"))
    writeFileSync(path.join(bench.folder, "it's a folder", 'inside'), 'found\n')
    person.type(`cat ${bench.folder}/it\tins\t\r`)
    await person.sees(/\nfound\nalice@web-1:~\$$/)
    person.type('sha256s\t--version | head -1\r')
    await person.sees(/\$ sha256sum --version \| head -1\nsha256sum \(GNU/)
    assert.ok(linesOf(bench).some((line) => line.startsWith('ls -1ApL -- ')))
  })

  test('unfinished lines go on, long ones wrap, and another window size redraws them', async (t) => {
    const person = await alice(t, 40)
    person.type('cat <<END | tr a-z A-Z\rone two\rEND\r')
    await person.sees(/> one two\n> END\nONE TWO\nalice@web-1:~\$$/)
    const words = 'abcdefghij '.repeat(6)
    person.type(`echo ${words}`)
    await person.sees(/fghij$/)
    person.resize(30, 24)
    while (!bench.kept.includes('<30x24>')) await setTimeout(10)
    person.type('\x1b[H\x1b[3~\x1b[3~\x1b[3~\x1b[3~printf "%s." \x1b[F\r')
    await person.sees(/\n(abcdefghij\.){2}abcdefgh\nij\.(abcdefghij\.){2}abcde\nfghij\.\s*%?\n*alice@web-1:~\$$/)
  })

  test('what a line sets that would hide what later lines run is not kept, and that is said', async (t) => {
    const person = await alice(t, 120)
    person.type('export BASH_ENV=/tmp/x PROMPT_COMMAND=id; echo "${BASH_ENV:+set}"\r')
    await person.sees(/\nset\ncountersign: Not kept: BASH_ENV, PROMPT_COMMAND/)
    person.type('echo "now <$BASH_ENV>"\r')
    await person.sees(/\nnow <>\n/)
  })
})
