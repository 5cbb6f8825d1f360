import assert from 'node:assert/strict'
import { test } from 'node:test'
import { effects, evasions, everyday, facts, typed } from './corpus.ts'
import { classifyLine } from '../../../src/classify/shell/classify.ts'

test('an empty line and a remark have one entry that does nothing', () => {
  for (const text of ['', '   ', '# nothing', '\n\n']) {
    const [only, ...others] = facts(text)
    assert.deepEqual(others, [], text)
    assert.deepEqual([only?.effects, only?.complete, only?.program], [['output'], true, undefined], text)
  }
})

test('every simple command of a line has its entry, in the order in which they stand', () => {
  const programs = facts('ls; if true; then cat a; fi; (pwd); f() { date; }; echo $(id) `w` <(uptime)').map(
    ({ program }) => program,
  )
  assert.deepEqual(programs, ['ls', 'true', 'cat', 'pwd', undefined, 'date', 'echo', 'id', 'w', 'uptime'])
})

test('a pipe tells each command what is before and behind it, nearest first', () => {
  const [cat, grep, head] = facts('cat a | grep b | head')
  assert.deepEqual([cat?.readsFrom, cat?.writesTo], [[], ['grep', 'head']])
  assert.deepEqual([grep?.readsFrom, grep?.writesTo], [['cat'], ['head']])
  assert.deepEqual([head?.readsFrom, head?.writesTo], [['grep', 'cat'], []])
})

test('a wrapped command is one entry with its wrappers, outermost first', () => {
  const [only, ...others] = facts('sudo -u app env LANG=C timeout 5 rm -rf /srv')
  assert.deepEqual(others, [])
  assert.ok(only)
  assert.deepEqual(only.via, ['sudo', 'env', 'timeout'])
  assert.deepEqual([only.program, only.account], ['rm', 'app'])
  assert.deepEqual(only.options, ['-r', '-f'])
  assert.deepEqual(
    only.paths.map(({ path }) => path),
    ['/srv', '/srv/*'],
  )
})

test('sudo runs as root where it names nobody', () => {
  assert.equal(facts('sudo ls')[0]?.account, 'root')
  assert.equal(facts('sudo --user=bob ls')[0]?.account, 'bob')
  assert.equal(facts('sudo -u "$who" ls')[0]?.account, '*')
})

test('options are told one by one, and values are no options', () => {
  assert.deepEqual(facts('ls -la --color=auto -I x')[0]?.options, ['-l', '-a', '--color', '-I'])
  assert.deepEqual(facts('rm -- -f')[0]?.options, [])
})

test('arguments known only at run time are undefined', () => {
  assert.deepEqual(facts('echo a "$b" c')[0]?.arguments, ['a', undefined, 'c'])
})

test('spans are bytes', () => {
  const [first, second] = facts('echo ä; ls')
  assert.deepEqual(first?.span, { start: 0, end: 7 })
  assert.deepEqual(second?.span, { start: 9, end: 11 })
})

test('relative paths are those of the directory that the line runs in', () => {
  const pathOf = (text: string, directory?: string): string | undefined =>
    facts(text, { directory }).at(-1)?.paths.at(-1)?.path
  assert.equal(pathOf('cat a/../b', '/srv'), '/srv/b')
  assert.equal(pathOf('cat b'), '~/b')
  assert.equal(pathOf('cat ~/b', '/srv'), '~/b')
  assert.equal(pathOf('cd /etc && cat hosts', '/srv'), '/etc/hosts')
  assert.equal(pathOf('cat ~/b', undefined), '~/b')
  assert.equal(facts('cat ~/b', { environment: new Map([['HOME', '/home/app']]) })[0]?.paths[0]?.path, '/home/app/b')
})

test('behind a cd that may have failed both folders count', () => {
  const paths = facts('cd /etc; cat hosts', { directory: '/srv' })
    .at(-1)
    ?.paths.map(({ path }) => path)
  assert.deepEqual(paths, ['/srv/hosts', '/etc/hosts'])
})

test('a cd in a subshell, a pipe or a substitution moves nobody else', () => {
  for (const text of ['(cd /etc); cat hosts', 'cd /etc | true; cat hosts', 'echo $(cd /etc); cat hosts']) {
    const paths = facts(text, { directory: '/srv' })
      .at(-1)
      ?.paths.map(({ path }) => path)
    assert.deepEqual(paths, ['/srv/hosts'], text)
  }
})

test('a pager opens a shell on a terminal, unless it is told to be safe or asked not to', () => {
  const bare = { environment: new Map<string, string>() }
  assert.ok(effects('git log', bare).includes('shell'))
  assert.ok(effects('journalctl', bare).includes('shell'))
  assert.ok(effects('less a', bare).includes('shell'))
  assert.ok(!effects('git --no-pager log', bare).includes('shell'))
  assert.ok(!effects('git log', { ...bare, terminal: false }).includes('shell'))
  assert.ok(!effects('git log | cat', bare).includes('shell'))
  assert.ok(!effects('man ls').includes('shell'))
})

