import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStreamVeil, type Veil } from '../../../src/proxy/ssh/veil.ts'

const PAN = '4111111111111111'

/** What leaves of these pieces, `|` being a pause in which whatever waits is let go. */
function shown(...pieces: readonly string[]): string {
  const veil: Veil = createStreamVeil()
  const out = pieces.map((piece) => (piece === '|' ? veil.pass() : veil.push(Buffer.from(piece, 'latin1'))))
  return Buffer.concat([...out, veil.flush()]).toString('latin1')
}

test('a number that pauses in its middle is never shown whole', () => {
  for (let at = 1; at < PAN.length; at++) {
    const text = shown('card ', PAN.slice(0, at), '|', `${PAN.slice(at)}\nnext\n`)
    assert.ok(!text.includes(PAN), `${at}: ${text}`)
    assert.match(text, /^card 4[\d*]{15}\nnext\n$/)
  }
})

test('a number that comes digit by digit is never shown whole', () => {
  assert.ok(!shown(...Array.from(PAN).flatMap((digit) => [digit, '|'])).includes(PAN))
})

test('colours split no number, however the stream is cut', () => {
  const text = 'a,4111\x1b[01;31m1111\x1b[m11111111,b\nplain 4111111111111111\n'
  for (let at = 0; at <= text.length; at++) {
    const masked = shown(text.slice(0, at), text.slice(at))
    assert.equal(masked, 'a,4111\x1b[01;31m11**\x1b[m****1111,b\nplain 411111******1111\n', String(at))
  }
})

test('what holds no number is passed on byte for byte, sequences and pauses too', () => {
  const bytes = Array.from({ length: 4096 }, (_, index) => String.fromCharCode((index * 7 + (index >> 8)) % 256)).join(
    '',
  )
  assert.equal(shown(bytes, '|', bytes, '\x1b[0m', bytes, '\x1b'), `${bytes}${bytes}\x1b[0m${bytes}\x1b`)
})

test('every number that was hidden is counted', () => {
  const veil = createStreamVeil()
  veil.push(Buffer.from(`${PAN}\n\x1b[0m${PAN}\n${PAN}\n`))
  veil.flush()
  assert.equal(veil.found, 3)
})

test('what may become a number waits until it has paused', () => {
  const veil = createStreamVeil()
  veil.push(Buffer.from('ready>\n'))
  assert.equal(veil.waiting, false)
  veil.push(Buffer.from('4111'))
  assert.equal(veil.waiting, true)
  assert.equal(veil.pass().toString(), '4111')
  assert.equal(veil.waiting, false)
})

test('the last byte of a sequence is no part of a number behind it', () => {
  for (const sequence of ['7', '8', '#8', ')0', '%8'])
    assert.equal(shown(`a\x1b${sequence}${PAN} x\n${PAN}\n`), `a\x1b${sequence}411111******1111 x\n411111******1111\n`)
})
