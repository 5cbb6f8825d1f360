import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePattern } from '../../src/policy/pattern.ts'

const matches = (source: string, text: string): boolean => {
  const pattern = compilePattern(source)
  assert.ok(typeof pattern !== 'string', `${source} ${typeof pattern === 'string' ? pattern : ''}`)
  return pattern.matches(text)
}

const rows: readonly [source: string, yes: readonly string[], no: readonly string[]][] = [
  ['OPS-[0-9]+', ['OPS-1', 'OPS-120'], ['OPS-', 'ops-1', 'OPS-1x', 'xOPS-1', '', 'OPS-1\n']],
  ['^OPS-\\d{2,4}$', ['OPS-12', 'OPS-1234'], ['OPS-1', 'OPS-12345']],
  ['(INC|CHG)\\d{3}', ['INC001', 'CHG999'], ['INCCHG001', 'INC', 'XYZ001']],
  ['a?b*c', ['c', 'ac', 'abbbc', 'bc'], ['aac', 'ab']],
  ['(?:ab)+', ['ab', 'abab'], ['', 'aba']],
  ['[^a-c]', ['d', '-'], ['a', 'b', 'c', 'dd']],
  ['[a-]', ['a', '-'], ['b']],
  ['[\\d.]{3,}', ['1.2', '....'], ['1.', 'a.1']],
  ['.', ['x', '😀'], ['', 'xx']],
  ['a|', ['a', ''], ['b']],
  ['(a*)*b', ['b', 'aab'], ['a']],
  ['\\w\\s\\w', ['a b', 'a\tb'], ['a-b']],
  ['a\\.b', ['a.b'], ['axb']],
  ['x{0}', [''], ['x']],
]

test('a pattern stands for the whole text and nothing more', () => {
  for (const [source, yes, no] of rows) {
    for (const text of yes) assert.equal(matches(source, text), true, `${source} ~ ${JSON.stringify(text)}`)
    for (const text of no) assert.equal(matches(source, text), false, `${source} !~ ${JSON.stringify(text)}`)
  }
})

test('it agrees with the built-in engine wherever both speak', () => {
  const sources = ['(a|ab)(c|bcd)(d*)', 'a{1,3}b?', '(a|b)*abb', '[ab]+c{2}', '(a?){3}a{3}', '((a|b)c?)*']
  const texts = ['', 'a', 'b', 'ab', 'abb', 'abcd', 'aabb', 'aaa', 'aaaaaa', 'abcc', 'acbc', 'bbcc', 'babb', 'acc']
  for (const source of sources)
    for (const text of texts)
      assert.equal(matches(source, text), new RegExp(`^(?:${source})$`).test(text), `${source} ${text}`)
})

const faults: readonly [source: string, fault: RegExp][] = [
  ['(a', /\( without its \)/],
  ['a)', /\) without its \(/],
  ['*a', /has a \* where/],
  ['a**', /has a \* where/],
  ['[', /ends too early/],
  ['[]', /empty class/],
  ['[z-a]', /range that is none: z-a/],
  ['a\\', /ends too early/],
  ['\\b', /does not know \\b/],
  ['\\1', /does not know \\1/],
  ['(?=a)', /ahead or behind/],
  ['a{x}', /no count/],
  ['a{3,1}', /at most 64 times/],
  ['a{65}', /at most 64 times/],
  ['((a{40}){40}){40}', /repeats too much/],
  ['a^b', /has a \^ where/],
  ['x'.repeat(201), /longer than 200/],
]

test('what is no pattern of this language says why', () => {
  for (const [source, fault] of faults) {
    const found = compilePattern(source)
    assert.ok(typeof found === 'string', source)
    assert.match(found, fault)
  }
})

test('a pattern that would keep a backtracking engine busy for years answers at once', () => {
  const text = `${'a'.repeat(64)}!`
  for (const source of ['(a+)+b', '(a|a)*b', '(a*)*b', `${'a?'.repeat(60)}${'a'.repeat(60)}b`, '(.*)*(.*)*(.*)*x'])
    assert.equal(matches(source, text), false)
})
