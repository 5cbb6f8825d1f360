import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_HELD, createScrubber } from '../../src/mask/stream.ts'
import { cutUp, seeded } from './random.ts'

function streamed(pieces: readonly Buffer[]): Buffer {
  const scrubber = createScrubber()
  return Buffer.concat([...pieces.map((piece) => scrubber.push(piece)), scrubber.flush()])
}

const CASES: readonly (readonly [string | Buffer, string | Buffer])[] = [
  ['pan 4111111111111111 ok', 'pan 411111******1111 ok'],
  ['4111111111111111', '411111******1111'],
  ['1\t4111-1111-1111-1111\tx\n2\t378282246310005\ty\n', '1\t4111-11**-****-1111\tx\n2\t378282*****0005\ty\n'],
  ['a٤١١١١١١١١١١١١١١١b', 'a411111******1111b'],
  [';4111111111111111=2512101000001230?rest', ';****************=****************?rest'],
  ['%B4111111111111111^DOE/JOHN^25121010000000? rest', '%B****************^***/****^**************? rest'],
  ['4.111111111111111e+15;', '*.***************e+**;'],
  ['no cards here, 12345 and 2024-01-01 12:00:00', 'no cards here, 12345 and 2024-01-01 12:00:00'],
  ['---4111 1111 1111 1111----5555555555554444', '---4111 11** **** 1111----555555******4444'],
  [
    `${'7 '.repeat(400)}4111111111111111 ${'9 '.repeat(400)}`,
    `${'7 '.repeat(400)}411111******1111 ${'9 '.repeat(400)}`,
  ],
  ['1'.repeat(2000), '1'.repeat(2000)],
  [
    Buffer.from('00ff0000001034313131313131313131313131313131c3', 'hex'),
    Buffer.from('\0\u{ff}\0\0\0\u{10}411111******1111\u{c3}', 'latin1'),
  ],
]

for (const [input, expected] of CASES) {
  test(`${JSON.stringify(input.toString().slice(0, 50))} comes out the same however it is cut`, () => {
    const bytes = Buffer.from(input)
    const wanted = Buffer.from(expected)
    assert.equal(streamed([bytes]).toString('latin1'), wanted.toString('latin1'))
    assert.equal(streamed(cutUp(bytes, () => 1, 1)).toString('latin1'), wanted.toString('latin1'))
    const random = seeded(3)
    for (let round = 0; round < 50; round++) {
      assert.equal(streamed(cutUp(bytes, random, 30)).toString('latin1'), wanted.toString('latin1'))
    }
  })
}

test('random bytes made of card pieces come out the same however they are cut', () => {
  const random = seeded(11)
  const pieces = [
    '4111111111111111',
    '4111 1111',
    ' 1111 1111',
    '\n',
    '=2512',
    '^A/B^2512',
    ' ',
    '-',
    '.',
    '٤١',
    '\u{200b}',
    'é',
    'x',
    '5',
    'e+15',
  ]
  pieces.push('d', '+', '\u{1d7d2}', '0000', '378282246310005')
  for (let round = 0; round < 400; round++) {
    const text = Array.from({ length: 5 + random(60) }, () => pieces[random(pieces.length)] ?? '').join('')
    const bytes = Buffer.from(text)
    const whole = streamed([bytes])
    for (const most of [1, 7, 40]) {
      assert.equal(streamed(cutUp(bytes, random, most)).toString(), whole.toString(), JSON.stringify(text))
    }
  }
})

test('no more is kept back than the limit, whatever comes', () => {
  const random = seeded(5)
  for (const piece of ['4', '4 ', '٤', '4111111111111111=', ' ', '\u{1d7d2}\u{200b}\u{200b}', 'text ']) {
    const scrubber = createScrubber()
    let kept = 0
    for (let round = 0; round < 300; round++) {
      const chunk = Buffer.from(piece.repeat(1 + random(4)))
      kept += chunk.length - scrubber.push(chunk).length
      assert.ok(kept <= MAX_HELD, `${JSON.stringify(piece)} keeps ${kept}`)
    }
  }
})

test('text without digits is not kept back at all', () => {
  const scrubber = createScrubber()
  assert.equal(scrubber.push(Buffer.from('hello')).toString(), 'hello')
  assert.equal(scrubber.push(Buffer.from('number 4')).toString(), 'number')
  assert.equal(scrubber.push(Buffer.from('2!')).toString(), ' 42!')
})
