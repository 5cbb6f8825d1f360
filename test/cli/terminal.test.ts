import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { createAsk, terminalLine, terminalPieces, terminalText } from '../../src/cli/terminal.ts'

test('control, direction and invisible characters stand as escapes, line ends stay', () => {
  assert.equal(
    terminalText('a\u001b[2J\u009b\u202e\u200b\r\nb\u2028'),
    'a\\u{1b}[2J\\u{9b}\\u{202e}\\u{200b}\\u{d}\nb\\u{2028}',
  )
  assert.equal(terminalLine('a\nb'), 'a\\nb')
  assert.equal(terminalText('Zoë 東京'), 'Zoë 東京')
})

test('marks are in reverse video on a terminal and in brackets in a pipe; a server cannot smuggle through them', () => {
  const mark = { mark: 'bidi', code: 'U+202E\u001b[2J', count: 2, label: 'x\n' } as const
  assert.equal(terminalPieces(['a', mark], false), 'a⟦U+202E\\u{1b}[2J x\\n x2⟧')
  assert.equal(terminalPieces([mark], true), '\u001b[7m⟦U+202E\\u{1b}[2J x\\n x2⟧\u001b[0m')
})

/** A terminal as far as readline looks at it. */
function tty() {
  const written: string[] = []
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input })
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  output.on('data', (chunk: Buffer) => written.push(chunk.toString()))
  return { input, output, written }
}

test('a hidden answer is read and nothing of it is echoed', async () => {
  const { input, output, written } = tty()
  const answer = createAsk({ input, output })('Password: ', { hidden: true })
  input.write('hunter2\r')
  assert.equal(await answer, 'hunter2')
  assert.equal(written.join(''), 'Password: \n')
})

test('Ctrl-C while it asks is a rejection, not an empty answer', async () => {
  const { input, output } = tty()
  const answer = createAsk({ input, output })('Code: ', { hidden: false })
  input.write('12\u0003')
  await assert.rejects(answer, /aborted/i)
})
