import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { parse } from 'unbash'
import { wordsOf } from '../../../src/classify/shell/tree-words.ts'
import { expandWord } from '../../../src/classify/shell/words.ts'
import { evasions, everyday, facts, unseen } from './corpus.ts'

/** What only looks, and what writes where everybody may. The shipped pack decides by the same words. */
const HARMLESS = new Set<string>(
  'listing system-read log-read file-read output file-write file-delete file-attributes'.split(' '),
)

test('every everyday line is understood and harmless', () => {
  const wrong = everyday().flatMap((text) =>
    facts(text)
      .filter((one) => !one.complete || one.effects.some((effect) => !HARMLESS.has(effect)))
      .map(({ effects, gaps, program }) => ({ text, program, effects, gaps })),
  )
  assert.deepEqual(wrong, [])
})

test('every evasion shows what it is', () => {
  const wrong = evasions().flatMap(({ must, text }) => {
    const commands = facts(text)
    const missing = unseen(commands, must)
    return missing.length === 0
      ? []
      : [{ text, missing, seen: commands.map(({ program, effects, gaps }) => ({ program, effects, gaps })) }]
  })
  assert.deepEqual(wrong, [])
})

test('the corpora are large enough to mean something', () => {
  assert.ok(everyday().length >= 150)
  assert.ok(evasions().length >= 150)
})

test('what counts as understood is what bash parses', (context) => {
  // -n reads and runs nothing. All lines are read as one script; only where that fails is the culprit looked for.
  const refused = (lines: readonly string[]): boolean => {
    const { status, stderr } = spawnSync('bash', ['-n', '-O', 'extglob'], {
      input: `${lines.join('\n')}\n`,
      encoding: 'utf8',
    })
    return status !== 0 || /delimited by end-of-file/.test(stderr)
  }
  if (spawnSync('bash', ['-n'], { input: 'true' }).error !== undefined) {
    context.skip('no bash on this machine')
    return
  }
  const understood = [...everyday(), ...evasions().map(({ text }) => text)].filter((text) => !isSyntaxError(text))
  assert.deepEqual(refused(understood) ? understood.filter((text) => refused([text])) : [], [])
  const others = evasions().filter(({ text }) => isSyntaxError(text))
  assert.ok(others.length > 0)
  assert.deepEqual(
    others.filter(({ text }) => !refused([text])).map(({ text }) => text),
    [],
  )
})

const isSyntaxError = (text: string): boolean =>
  facts(text).some(({ gaps }) => gaps.some((gap) => /^syntax error|here-document/.test(gap)))

test('words are what bash makes of them', (context) => {
  // Only words without anything that could run, and printf is all that is run.
  const lines = [...everyday(), ...evasions().map(({ text }) => text)].filter((text) => !isSyntaxError(text))
  const all = new Map(lines.flatMap((text) => literalWords(text)).map((word) => [word.text, word]))
  const words = Array.from(all.values()).filter(
    ({ text }) => /^[^`<>|&;()\n!*?[~]+$/.test(text) && !/\$[^']/.test(text),
  )
  assert.ok(words.length > 500)
  const script = words.map(({ text }) => `printf '%s\\0' ${text}; printf '\\1\\0'`).join('\n')
  const { error, stdout } = spawnSync('bash', ['--noprofile', '--norc', '-f'], {
    input: script,
    encoding: 'utf8',
    env: {},
  })
  if (error !== undefined) {
    context.skip('no bash on this machine')
    return
  }
  const seen = stdout
    .split('\x01\0')
    .slice(0, -1)
    .map((group) => group.split('\0').slice(0, -1))
  const wrong = words.flatMap(({ text, values }, index) =>
    JSON.stringify(values) === JSON.stringify(seen[index]) ? [] : [{ text, values, bash: seen[index] }],
  )
  assert.deepEqual(wrong, [])
})

interface LiteralWord {
  readonly text: string
  readonly values: readonly string[]
}

function literalWords(text: string): readonly LiteralWord[] {
  return wordsOf(parse(text))
    .flat()
    .filter((word) => !/^\w+\+?=/.test(word.text))
    .flatMap((word) => {
      const args = expandWord(word, { bound: new Map(), home: '~' })
      return args.every(({ kind }) => kind === 'literal')
        ? [{ text: word.text, values: args.map((arg) => arg.text ?? '') }]
        : []
    })
}
