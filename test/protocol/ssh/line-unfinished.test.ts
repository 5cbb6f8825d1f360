import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { isUnfinished } from '../../../src/protocol/ssh/line-unfinished.ts'
import { seeded } from '../../support/random.ts'

const FINISHED = [
  'ls',
  '',
  '  ',
  "echo 'a'",
  'echo "$(ls)"',
  'ls;',
  'ls &',
  'ls \\\n-l',
  'cat <<E\na\nE',
  'cat <<E\na\nE\n',
  "cat <<'E'\na\nE",
  'cat <<-E\n\tE',
  'cat <<A <<B\na\nA\nb\nB',
  'if true; then ls; fi',
  'for x in a b; do echo $x; done',
  'for ((i=0;i<3;i++)); do echo $i; done',
  'for x do echo; done',
  'while read a; do :; done',
  'case x in a) ls;; esac',
  'case x in (a) ls;; esac',
  'case $x in a|b) if true; then ls; fi ;; *) : ;; esac',
  'f() { ls; }',
  'function f { ls; }',
  '( ls )',
  '[[ a == b ]]',
  '((1+2))',
  'echo $((1+2))',
  'echo ${a:-"b}"}',
  'echo "${#a} <$b>" ${a#b}',
  'echo "`ls`"',
  'echo a # "b',
  'echo a#b',
  "echo $'a\\'b'",
  'echo if {',
  'echo done }',
  'cat <(ls)',
  'cat <<<a',
  'a=(1 2)',
  'ls 2>&1',
  'ls &>x',
  '! ls',
  'find . -name "*.ts" -exec ls {} \\;',
  "grep -E 'a|b' x | awk '{print $1}'",
  'echo "it\'s"',
  'echo "${x:-$(ls "a")}"',
  'x=$(cat <<E\na\nE\n)',
  'if true; then for x in a; do echo; done; fi',
  '[ a = b ] &&\nls',
  'echo \\\\',
  "echo 'a\nb'",
]

const UNFINISHED = [
  'echo "a',
  "echo 'a",
  'echo "$(ls',
  'echo $(ls',
  'ls |',
  'ls | ',
  'ls |&',
  'ls &&',
  'ls ||',
  'ls | # why',
  'cat <<E',
  'cat <<E\n',
  'cat <<E\n\tE',
  'cat <<A <<B\na\nA\nb',
  'if true',
  'if true; then',
  'if [ "$a" = "b" ]; then echo x; else',
  'for x in a b',
  'for x in a b; do',
  'while read a; do',
  'while :; do\nls\n',
  'case x in',
  'case x in a) ls;;',
  'f() {',
  'function f {',
  '{ ls',
  '( ls',
  '[[ a == b',
  '((1+',
  'echo $((1+2',
  'echo ${a',
  'echo `ls',
  "echo $'a\\'",
  'cat <(ls',
  'cat <<<"a',
  'a=(1 2',
  'ls 2>&1 |',
  'echo "a\\"',
  'echo "a\nb',
]

/** Bash reads the text without running any of it, and complains of its end. */
const bashGoesOn = (text: string): boolean => {
  const { stderr } = spawnSync('bash', ['-n', '-c', text], { encoding: 'utf8' })
  return /unexpected end of file|unexpected EOF|delimited by end-of-file/.test(stderr)
}

test('texts that bash would read on from are unfinished, and no others', () => {
  for (const [texts, goesOn] of [
    [FINISHED, false],
    [UNFINISHED, true],
  ] as const) {
    for (const text of texts) {
      assert.equal(bashGoesOn(text), goesOn, `bash: ${text}`)
      assert.equal(isUnfinished(text), goesOn, text)
    }
  }
})

test('a backslash at the end goes on', () => {
  assert.equal(isUnfinished('ls \\'), true)
  assert.equal(isUnfinished('ls \\\n'), true)
  assert.equal(isUnfinished('ls \\\\'), false)
})

test('any text gets an answer', () => {
  const random = seeded(5)
  const pieces = [
    '"',
    "'",
    '`',
    '$(',
    '$((',
    '${',
    '(',
    ')',
    '((',
    '))',
    '{ ',
    '}',
    'if ',
    'fi',
    'do ',
    'done',
    'case ',
    'in ',
    'esac',
    '<<E',
    '\n',
    '\\',
    '#',
    '|',
    '&&',
    ';',
    '<',
    '>',
    ' ',
    'a',
    '[[ ',
    ' ]]',
    '=',
  ]
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: random.below(30) }, () => pieces[random.below(pieces.length)]).join('')
    assert.equal(typeof isUnfinished(text), 'boolean')
  }
  assert.equal(isUnfinished('(<<E '.repeat(6000)), true)
})
