import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineEditor } from '../../../src/protocol/ssh/line-editor.ts'
import { holdsControl } from '../../../src/protocol/ssh/line-editor-glyphs.ts'
import { layOut } from '../../../src/protocol/ssh/line-editor-layout.ts'
import { isUnfinished } from '../../../src/protocol/ssh/line-unfinished.ts'
import { seeded } from '../../support/random.ts'
import { assertSplitInvariant } from '../../support/split.ts'
import * as key from './terminal-stage.ts'
import { TerminalStage } from './terminal-stage.ts'

const { ctrl, ALT, LEFT, UP, DOWN, PASTE, PASTED } = key

test('how the bytes are cut changes nothing', () => {
  const keys = Buffer.from(
    `ab漢${LEFT}\x7f${PASTE}x\r\ny${PASTED}é\r${ALT}b${ctrl('v')}\x1b${key.CTRL_LEFT}😀\x1b]0;t\x07\x1b[M !!q\x1bOA${ctrl('r')}l\x1b[3~\n`,
  )
  assertSplitInvariant(keys, (chunks) => {
    const editor = new LineEditor({ size: { columns: 20, rows: 5 }, isUnfinished })
    editor.remember(['ls', 'id'])
    const acts = [...editor.begin('$ ').acts]
    for (const chunk of chunks) acts.push(...editor.push(chunk).acts)
    acts.push(...editor.settle().acts)
    for (const last of [ctrl('e'), '.', '\r']) acts.push(...editor.push(Buffer.from(last)).acts)
    return acts
  })
})

const PIECES = [
  'a',
  'b ',
  '漢',
  '字',
  'é',
  'e\u0301',
  '😀',
  '👨‍👩‍👧',
  '\u202e',
  '\t',
  '"',
  "'",
  '\\',
  '|',
  ' ',
  'word ',
  'xxxxxxxxxxxxxxxxxxxxx',
  LEFT,
  key.RIGHT,
  UP,
  DOWN,
  key.HOME,
  key.END,
  key.DELETE,
  '\x7f',
  '\r',
  '\n',
  key.CTRL_LEFT,
  key.CTRL_RIGHT,
  ...'abefhklntuwyrgpv'.split('').map(ctrl),
  `${ALT}b`,
  `${ALT}f`,
  `${ALT}d`,
  `${ALT}\x7f`,
  `${ALT}\r`,
  `${PASTE}one\ntwo${PASTED}`,
  `${PASTE}\x1b[31m\x00\x9b${PASTED}`,
  '\x1b[',
  '\x1b]',
  '\x1bP',
  '\xff',
  '\x1b[9999999999',
  ctrl('z'),
  ctrl('c'),
]

test('whatever is typed, the terminal shows what the editor believes', async () => {
  const random = seeded(7)
  for (let round = 0; round < 60; round += 1) {
    const columns = [2, 3, 7, 10, 20, 80][random.below(6)] ?? 80
    const rows = 3 + random.below(8)
    const stage = new TerminalStage({ columns, rows, history: ['first line', 'second "line'] })
    stage.begin()
    for (let step = 0; step < 40; step += 1) {
      const keys = PIECES[random.below(PIECES.length)] ?? ''
      stage.type(Buffer.from(keys, keys === '\xff' ? 'latin1' : 'utf8'))
      if (random.below(4) === 0) stage.settle()
      if (stage.acts.some(({ kind }) => kind === 'line' || kind === 'interrupt')) {
        stage.acts.length = 0
        stage.begin()
      }
      const last = stage.acts.at(-1)
      if (last?.kind === 'complete') stage.show(stage.editor.complete(undefined))
      stage.acts.length = 0
      await assertShown(stage, `round ${round}, step ${step}, ${columns}x${rows}`)
    }
  }
})

test('after another window size the terminal shows what the editor believes, and nothing above it is lost', async () => {
  const random = seeded(11)
  for (let round = 0; round < 25; round += 1) {
    const stage = new TerminalStage({ columns: 30, rows: 8 })
    stage.terminal.write('EARLIER-OUTPUT\r\n')
    stage.begin().type('some longer text with 漢字 that wraps'.slice(0, 5 + random.below(40)))
    for (let step = 0; step < 6; step += 1) {
      stage.resize(8 + random.below(40), 4 + random.below(8)).type(['x', LEFT, '漢', '\x7f'][random.below(4)] ?? '')
      await assertShown(stage, `round ${round}, step ${step}`)
    }
    assert.ok((await stage.everything()).join('').includes('EARLIER-OUTPUT'), `round ${round}`)
  }
})

/** The layout of what the editor holds, against the last rows of the emulator up to and around its cursor. */
async function assertShown(stage: TerminalStage, about: string): Promise<void> {
  const { prompt, text, cursor } = stage.editor.picture
  const { cols: columns, rows: height, buffer } = stage.terminal
  await stage.drawn()
  const layout = layOut({ prompt, text, cursor }, columns)
  const at = buffer.active.baseY + buffer.active.cursorY
  assert.equal(
    buffer.active.cursorX,
    Math.min(layout.cursor.column, columns - 1),
    `${about}: column of ${JSON.stringify(text)}`,
  )
  for (const [index, row] of layout.rows.entries()) {
    const line = at + index - layout.cursor.row
    if (line < buffer.active.baseY || line >= buffer.active.baseY + height) continue
    const expected = row
      .map((cell) => cell.shown)
      .join('')
      .trimEnd()
    assert.equal(cellsShown(stage, line), expected, `${about}: row ${index} of ${JSON.stringify(text)}`)
  }
}

/** Emoji are as wide for the editor as terminals of today draw them, which the emulator does not: a gap of one cell follows them there. */
function cellsShown(stage: TerminalStage, line: number): string {
  return (stage.terminal.buffer.active.getLine(line)?.translateToString(true) ?? '')
    .replaceAll(/(\p{Emoji_Presentation}\p{M}*) /gu, '$1')
    .trimEnd()
}

test('nothing but the drawing sequences of the editor reaches the terminal', () => {
  const random = seeded(3)
  const stage = new TerminalStage({ columns: 13, rows: 5, history: ['\x1b]0;evil\x07', 'x\u009b2Jy'] })
  stage.begin('\x1b]0;prompt\x07$ ')
  for (let round = 0; round < 300; round += 1) {
    stage.type(Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256))))
    if (random.below(3) === 0) stage.type(UP)
    if (random.below(5) === 0) stage.settle()
    if (random.below(9) === 0) stage.show(stage.editor.say('\x1b[31mred\x07\u202e'))
    if (stage.acts.at(-1)?.kind === 'complete')
      stage.show(stage.editor.complete({ from: 0, text: '\x1b[2J', choices: ['\x1b]8;;x\x07', 'b'] }))
    stage.begin('\x1b[2J$ ')
  }
  const left = stage.sent.replaceAll(/\x1b\[(?:\d*[AG]|[JKH]|2J|7m|27m|\?2004[hl])|\r|\n|\x07/g, '')
  assert.equal(holdsControl(left), false)
})
