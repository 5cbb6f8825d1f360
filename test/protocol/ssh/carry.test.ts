import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, realpathSync, rmdirSync, statSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { asked, isBash, NOTHING_CARRIED, PROBE, quoted, wrapped } from '../../../src/protocol/ssh/carry.ts'
import { execFileSync, spawnSync } from 'node:child_process'
import { BashTarget } from './bash-target.ts'

const bash = (context: TestContext, more?: Record<string, string>): Promise<BashTarget> =>
  new BashTarget(context, more).start()

test('a directory lasts, with whatever its name is made of', async (context) => {
  const target = await bash(context)
  for (const name of [
    "it's",
    'a b',
    '-rf',
    '$HOME',
    '`id`',
    '!!',
    'zeile\nzwei',
    'ünï→漢',
    '\\',
    '"',
    '\t',
    '*',
    '~',
    '\u001b[2J',
  ]) {
    mkdirSync(path.join(target.home, name))
    await target.run(`cd -- ${quoted(path.join(target.home, name))}`)
    assert.equal((await target.run('printf %s "$PWD"')).stdout, path.join(target.home, name))
  }
})

test('a folder that was entered through a link is carried by its real name, so that it is judged where it is', async (context) => {
  const target = await bash(context)
  const real = path.join(realpathSync(target.home), 'real')
  mkdirSync(real)
  symlinkSync(real, path.join(target.home, 'link'))
  await target.run(`cd ${quoted(path.join(target.home, 'link'))}`)
  assert.equal(target.carried.directory, real)
  assert.equal((await target.run('cd .. && printf %s "$PWD"')).stdout, path.dirname(real))
  assert.equal((await target.run('cd - && printf "|%s" "$PWD"')).stdout, `${real}\n|${real}`)
})

test('lines run as they stand, whatever they are made of', async (context) => {
  const target = await bash(context)
  const lines: readonly (readonly [string, string])[] = [
    [`echo 'it'"'"'s'`, "it's\n"],
    ['echo "a!b" !', 'a!b !\n'],
    ['echo $((1+1)) `echo x` $(echo y)', '2 x y\n'],
    ['echo \\\\ \\$ "\\""', '\\ $ "\n'],
    ['cat <<E\n$((2*3))\n\'"`echo q`\nE', '6\n\'"q\n'],
    ["cat <<'E'\n$x\nE", '$x\n'],
    ['printf "%s|" a\\\nb "c\nd"', 'ab|c\nd|'],
    ['echo é漢😀', 'é漢😀\n'],
    ['-x; echo next', 'next\n'],
    ["echo 'a' # it's a comment", 'a\n'],
    ["'\n'; echo after", 'after\n'],
    ['{ echo a; }; (echo b)', 'a\nb\n'],
    ['printf "\\x41\\r\\n"', 'A\r\n'],
    ["printf '%s' \"$'\\e'\"", "$'\\e'"],
  ]
  for (const [line, expected] of lines) assert.equal((await target.run(line)).stdout, expected, line)
})

test('a line that means to break out of its wrapper stays within it', async (context) => {
  const target = await bash(context)
  for (const line of [
    "'; echo out",
    '}; echo out; {',
    "' ; __cs_end 0 9 /dev/stdout; '",
    'fi; done; echo out',
    "EOF\n'",
  ]) {
    const { stdout } = await target.run(line)
    assert.equal(stdout, '', line)
  }
})

test('exported variables last, others do not, and unset takes away', async (context) => {
  const target = await bash(context, { KEPT: 'old' })
  const value = ' a\'b"c\n$d `e` \\ ! ü=\t'
  await target.run(`export A=${quoted(value)} B=; C=3; export KEPT=new`)
  assert.equal((await target.run('printf %s "$A|${B-none}|${C-none}|$KEPT"')).stdout, `${value}||none|new`)
  assert.deepEqual(
    [...target.carried.environment],
    [
      ['A', value],
      ['B', ''],
      ['KEPT', 'new'],
    ],
  )
  await target.run('unset A KEPT')
  assert.equal((await target.run('echo "${A-none} ${KEPT-none}"')).stdout, 'none none\n')
  assert.deepEqual(target.carried.unset, ['KEPT'])
})

test('what a shell obeys without being told so is not kept, and that is said', async (context) => {
  const target = await bash(context)
  const { notes } = await target.run(
    'export LD_PRELOAD=/x.so BASH_ENV=/tmp/x ENV=/x PROMPT_COMMAND=id PS4=x 2>/dev/null',
  )
  assert.match(notes.join(), /Not kept: BASH_ENV, ENV, LD_PRELOAD, PROMPT_COMMAND, PS4\./)
  assert.equal(target.carried.environment.size, 0)
  assert.equal((await target.run('echo "${LD_PRELOAD-no}${BASH_ENV-no}${ENV-no}"')).stdout, 'nonono\n')
})

test('the exit status reaches the next line and the client', async (context) => {
  const target = await bash(context)
  assert.equal((await target.run('(exit 7)')).code, 7)
  assert.equal((await target.run('echo $?')).stdout, '7\n')
  assert.equal((await target.run('echo $?')).stdout, '0\n')
  assert.equal((await target.run('echo a; exit 41; echo b')).code, 41)
  assert.equal((await target.run('echo $?')).stdout, '41\n')
  assert.equal((await target.run('if; then')).code, 2)
})

test('umask, cd - and the directory stack last', async (context) => {
  const target = await bash(context)
  await target.run('umask 027; mkdir one two; cd one')
  assert.equal((await target.run('umask; cd -')).stdout, `0027\n${target.home}\n`)
  await target.run('pushd one >/dev/null')
  await target.run('pushd ../two >/dev/null')
  await target.run('popd >/dev/null')
  assert.equal((await target.run('popd >/dev/null; pwd')).stdout, `${target.home}\n`)
})

