import assert from 'node:assert/strict'
import { test } from 'node:test'
import { braceAlternatives } from '../../../src/classify/shell/braces.ts'
import { awkFaults } from '../../../src/classify/shell/special/awk-program.ts'
import { sedUses } from '../../../src/classify/shell/special/sed-script.ts'

const plainSed = [
  'p',
  '1,20p',
  '/a/,/b/d',
  's/a/b/g',
  's|a|b|',
  '$!N;s/a/b/',
  '/x/{p;d}',
  'y/abc/xyz/',
  '1~2d',
  's/a\\/b/c/',
  's/[^/]*$//',
  's/[^/]*/x/',
  's/a/[/',
  '5q',
  '/a/I,+3p',
  '',
]
const otherSed = [
  'e',
  '1e id',
  's/a/b/e',
  's/a/b/ge',
  '/x/e',
  'a text',
  ':x;bx',
  's/[/]/x/e;',
  's/a/[/e',
  's/[/]/e',
  's/[/]/;e id',
  's/a/b',
  'z;e',
  's/a/b/\ne',
  'v',
  'F;e id',
  'sxaxbxe',
  's/a\nb/c/',
]

test('plain scripts of sed are told from those that may run something', () => {
  for (const script of plainSed) assert.deepEqual(sedUses(script), [], script)
  for (const script of otherSed) assert.equal(sedUses(script), undefined, script)
})

test('files that a script of sed names are found', () => {
  assert.deepEqual(sedUses('r /etc/a'), [{ path: '/etc/a', does: 'read' }])
  assert.deepEqual(sedUses('s/a/b/w /etc/a'), [{ path: '/etc/a', does: 'write' }])
  assert.deepEqual(sedUses('/x/w out; p'), [{ path: 'out; p', does: 'write' }])
})

const plainAwk = [
  '{print $1}',
  '/a|b/ {n++} END {print n}',
  '$1 > 5 && $2 < 3 {print "a > b"}',
  'BEGIN {FS=":"} {print $1 / 2}',
  '# system()\n{print}',
  '$0 ~ /x/ {printf "%s\\n", $1}',
  '{print (a || b)}',
]
const otherAwk = [
  'BEGIN {system("id")}',
  '{print | "sh"}',
  '{print > "f"}',
  '{print >> "f"}',
  'BEGIN {getline < "f"}',
  '{"id" | getline}',
  '{f="x"; @f()}',
  'BEGIN { a = 4 / 2 | "sh" / 1 }',
  '{print "unfinished}',
  '{print /"/; system("id"); x = "}',
  'BEGIN { x = 4 \\\n/ 2; system("id") / 1 }',
  '@include "x"',
  '{print |& "sh"}',
  'BEGIN { x++ / 2 | "sh" ; y / 1 }',
]

test('plain programs of awk are told from those that may reach out', () => {
  for (const program of plainAwk) assert.equal(awkFaults(program), false, program)
  for (const program of otherAwk) assert.equal(awkFaults(program), true, program)
})

test('braces stand for the words that bash makes of them', () => {
  assert.deepEqual(braceAlternatives('{a,b}'), ['a', 'b'])
  assert.deepEqual(braceAlternatives('{a,{b,c}d,}'), ['a', 'bd', 'cd', ''])
  assert.deepEqual(braceAlternatives('{1..3}'), ['1', '2', '3'])
  assert.deepEqual(braceAlternatives('{c..a}'), ['c', 'b', 'a'])
  for (const text of ['{01..3}', '{1..1000000}', '{a,$x}', "{a,'b'}", '{1..9..2}'])
    assert.equal(braceAlternatives(text), undefined, text)
})
