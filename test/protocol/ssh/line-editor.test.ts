import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as key from './terminal-stage.ts'
import { TerminalStage } from './terminal-stage.ts'

const { ctrl, ALT, LEFT, UP, DOWN, PASTE, PASTED } = key

/** What a person would see after typing this into an empty line. */
const KEYS: readonly (readonly [string, string, string])[] = [
  ['letters', 'abc', 'abc'],
  ['backspace', 'abc\x7f', 'ab'],
  ['ctrl-h', 'abc\b', 'ab'],
  ['arrows and insertion', `ad${LEFT}bc`, 'abcd'],
  ['home and end', `bc${key.HOME}a${key.END}d`, 'abcd'],
  ['ctrl-a and ctrl-e', `bc${ctrl('a')}a${ctrl('e')}d`, 'abcd'],
  ['ctrl-b and ctrl-f', `ac${ctrl('b')}b${ctrl('f')}d`, 'abcd'],
  ['delete', `abc${key.HOME}${key.DELETE}`, 'bc'],
  ['ctrl-d in a line', `abc${ctrl('a')}${ctrl('d')}`, 'bc'],
  ['ctrl-k and ctrl-y', `ab cd${LEFT}${LEFT}${ctrl('k')}${ctrl('a')}${ctrl('y')}-`, 'cd-ab '],
  ['ctrl-u', `ab cd${LEFT}${ctrl('u')}`, 'd'],
  ['ctrl-w', `ls /a/b-c ${ctrl('w')}`, 'ls'],
  ['two cuts come back as one', `one two${ctrl('w')}${ctrl('w')}${ctrl('y')}`, 'one two'],
  ['alt-b', `one two-three${ALT}b${ALT}b_`, 'one _two-three'],
  ['alt-f', `one two${ctrl('a')}${ALT}f_`, 'one_ two'],
  ['ctrl-arrows', `one two${key.CTRL_LEFT}_${key.CTRL_RIGHT}.`, 'one _two.'],
  ['alt-d', `one two${ctrl('a')}${ALT}d`, ' two'],
  ['alt-backspace', `one two-three${ALT}\x7f`, 'one two-'],
  ['ctrl-t in the middle', `abdc${LEFT}${ctrl('t')}`, 'abcd'],
  ['ctrl-t at the end', `ab${ctrl('t')}`, 'ba'],
  ['the other sequences for home and end', `b\x1b[1~a\x1b[4~c\x1bOH0\x1bOFd`, '0abcd'],
  ['a key pad in application mode', `ac\x1bODb`, 'abc'],
  [
    'function keys, a mouse, focus and answers of a terminal do nothing',
    `a\x1bOP\x1b[[A\x1b[15~\x1b[M !!\x1b[<0;3;4M\x1b[I\x1b]11;rgb:00/00/00\x1b\\\x1bP1$r0m\x1b\\\x1b[?1;2cb`,
    'ab',
  ],
  ['a wide character is one character', `a漢字${LEFT}${LEFT}\x7fb`, 'b漢字'],
  ['a character of several code points is one', `ae\u0301b${LEFT}\x7f`, 'ab'],
  ['a sequence broken off by a key', `a\x1b[12\x7fb`, 'b'],
]

for (const [about, keys, expected] of KEYS) {
  test(`keys: ${about}`, async () => {
    const stage = new TerminalStage().begin().type(keys)
    assert.deepEqual(await stage.rows(), [`$ ${expected}`.trimEnd()])
    assert.deepEqual(stage.type('\r').lines, [keys.includes('/a/b-c') ? 'ls ' : expected])
  })
}

