import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ScpFollower, type ScpStep } from '../../../src/protocol/ssh/scp.ts'
import { seeded } from '../../support/random.ts'
import { cutsOf } from '../../support/split.ts'

/** Who says what, in order: `>` the source, `<` the sink. */
type Line = readonly ['>' | '<', string]

const OK: Line = ['<', '\0']
const TREE: readonly Line[] = [
  OK,
  ['>', 'T1700000000 0 1700000000 0\n'],
  OK,
  ['>', 'D0755 0 top\n'],
  OK,
  ['>', 'C0644 5 a b\n'],
  OK,
  ['>', 'hello'],
  ['>', '\0'],
  OK,
  ['>', 'D0700 0 sub\n'],
  OK,
  ['>', 'C0600 0 empty\n'],
  OK,
  ['>', '\0'],
  OK,
  ['>', 'E\n'],
  OK,
  ['>', 'E\n'],
  OK,
  ['>', 'C0644 3 last\n'],
  OK,
  ['>', 'xyz'],
  ['>', '\0'],
  OK,
]

/** Steps in short, pieces of content joined. */
function told(steps: readonly ScpStep[]): string {
  const words = steps.map((step) => {
    switch (step.kind) {
      case 'file':
        return ` file ${step.name} ${step.size}:`
      case 'content':
        return step.bytes.toString()
      case 'end':
        return step.ok ? ' ok' : ' failed'
      case 'lost':
        return ' lost'
    }
  })
  return words.join('').trim()
}

function follow(lines: readonly Line[], cut: (bytes: Buffer) => readonly Buffer[] = (bytes) => [bytes]): string {
  const follower = new ScpFollower()
  const steps: ScpStep[] = []
  for (const [side, text] of lines)
    for (const chunk of cut(Buffer.from(text)))
      steps.push(...(side === '>' ? follower.source(chunk) : follower.sink(chunk)))
  return told(steps)
}

describe('an scp stream', () => {
  const MEANT = 'file top/a b 5:hello ok file top/sub/empty 0: ok file last 3:xyz ok'

  test('tells names with their folders, sizes, contents and ends', () => assert.equal(follow(TREE), MEANT))

  test('is the same however it is cut', () => {
    for (const seed of [1, 2, 3]) {
      for (const index of [0, 1, 2, 5])
        assert.equal(
          follow(TREE, (bytes) => cutsOf(bytes, { seed })[index]?.chunks ?? []),
          MEANT,
        )
    }
  })

  test('goes on behind a file that the sink refuses, for which no content comes', () => {
    const lines: Line[] = [
      OK,
      ['>', 'C0644 5 a\n'],
      ['<', '\x01scp: a: Permission denied\n'],
      ['>', 'C0644 1 b\n'],
      OK,
      ['>', 'x\0'],
      OK,
    ]
    assert.equal(follow(lines), 'file a 5: failed file b 1:x ok')
  })

  test('tells a file as failed that the source could not read, or the sink not write', () => {
    const begun: Line[] = [OK, ['>', 'C0644 2 a\n'], OK, ['>', 'xx']]
    assert.equal(follow([...begun, ['>', '\x01scp: a: I/O error\n'], OK]), 'file a 2:xx failed')
    assert.equal(follow([...begun, ['>', '\0'], ['<', '\x01scp: a: No space left\n']]), 'file a 2:xx failed')
  })

  test('takes a word of the source about what it cannot read', () => {
    assert.equal(
      follow([OK, ['>', '\x01scp: x: No such file\n'], ['>', 'C0644 0 y\n'], OK, ['>', '\0'], OK]),
      'file y 0: ok',
    )
  })

  const BROKEN: readonly (readonly [about: string, lines: readonly Line[]])[] = [
    ['a source that does not wait for the answer', [OK, ['>', 'C0644 5 a\nhello']]],
    ['a line that is none', [OK, ['>', 'hello\n']]],
    ['a size that no file has', [OK, ['>', 'C0644 99999999999999999 a\n']]],
    ['a negative size', [OK, ['>', 'C0644 -1 a\n']]],
    ['a line without end', [OK, ['>', `C0644 1 ${'a'.repeat(5000)}`]]],
    ['a sink that speaks otherwise', [['<', 'hello']]],
    ['content without its end', [OK, ['>', 'C0644 1 a\n'], OK, ['>', 'xyz']]],
  ]
  for (const [about, lines] of BROKEN)
    test(`is given up at ${about}, once`, () => {
      const more: readonly Line[] = [...lines, ['>', 'C0644 1 a\n'], OK, ['>', 'x\0']]
      assert.match(follow(more), /lost$/)
      assert.equal(follow(more).match(/lost/g)?.length, 1)
    })

  test('of garbage never throws', () => {
    const random = seeded(7)
    for (let round = 0; round < 300; round++) {
      const follower = new ScpFollower()
      for (let piece = 0; piece < 20; piece++) {
        const bytes = Buffer.from(
          Array.from({ length: random.below(40) }, () => 'CDET\0\x01\n 0123456789ab'.charCodeAt(random.below(21))),
        )
        if (random.below(2) === 0) follower.source(bytes)
        else follower.sink(bytes)
      }
    }
  })
})
