import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EchoWatch } from '../../../src/proxy/ssh/echo-watch.ts'
import { createTerminalVeil, type Veil } from '../../../src/proxy/ssh/veil.ts'
import { FakeClock } from '../../store/fake-clock.ts'

const A_MOMENT = 400

/** A watched terminal, with what is said of it. */
interface Watched {
  readonly type: (keys: string) => void
  readonly shows: (text: string) => void
  readonly later: () => readonly string[]
  readonly end: () => readonly string[]
  readonly veil: Veil
}

function terminal(stops = false): Watched {
  const clock = new FakeClock()
  const said: string[] = []
  const onSuspend = stops ? undefined : (): void => void said.push('suspend')
  const watch = new EchoWatch({
    after: (ms, callback) => clock.after(ms, callback),
    onHidden: () => void said.push('hidden'),
    onSuspend,
  })
  const veil = watch.over(createTerminalVeil())
  return {
    veil,
    type: (keys) => watch.keys(Buffer.from(keys)),
    shows: (text) => void veil.push(Buffer.from(text)),
    later: () => (clock.advance(A_MOMENT), said),
    end: () => (watch.end(), said),
  }
}

describe('a line that is typed', () => {
  const rows: readonly (readonly [what: string, keys: string, shown: string, said: readonly string[]])[] = [
    ['and shown by the terminal', 'secret\r', 'secret\r\n', []],
    ['and not shown', 'secret\r', '\r\nSorry, try again.\r\n', ['hidden']],
    ['and shown as stars', 'secret\r', '******\r\n', ['hidden']],
    ['with colours between its letters', 'ls -l\r', '\x1b[32ml\x1b[0ms -l\r\n', []],
    ['with a letter taken back', 'ls -x\x7fl\r', 'ls -x\b \bl\r\n', []],
    ['over the edge of the window', 'abcdef\r', 'abc \rdef\r\n', []],
    ['by an arrow key alone', '\x1b[A\r', 'an older line\r\n', []],
    ['and taken back by Ctrl-C', 'secret\x03', '', []],
    ['of nothing', '\r', '', []],
    ['with a card number in it, masked on its way out', '4012888888881881\r', '4012888888881881\r\n', []],
  ]
  for (const [what, keys, shown, said] of rows)
    test(`${what} ${said.length > 0 ? 'is told' : 'is not told'}`, () => {
      const { type, shows, later } = terminal()
      type(keys)
      shows(shown)
      assert.deepEqual(later(), said)
    })

  test('key by key is told once, also where the program ends at once', () => {
    const { type, shows, end } = terminal()
    for (const key of 'secret\r') type(key)
    shows('\r\n')
    assert.deepEqual(end(), ['hidden'])
  })

  test('is not told while a program has the whole screen, and again after it', () => {
    const { type, shows, later } = terminal()
    shows('\x1b[?10')
    shows('49h')
    type('dd\r')
    assert.deepEqual(later(), [])
    shows('\x1b[?1049l')
    type('dd\r')
    assert.deepEqual(later(), ['hidden'])
  })

  test('changes nothing of what is shown', () => {
    const { veil } = terminal()
    const out = Buffer.concat([
      veil.push(Buffer.from('a 401288888888')),
      veil.push(Buffer.from('1881 b')),
      veil.flush(),
    ])
    assert.equal(out.toString(), 'a 401288******1881 b')
    assert.equal(veil.found, 1)
  })
})

describe('Ctrl-Z', () => {
  const rows: readonly (readonly [what: string, shown: string, stops: boolean, said: readonly string[]])[] = [
    ['that stops nothing is told', '^Z', false, ['suspend']],
    ['that a shell on the target acted on is not', '^Z\r\n[1]+  Stopped   sleep 60\r\n', false, []],
    ['that a program reads as a key is not', '', false, []],
    ['in an ordinary shell is not', '^Z', true, []],
  ]
  for (const [what, shown, stops, said] of rows)
    test(what, () => {
      const { type, shows, later } = terminal(stops)
      type('\x1a')
      shows(shown)
      assert.deepEqual(later(), said)
    })
})
