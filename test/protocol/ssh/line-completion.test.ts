import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import {
  completedWith,
  isProgram,
  namesIn,
  namesQuestion,
  openWord,
  programsIn,
  programsQuestion,
  type OpenWord,
} from '../../../src/protocol/ssh/line-completion.ts'

const word = (text: string): OpenWord => {
  const found = openWord(text, text.length)
  assert.ok(found, text)
  return found
}

test('the word before the cursor is told with its quotes undone', () => {
  for (const [text, value, start] of [
    ['cat a', 'a', 4],
    ['cat ', '', 4],
    ["cat 'a b", 'a b', 4],
    ['cat "a b\\"c', 'a b"c', 4],
    ['cat a\\ b', 'a b', 4],
    ["cat a'b'c", 'abc', 4],
    ['ls;cat', 'cat', 3],
    ['a=$(x', 'x', 4],
    ['x >out', 'out', 3],
  ] as const) {
    assert.deepEqual([word(text).value, word(text).start], [value, start], text)
  }
})

test('a program is completed where a command stands', () => {
  for (const text of ['ca', 'ls | ca', 'sudo ca', 'A=1 ca', 'if ca', 'ls;ca', '(ca', 'a && ca', 'ls\nca']) {
    assert.equal(isProgram(word(text)), true, text)
  }
  for (const text of ['ls ca', './ca', '~/ca', 'ls >ca', 'ls < ca', 'a b | c d', '/usr/bin/ca']) {
    assert.equal(isProgram(word(text)), false, text)
  }
})

test('what is known only at run time is not completed', () => {
  for (const text of ['cat $HOME/x', 'cat "$HOME', 'cat `x', 'cat *x', 'cat {a,b']) {
    assert.equal(openWord(text, text.length), undefined, text)
  }
})

test('questions are plain listings with every name quoted', () => {
  assert.equal(namesQuestion(word('cat a')).text, "ls -1ApL -- '.'")
  assert.equal(namesQuestion(word('cat "/a b/c')).text, "ls -1ApL -- '/a b/'")
  assert.equal(namesQuestion(word("cat /it\\'s/x")).text, "ls -1ApL -- '/it'\\''s/'")
  assert.equal(namesQuestion(word('cat ~/a')).text, 'ls -1ApL -- ~/')
  assert.equal(namesQuestion(word('cat ~bob/x/y')).text, "ls -1ApL -- ~bob/'x/'")
  assert.equal(namesQuestion(word('cat -rf/x')).text, "ls -1ApL -- '-rf/'")
  assert.equal(programsQuestion('/usr/bin:.:relative:/b').text, "ls -1pL -- '/usr/bin' '/b'")
})

test('names with control characters, and one that was cut off, are left out', () => {
  assert.deepEqual(namesIn(Buffer.from('a\nb\x1b[2J\nc\u009b\nd\n'), false), ['a', 'd'])
  assert.deepEqual(namesIn(Buffer.from([0x61, 0x0a, 0xff, 0x0a]), false), ['a'])
  assert.deepEqual(namesIn(Buffer.from('abc\nde'), true), ['abc'])
  assert.deepEqual(programsIn(Buffer.from('/bin:\nls\nsub/\n'), false).slice(-1), ['ls'])
})

test('what is put in is read by bash as the name that was meant', () => {
  const names = [
    "it's",
    'a b',
    'x$y',
    '"q"',
    'back\\slash',
    '-dash',
    'ünï',
    '*star',
    '漢字',
    '!bang',
    '(p)',
    '~tilde',
    '#hash',
  ]
  for (const name of names) {
    for (const open of ['', '"', "'"]) {
      const text = `printf %s ${open}`
      const found = completedWith(word(text), [name])
      assert.ok(found, name)
      const line = `${text.slice(0, found.from)}${found.text}`
      assert.equal(execFileSync('bash', ['-c', line], { encoding: 'utf8' }), name, line)
    }
  }
})

test('several names share their beginning, a folder stays open, hidden names want a dot', () => {
  const names = ['share/', 'shadow', '.ssh/']
  assert.deepEqual(completedWith(word('ls s'), names), { from: 3, text: 'sha', choices: ['shadow', 'share/'] })
  assert.deepEqual(completedWith(word('ls shar'), names), { from: 3, text: 'share/', choices: [] })
  assert.deepEqual(completedWith(word('ls .'), names), { from: 3, text: '.ssh/', choices: [] })
  assert.equal(completedWith(word('ls x'), names), undefined)
})