test('history comes back with the arrows, and changes to it stay until a line is finished', async () => {
  const stage = new TerminalStage({ history: ['one', 'two'] }).begin().type('new')
  assert.deepEqual(await stage.type(UP).rows(), ['$ two'])
  assert.deepEqual(await stage.type(`!${UP}`).rows(), ['$ one'])
  assert.deepEqual(await stage.type(`${UP}${DOWN}`).rows(), ['$ two!'])
  assert.deepEqual(await stage.type(DOWN).rows(), ['$ new'])
  stage.type(`${UP}\r`).begin().type(`${UP}${UP}\r`)
  assert.deepEqual(stage.lines, ['two!', 'two'])
})

test('lines that begin with a space, and the same line again, are not remembered', () => {
  const stage = new TerminalStage()
  for (const line of ['a', 'a', ' secret', 'b']) stage.begin().type(`${line}\r`)
  assert.deepEqual(stage.editor.history, ['a', 'b'])
})

test('Ctrl-R looks for words, further back each time, and its line runs as it is shown', async () => {
  const stage = new TerminalStage({ history: ['ls /tmp', 'cat x', 'ls /var'] }).begin().type(`${ctrl('r')}ls`)
  assert.deepEqual(await stage.rows(), ["(reverse-i-search)`ls': ls /var"])
  assert.deepEqual(await stage.type(ctrl('r')).rows(), ["(reverse-i-search)`ls': ls /tmp"])
  assert.deepEqual(
    await stage.type(ctrl('r')).rows(),
    ["(failed reverse-i-search)`ls': ls /tmp"].map((row) => row.slice(0, 40)),
  )
  assert.deepEqual(stage.type('\r').lines, ['ls /tmp'])
})

test('Ctrl-G leaves a search as it was, any other key takes the line over', async () => {
  const stage = new TerminalStage({ history: ['ls /tmp'] }).begin().type(`ab${ctrl('r')}tmp${ctrl('g')}`)
  assert.deepEqual(await stage.rows(), ['$ ab'])
  assert.deepEqual(await stage.type(`${ctrl('r')}tmp${ctrl('a')}_`).rows(), ['$ _ls /tmp'])
})

test('Ctrl-C gives the line up, Ctrl-D leaves from an empty one, Ctrl-Z is declined', async () => {
  const stage = new TerminalStage({ columns: 90 }).begin().type(`abc${ctrl('z')}`)
  assert.match((await stage.rows()).join('\n'), /^Ctrl-Z: nothing can be suspended.*\n\$ abc$/)
  stage.type(ctrl('c')).begin().type(ctrl('d'))
  assert.deepEqual(
    stage.acts.map(({ kind }) => kind),
    ['suspend-declined', 'interrupt', 'end'],
  )
  assert.deepEqual((await stage.rows()).slice(1), ['$ abc^C', '$'])
})

test('Ctrl-L clears the screen and keeps the line', async () => {
  const stage = new TerminalStage()
  stage.terminal.write('before\r\n')
  assert.deepEqual(
    await stage
      .begin()
      .type(`ab${ctrl('l')}c`)
      .rows(),
    ['$ abc'],
  )
})

test('an unfinished line goes on in the next row, and runs whole', async () => {
  const stage = new TerminalStage().begin().type('echo "a\rb"')
  assert.deepEqual(await stage.rows(), ['$ echo "a', '> b"'])
  assert.deepEqual(stage.type('\r').lines, ['echo "a\nb"'])
  for (const [typed, text] of [
    ['ls |\rwc\r', 'ls |\nwc'],
    ['cat <<E\ra\rE\r', 'cat <<E\na\nE'],
    ['ls \\\r-l\r', 'ls \\\n-l'],
  ] as const) {
    assert.deepEqual(new TerminalStage().begin().type(typed).lines, [text])
  }
})

test('the arrows move between the rows of a line before they move in the history', async () => {
  const stage = new TerminalStage({ history: ['old'] }).begin().type('echo "ab\rcd')
  assert.deepEqual(await stage.type(`${UP}_`).rows(), ['$ ec_ho "ab', '> cd'])
  assert.deepEqual(await stage.type(`${DOWN}.${UP}${UP}`).rows(), ['$ old'])
})

