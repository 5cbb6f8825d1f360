import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { brandOf } from '../../src/mask/brands.ts'
import { findPans } from '../../src/mask/pan.ts'
import { mayHoldPan } from '../../src/mask/prefilter.ts'
import { scrub } from '../../src/mask/scrub.ts'
import { isPan } from '../../src/mask/windows.ts'
import { seeded } from './random.ts'

const unescaped = (text: string): string =>
  text.replace(/\\u\{([0-9a-f]+)\}/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))

const lines = readFileSync(new URL('../corpus/pans.txt', import.meta.url), 'utf8').split('\n')
const rest = (word: string): string[] =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => unescaped(line.slice(word.length + 1)))

const suspected = (text: string): boolean => mayHoldPan(Buffer.from(text), 0, Buffer.byteLength(text))

const catches = rest('catch').map((line) => line.split(' '))

describe('card numbers', () => {
  for (const [brand = '', number = ''] of catches) {
    test(`${brand} ${number} is found and cut down`, () => {
      assert.equal(brandOf(number), brand)
      assert.deepEqual(findPans(number), [{ start: 0, end: number.length, digits: number, kind: 'pan' }])
      const head = number.length < 15 ? 0 : 6
      assert.equal(scrub(number), number.slice(0, head) + '*'.repeat(number.length - head - 4) + number.slice(-4))
    })
  }

  test('the corpus is there', () =>
    assert.ok(catches.length > 50 && rest('show').length > 30 && rest('spare').length > 30))

  for (const line of rest('show')) {
    const [text = '', masked = ''] = line.split(' => ')
    test(`${JSON.stringify(text)} shows as ${JSON.stringify(masked)}`, () => {
      assert.equal(scrub(text), masked)
      assert.ok(masked === text || suspected(text))
    })
  }

  for (const text of rest('spare')) {
    test(`${text} is left alone`, () => assert.equal(scrub(text), text))
  }

  test('a number is one only with issuer, length and Luhn', () => {
    assert.equal(isPan('4111111111111111'), true)
    assert.equal(isPan('4111111111111112'), false)
    assert.equal(isPan('41111111111111111111'), false)
    assert.equal(isPan('٤١١١١١١١١١١١١١١١'), false)
  })

  test('hundreds of thousands of digits take linear time', () => {
    const started = performance.now()
    findPans('4111 1111 '.repeat(25_000))
    findPans('4'.repeat(250_000))
    findPans('12.'.repeat(75_000))
    assert.ok(performance.now() - started < 5000)
  })
})

describe('the prefilter', () => {
  const separators = [
    ' ',
    '-',
    '.',
    '/',
    '_',
    '\u{a0}',
    '\u{200b}',
    '\u{2009}',
    '\u{ad}',
    '\u{feff}',
    '\u{e0020}',
    '\u{301}',
    '',
  ]
  const zeros = [0x30, 0xff10, 0x660, 0x966, 0x1d7ce, 0x1e950]
  const around = ['', 'x', 'é', '中', '\0\0\0\u{10}', '1:', 'word and ', '🎉', '\n', '7 ', '- ']

  test('misses nothing that the search finds, whatever the digits, separators, neighbours and offsets', () => {
    const random = seeded(7)
    let found = 0
    for (let round = 0; round < 6000; round++) {
      const [, number = ''] = catches[random(catches.length)] ?? []
      const zero = zeros[random(zeros.length)] ?? 0x30
      const density = random(4)
      const written = Array.from(number, (digit, index) => {
        const gap = index === 0 || random(3) >= density ? '' : one(separators, random) + one(separators, random)
        return gap + String.fromCodePoint((random(5) === 0 ? 0x30 : zero) + Number(digit))
      }).join('')
      const text = 'a'.repeat(random(30)) + one(around, random) + written + one(around, random) + 'z'.repeat(random(20))
      const hits = findPans(text)
      found += hits.length
      if (hits.length > 0) assert.ok(suspected(text), JSON.stringify(text))
    }
    assert.ok(found > 4000, `the generator writes card numbers that are found: ${found}`)
  })

  test('sees a number that lies anywhere in a row of bytes that are no text', () => {
    const number = Buffer.from('4111-1111-1111-1111')
    for (let lead = 0; lead < 40; lead++) {
      const row = Buffer.concat([Buffer.alloc(lead, 0xe4), number, Buffer.alloc(5, 0x80)])
      assert.ok(mayHoldPan(row, 0, row.length), `${lead} bytes in front`)
      assert.ok(!mayHoldPan(row, 0, lead + 10), 'and nothing where the range ends before')
      assert.ok(!mayHoldPan(row, lead + 10, row.length), 'or begins behind')
    }
  })

  test('lets ordinary rows pass', () => {
    for (const text of [
      '42\tAlice\t2024-01-01 12:34:56.789012+00\t19.99',
      'Größe 44-48, 中文 12 3',
      '- - - - - - - - - - -',
    ]) {
      assert.equal(suspected(text), false, text)
    }
  })
})

const one = (choices: readonly string[], random: (below: number) => number): string =>
  choices[random(choices.length)] ?? ''