test('a line under variables that lead programs elsewhere says so in every command', () => {
  for (const [name, value] of [
    ['LD_PRELOAD', '/tmp/x.so'],
    ['PATH', '/tmp:/usr/bin'],
    ['BASH_FUNC_ls%%', '() { id; }'],
    ['GIT_SSH_COMMAND', 'id'],
  ] as const)
    assert.ok(effects('ls', { environment: new Map([[name, value]]) }).includes('environment'), name)
  assert.ok(!effects('ls', { environment: new Map([['PATH', '/usr/bin:/bin']]) }).includes('environment'))
})

const unreadable = [
  'ls \0rm',
  'ls \r rm',
  'ls \x1b[2J',
  'ls \u202e',
  'rm\u00a0-rf',
  'ls \ud800',
  `echo ${'x'.repeat(70_000)}`,
  'ls; '.repeat(2_000),
  `${'$('.repeat(400)}ls${')'.repeat(400)}`,
  `${"bash -c '".repeat(1)}${'('.repeat(5_000)}'`,
  'cat <<EOF\nno end',
  'if true',
]

test('what cannot be read is one entry that is not complete, with a reason in words', () => {
  for (const text of unreadable) {
    const found = facts(text)
    assert.equal(found.length, 1, JSON.stringify(text.slice(0, 40)))
    assert.equal(found[0]?.complete, false, JSON.stringify(text.slice(0, 40)))
    assert.match(found[0].gaps[0] ?? '', /\w+ \w+/)
  }
})

test('lines inside of lines are followed to a bound', () => {
  let line = 'rm -rf /srv'
  for (let depth = 0; depth < 5; depth++) line = `sudo ${line}`
  assert.ok(facts(line).every(({ complete }) => complete))
  for (let depth = 0; depth < 30; depth++) line = `sudo ${line}`
  assert.ok(facts(line).some(({ complete }) => !complete))
})

test('every prefix and every mangled form of the corpora gives facts and throws nothing', () => {
  let seed = 7
  const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below
  for (const text of [...everyday(), ...evasions().map((one) => one.text)]) {
    for (let turn = 0; turn < 4; turn++) {
      const at = random(text.length + 1)
      const strange = ['', "'", '"', '$(', '`', '<<E', '\\', '{', '\0', '((', '${', '|', '&'][random(13)] ?? ''
      const found = classifyLine(typed(text.slice(0, at) + strange + text.slice(at + random(3))))
      assert.ok(found.length > 0)
      assert.ok(found.every(({ complete, gaps, effects: all }) => all.length > 0 && complete === (gaps.length === 0)))
    }
  }
})

test('a line that nobody knows bash to read is not complete, and says why in every entry', () => {
  const line = { ...typed('ls | head'), reader: 'unknown' } as const
  const found = classifyLine(line)
  assert.equal(found.length, 2)
  for (const { complete, gaps } of found) {
    assert.equal(complete, false)
    assert.match(gaps.join(), /shell is not known to be bash/)
  }
})

test('a pipe of thousands of programs is not looked at to its end', () => {
  const [only, ...others] = facts(`${'ls|'.repeat(8000)}ls`)
  assert.equal(others.length, 0)
  assert.match(only?.gaps.join() ?? '', /more than 64 commands/)
})

test('a folder that somebody wrote may be a link, and one that the target told is none', () => {
  const complete = (text: string, directory?: string): boolean =>
    facts(text, { directory }).every((one) => one.complete)
  assert.ok(complete('cat ../x', '/srv/app'))
  assert.ok(!complete('cat ../../x/../y', '/srv/app'))
  assert.ok(!complete('cat /srv/app/../x'))
  assert.ok(!complete('cd l && cat ../x', '/srv/app'))
  assert.ok(complete('cd l && cat x', '/srv/app'))
  assert.ok(complete('cd ../l && ls ..', '/srv/app'))
})

test('a locale in which a backslash may be half of a character changes what commands mean', () => {
  for (const value of ['zh_CN.GBK', 'ja_JP.SJIS', 'zh_TW', '/tmp/own'])
    assert.ok(effects('ls', { environment: new Map([['LC_ALL', value]]) }).includes('environment'), value)
  for (const value of ['C', 'de_DE.UTF-8', 'en_US', 'C.utf8', 'de_DE@euro', 'ru_RU.KOI8-R'])
    assert.ok(!effects('ls', { environment: new Map([['LC_ALL', value]]) }).includes('environment'), value)
})