test('Alt-Enter opens a row without finishing', () => {
  assert.deepEqual(new TerminalStage().begin().type(`a${ALT}\rb\r`).lines, ['a\nb'])
})

test('Ctrl-J finishes a line as Enter does, and CR LF is one press', () => {
  assert.deepEqual(new TerminalStage().begin().type('ls\n').lines, ['ls'])
  const stage = new TerminalStage().begin().type('ls\r\n')
  assert.deepEqual(stage.begin().type('id\r').lines, ['ls', 'id'])
})

test('what is typed ahead waits for the next prompt', () => {
  const stage = new TerminalStage().begin().type('one\rtwo\rthr')
  assert.deepEqual(stage.lines, ['one'])
  assert.deepEqual(stage.begin().lines, ['one', 'two'])
  assert.deepEqual(stage.begin().type('ee\r').lines, ['one', 'two', 'three'])
})

test('what was typed ahead can be dropped, and no paste is cut open by it', () => {
  const stage = new TerminalStage().begin().type(`one\rtwo\r${PASTE}rm x\rrm`)
  stage.editor.drop()
  assert.deepEqual(stage.begin().type(` y\r${PASTED}`).lines, ['one'])
  assert.deepEqual(stage.settle().type('\r').lines, ['one', 'rm x\nrm y\n'])
})

test('a paste is shown and runs only at a press of Enter', async () => {
  for (const end of ['\r', '\n', '\r\n']) {
    const stage = new TerminalStage().begin().type(`${PASTE}ls${end}rm -rf x${end}${PASTED}`)
    assert.deepEqual(await stage.rows(), ['$ ls', '> rm -rf x', '>'])
    assert.deepEqual(stage.lines, [])
    assert.deepEqual(stage.settle().type('\r').lines, ['ls\nrm -rf x\n'])
  }
})

test('an end marker within a paste ends nothing, and what holds one does not run', async () => {
  const stage = new TerminalStage({ columns: 60, rows: 20 }).begin().type(`${PASTE}ls${PASTED}\rrm -rf x\r${PASTED}`)
  assert.deepEqual(stage.lines, [])
  stage.settle().type('\r\r')
  assert.deepEqual(stage.lines, [])
  const rows = await stage.rows()
  assert.ok(rows.includes('$ ls') && rows.includes('> ^[[201~'), rows.join('\n'))
  assert.match(rows.join(' '), /Not run: the line holds control characters/)
})

test('behind a paste nothing counts as pressed until a moment has passed', () => {
  const stage = new TerminalStage().begin().type(`${PASTE}ls${PASTED}`)
  assert.equal(stage.editor.unsettled, true)
  assert.deepEqual(stage.type('\rid\r').lines, [])
  assert.deepEqual(stage.settle().type('\r').lines, ['ls\nid\n'])
  assert.equal(stage.editor.unsettled, false)
})

test('a paste that is too long is left out, and said', async () => {
  const stage = new TerminalStage()
    .begin()
    .type(`a${PASTE}${'x'.repeat(40_000)}${PASTED}`)
    .settle()
    .type('b')
  assert.match((await stage.rows()).join(' '), /too long for a line, and was left out\. \$ ab$/)
})

test('control characters of a paste are drawn as text and keep the line from running', async () => {
  for (const [pasted, shown] of [
    ['ls\x1b]0;x\x07', '$ ls^[]0;x^G'],
    ['ls\x03', '$ ls^C'],
    ['a\x08b\x7f', '$ a^Hb^?'],
    ['a\u009b31mb', '$ a<U+009B>31mb'],
    [Buffer.from([0x61, 0xff, 0x62]), '$ a<U+FFFD>b'],
  ] as const) {
    const bytes = Buffer.concat([Buffer.from(PASTE), Buffer.from(pasted), Buffer.from(PASTED)])
    const stage = new TerminalStage({ columns: 60 }).begin().type(bytes).settle()
    assert.ok((await stage.rows()).includes(shown), JSON.stringify(await stage.rows()))
    assert.deepEqual(stage.type('\r').lines, [])
  }
})