test('options that a line sets neither show the wrapper nor keep it from reporting', async (context) => {
  const target = await bash(context)
  for (const line of [
    'set -x',
    'set -eu',
    'set -euo pipefail; false',
    'set -f',
    'IFS=/x',
    'set -o posix',
    'shopt -s nullglob',
    'PATH=',
    'set -v',
  ]) {
    const { stdout, stderr, notes } = await target.run(`${line}; cd /; export SEEN=${quoted(line)}`)
    assert.doesNotMatch(stdout + stderr, /__cs/, line)
    assert.deepEqual(notes, [], line)
    if (!line.includes('false')) assert.equal(target.carried.environment.get('SEEN'), line)
  }
})

test('set -x shows the line and nothing of the wrapper', async (context) => {
  const target = await bash(context)
  assert.equal((await target.run('set -x; true a')).stderr, '++ true a\n')
  assert.equal((await target.run('set -x; exit 3')).stderr, '++ exit 3\n')
})

test('a trap of the line runs, and functions that hide builtins change nothing', async (context) => {
  const target = await bash(context)
  assert.equal((await target.run("trap 'echo bye' EXIT; cd /")).stdout, 'bye\n')
  assert.equal(target.carried.directory, '/')
  await target.run('printf() { :; }; compgen() { :; }; local() { :; }; cd() { :; }; eval() { :; }; export HIDDEN=1')
  assert.equal(target.carried.environment.get('HIDDEN'), '1')
})

test('more than can be carried stays as it was, and that is said', async (context) => {
  const target = await bash(context)
  await target.run('export A=1')
  for (const line of [
    'export A=2 BIG=$(head -c 40000 /dev/zero | tr "\\0" x)',
    "export A=2 BIG=$(head -c 9000 /dev/zero | tr '\\0' \\')",
    'export A=2 BIG=$(head -c 90000 /dev/zero | tr "\\0" x)',
  ]) {
    const { notes, code } = await target.run(`cd /tmp; ${line}`)
    assert.equal(code, 0)
    assert.match(notes.join(), /too many exported variables, or too long/)
    assert.deepEqual([...target.carried.environment], [['A', '1']])
    assert.equal(target.carried.directory, '/tmp')
  }
})

test('a name that is no UTF-8 is not carried, and that is said', async (context) => {
  const target = await bash(context)
  const { notes } = await target.run("export A=$'\\xff'")
  assert.match(notes.join(), /cannot be read/)
  assert.equal(target.carried, NOTHING_CARRIED)
})

test('a line in a directory that is gone does not run, and the next one is at home', async (context) => {
  const target = await bash(context)
  const gone = path.join(target.home, 'gone')
  await target.run('mkdir gone; cd gone')
  rmdirSync(gone)
  const { stdout, notes, code } = await target.run('echo ran')
  assert.deepEqual([stdout, code], ['', 126])
  assert.match(notes.join(), /directory is gone/)
  assert.equal((await target.run('pwd')).stdout, `${target.home}\n`)
})

test('a line that replaces its shell leaves everything as it was', async (context) => {
  const target = await bash(context)
  await target.run('export A=1')
  assert.equal((await target.run('cd /; exec echo gone', { silent: true })).stdout, 'gone\n')
  assert.equal((await target.run('echo "$A $PWD"')).stdout, `1 ${target.home}\n`)
})

test('the side channel is a fifo that only its owner may open, and is gone with its listener', async (context) => {
  const target = await bash(context)
  const folder = path.dirname(target.fifo)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.equal(statSync(target.fifo).mode & 0o777, 0o600)
  assert.ok(statSync(target.fifo).isFIFO())
  await target.close()
  assert.equal(existsSync(folder), false)
  assert.deepEqual(readdirSync(target.home), [])
})

test('without its listener a line still runs to its end', async (context) => {
  const target = await bash(context)
  await target.close()
  const { stdout, code } = await target.run('echo still; exit 3', { silent: true })
  assert.deepEqual([stdout, code], ['still\n', 3])
})

test('a question runs in the same place', async (context) => {
  const target = await bash(context)
  await target.run('mkdir sub; cd sub; export A=b')
  const answer = execFileSync('bash', ['-c', asked('echo "$PWD $A"', target.carried)], { encoding: 'utf8' })
  assert.equal(answer, `${target.home}/sub b\n`)
})

test('other shells answer the probe in another way', () => {
  for (const shell of ['bash', 'sh', 'dash']) {
    const answer = spawnSync(shell, ['-c', PROBE], { encoding: 'utf8', env: {} }).stdout
    assert.equal(isBash(answer), shell === 'bash', shell)
  }
  assert.equal(isBash('bash=3.2.57(1)-release\n'), false)
  assert.equal(isBash('bash=\n'), false)
  assert.equal(isBash(''), false)
})

test('quoting is undone by bash for every byte but NUL', () => {
  const all = String.fromCodePoint(...Array.from({ length: 0x24f }, (_, at) => at + 1), 0x1f600, 0x202e)
  const back = execFileSync('bash', ['-c', `printf %s ${quoted(all)}`], { encoding: 'utf8', env: { LANG: 'C.UTF-8' } })
  assert.equal(back, all)
})

test('a wrapped line is text whose every part is quoted', () => {
  const sent = wrapped(
    "a'b",
    { ...NOTHING_CARRIED, directory: "/it's", environment: new Map([['A', "1'2"]]) },
    { fifo: '/f', turn: 3 },
  )
  assert.ok(sent.includes("builtin cd -- '/it'\\''s'"))
  assert.ok(sent.includes("builtin export A='1'\\''2'"))
  assert.ok(sent.includes("builtin eval -- 'a'\\''b'"))
})