test('Ctrl-V takes the next key as it is, drawn as text, and the line does not run', async () => {
  const stage = new TerminalStage({ columns: 60 }).begin().type(`a${ctrl('v')}\x1b${ctrl('v')}\r${ctrl('v')}漢`)
  assert.deepEqual(await stage.rows(), ['$ a^[^M漢'])
  assert.deepEqual(stage.type('\r').lines, [])
})

test('invisible and direction-changing characters are spelled out', async () => {
  const stage = new TerminalStage({ columns: 60 }).begin().type('rm \u202ea\u200bb\u00a0c\u2066')
  assert.deepEqual(await stage.rows(), ['$ rm <U+202E>a<U+200B>b<U+00A0>c<U+2066>'])
})

test('Tab asks, waits with what is typed meanwhile, and puts the answer in', async () => {
  const stage = new TerminalStage().begin().type('cat /et\tx')
  assert.deepEqual(stage.acts, [{ kind: 'complete', line: { text: 'cat /et', cursor: 7 }, again: false }])
  assert.deepEqual(await stage.rows(), ['$ cat /et'])
  stage.show(stage.editor.complete({ from: 4, text: '/etc/', choices: [] }))
  assert.deepEqual(await stage.rows(), ['$ cat /etc/x'])
})

test('choices are listed above the line as text', async () => {
  const stage = new TerminalStage({ columns: 20 }).begin().type('cat \t')
  stage.show(stage.editor.complete({ from: 4, text: '', choices: ['one', 'two\x1b[2J', 'three', 'four'] }))
  assert.deepEqual(await stage.rows(), ['one       two^[[2J', 'three     four', '$ cat'])
})

test('messages come above the line and leave it as it is', async () => {
  const stage = new TerminalStage({ columns: 12 }).begin().type('abcdefghijklmnop').type(LEFT)
  stage.show(stage.editor.say('the end \x1b[2Jis near\nvery'))
  assert.deepEqual(await stage.rows(), ['the end ^[[2', 'Jis near', 'very', '$ abcdefghij', 'klmnop'])
  assert.deepEqual(await stage.cursor(), [4, 5])
})

test('a line higher than the terminal follows the cursor, and is shown whole once it was pasted', async () => {
  const text = Array.from({ length: 8 }, (_, at) => `line ${at}`).join('\n')
  const stage = new TerminalStage({ columns: 20, rows: 4 })
  stage.terminal.write('before\r\n')
  stage.begin().type(`${PASTE}${text}${PASTED}`).settle()
  assert.deepEqual(await stage.everything(), [
    'before',
    '$ line 0',
    ...Array.from({ length: 7 }, (_, at) => `> line ${at + 1}`),
  ])
  stage.type(UP.repeat(7))
  assert.deepEqual(await stage.rows(), ['$ line 0', '> line 1', '> line 2', '> line 3'])
  assert.deepEqual(stage.type('\r').lines, [text])
  assert.deepEqual((await stage.everything()).slice(-8), [
    '$ line 0',
    ...Array.from({ length: 7 }, (_, at) => `> line ${at + 1}`),
  ])
})

test('a wide character that does not fit at the edge goes to the next row', async () => {
  const stage = new TerminalStage({ columns: 6 }).begin().type('abc漢d')
  assert.deepEqual(await stage.rows(), ['$ abc', '漢d'])
  assert.deepEqual(await stage.cursor(), [1, 3])
})

test('a full row puts the cursor on the next', async () => {
  const stage = new TerminalStage({ columns: 6 }).begin().type('abcd')
  assert.deepEqual(await stage.cursor(), [1, 0])
  assert.deepEqual(await stage.type('\x7f').rows(), ['$ abc'])
  assert.deepEqual(await stage.cursor(), [0, 5])
})
