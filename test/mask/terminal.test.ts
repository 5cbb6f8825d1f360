import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findPans } from '../../src/mask/pan.ts'
import { createTerminalScrubber, MAX_WAITING } from '../../src/mask/terminal.ts'
import { cutUp, seeded } from './random.ts'
import { rendered } from './rendered.ts'

function streamed(pieces: readonly Buffer[]): Buffer {
  const scrubber = createTerminalScrubber()
  return Buffer.concat([...pieces.map((piece) => scrubber.push(piece)), scrubber.flush()])
}

const E = '\u{1b}'

const CASES: readonly (readonly [string | Buffer, string | Buffer])[] = [
  ['pan 4111111111111111 ok', 'pan 411111******1111 ok'],
  ['4111111111111111', '411111******1111'],
  ['4111-1111-1111-1111 x\r\n378282246310005\r\n', '4111-11**-****-1111 x\r\n378282*****0005\r\n'],
  // 14 digits: with the BIN shown the last four would leave too little to guess.
  ['36148900647913 ', '361489******** '],
  [`4${E}[31m111${E}[0m1111${E}[K11111111.`, `4${E}[31m111${E}[0m11**${E}[K****1111.`],
  [`4111${E}(B1111${E}=1111${E}[?25h1111\r`, `4111${E}(B11**${E}=****${E}[?25h1111\r`],
  [
    `41111111${E}]0;title${E}\\1111${E}]8;;http://x/\u{7}1111 `,
    `411111**${E}]0;title${E}\\****${E}]8;;http://x/\u{7}1111 `,
  ],
  [`4111111${E}]0;4111111111111111\u{7}111111111x`, `4111111${E}]0;411111******1111\u{7}*********x`],
  [`${E}]52;c;4111111111111111${E}\\`, `${E}]52;c;411111******1111${E}\\`],
  [`${E}P+q4111111111111111${E}\\`, `${E}P+q411111******1111${E}\\`],
  // Cells that the cursor jumps over, and digits printed over themselves as a printer makes them bold.
  [`4111${E}[C1111${E}[C1111${E}[C1111\n`, `4111${E}[C11**${E}[C****${E}[C1111\n`],
  [`4\b41\b11\b11\b11111 1111 1111.`, `4\b41\b11\b11\b111** **** 1111.`],
  [`41${E}[14b\n`, `411111******1111\n`],
  [`5${E}[2;3H4111111111111111`, `5${E}[2;3H411111******1111`],
  ['a٤١١١١١١١١١١١١١١١b', 'a٤١١١١١******١١١١b'],
  ['４１１１１１１１１１１１１１１１ ', '４１１１１１＊＊＊＊＊＊１１１１ '],
  [';4111111111111111=2512101000001230?rest', ';411111**********=****************?rest'],
  ['%B4111111111111111^DOE/JOHN^25121010000000? rest', '%B411111**********^***/****^**************? rest'],
  ['4.111111111111111e+15;', '4.11111**********e+**;'],
  ['no cards here, 12345 and 2024-01-01 12:00:00', 'no cards here, 12345 and 2024-01-01 12:00:00'],
  [
    `${'7 '.repeat(400)}4111111111111111 ${'9 '.repeat(400)}`,
    `${'7 '.repeat(400)}411111******1111 ${'9 '.repeat(400)}`,
  ],
  ['1'.repeat(2000), '1'.repeat(2000)],
  [
    'e3b0c4424111111111111111b934ca495991b7852b855aaaaaaaaaaaaaaaaaaaa',
    'e3b0c4424111111111111111b934ca495991b7852b855aaaaaaaaaaaaaaaaaaaa',
  ],
  // One byte of C1 begins a sequence for an old terminal and nothing for a new one: the number is hidden either way.
  [
    Buffer.from('\u{9b}4111111111111111m 4111\u{9b}0m111111111111', 'latin1'),
    Buffer.from('\u{9b}411111******1111m 4111\u{9b}0m11******1111', 'latin1'),
  ],
  ['4111\u{9b}0m1111\u{88}11111111 ', '4111\u{9b}0m11**\u{88}****1111 '],
  [
    Buffer.from('00ff0000001034313131313131313131313131313131c3', 'hex'),
    Buffer.from('\0\u{ff}\0\0\0\u{10}411111******1111\u{c3}', 'latin1'),
  ],
]

for (const [input, expected] of CASES) {
  test(`${JSON.stringify(input.toString().slice(0, 60))} comes out the same however it is cut`, () => {
    const bytes = Buffer.from(input)
    const wanted = Buffer.from(expected).toString('latin1')
    assert.equal(streamed([bytes]).toString('latin1'), wanted)
    assert.equal(streamed(cutUp(bytes, () => 1, 1)).toString('latin1'), wanted)
    const random = seeded(3)
    for (let round = 0; round < 50; round++) assert.equal(streamed(cutUp(bytes, random, 30)).toString('latin1'), wanted)
  })
}

const PIECES = [
  ...['4111111111111111', '4111 1111', ' 1111 1111', '378282246310005', '0000', '5', '٤١', '\u{1d7d2}', '４１'],
  ...['x', ' ', '-', '.', '=2512', '^A/B^2512', 'e+15', 'd', '+', 'é', '\u{200b}', '\u{ff0a}', '日本', '\r\n'],
  ...[
    `${E}[0m`,
    `${E}[1;31m`,
    `${E}[K`,
    `${E}(B`,
    `${E}[C`,
    `${E}[2C`,
    `${E}]0;t\u{7}`,
    `${E}]0;4111111111111111\u{7}`,
    '\u{7}',
  ],
]

test('text of card pieces and sequences comes out the same however it is cut', () => {
  const random = seeded(11)
  for (let round = 0; round < 400; round++) {
    const text = Array.from({ length: 5 + random(40) }, () => PIECES[random(PIECES.length)] ?? '').join('')
    const bytes = Buffer.from(text)
    const whole = streamed([bytes]).toString('latin1')
    for (const most of [1, 7, 40])
      assert.equal(streamed(cutUp(bytes, random, most)).toString('latin1'), whole, JSON.stringify(text))
  }
})

test('no rendered line shows a card number, and every line is as wide as it was', async () => {
  const random = seeded(23)
  for (let round = 0; round < 150; round++) {
    const text = Array.from({ length: 5 + random(30) }, () => PIECES[random(PIECES.length)] ?? '').join('')
    const bytes = Buffer.from(text)
    const [before, after] = await Promise.all([rendered(bytes), rendered(streamed(cutUp(bytes, random, 9)))])
    for (const line of after) assert.deepEqual(findPans(line), [], JSON.stringify(text))
    assert.deepEqual(after.map(shape), before.map(shape), JSON.stringify(text))
  }
})

/** A line without its letters and digits, which a mask may hide. */
const shape = (line: string): string => line.replace(/[０-９]/gu, '＊').replace(/[\p{L}\p{N}]/gu, '*')

test('the first six digits pass at once, and ordinary numbers pass whole', () => {
  const scrubber = createTerminalScrubber()
  const typed = (text: string): string =>
    Array.from(text, (char) => scrubber.push(Buffer.from(char)).toString()).join('|')
  assert.equal(typed('4111111'), '4|1|1|1|1|1|')
  assert.equal(scrubber.waiting, true)
  assert.equal(typed(' '), '')
  assert.equal(scrubber.push(Buffer.from('x')).toString(), '1 x')
  assert.equal(typed('1700000000123'), '1|7|0|0|0|0|0|0|0|0|1|2|3')
  assert.equal(scrubber.waiting, false)
  // From the 4 on it could end in a card number that others run into.
  assert.equal(typed(' 1234567890123'), ' |1|2|3|4|5|6|7|8|9||||')
  assert.equal(scrubber.passWaiting().toString(), '0123')
})

test('digits that waited too long pass up to what may be told of a card number, and the rest is hidden when it is one', () => {
  const scrubber = createTerminalScrubber()
  let shown = ''
  for (const digit of '4111111111111111') {
    shown += scrubber.push(Buffer.from(digit)).toString()
    if (scrubber.waiting) shown += scrubber.passWaiting().toString()
  }
  assert.equal(shown, '411111111111****')
  assert.equal(scrubber.found, 1)
  assert.equal(scrubber.push(Buffer.from('\r\n')).toString(), '\r\n')
})

test('a long number that is none stands whole when its run ends, however slowly it was typed', () => {
  const scrubber = createTerminalScrubber()
  let shown = ''
  for (const char of '4000000000000001x') {
    shown += scrubber.push(Buffer.from(char)).toString()
    if (scrubber.waiting) shown += scrubber.passWaiting().toString()
  }
  assert.equal(shown, '4000000000000001x')
  assert.equal(scrubber.found, 0)
})

test('a whole number that nothing follows is shown hidden when its time is over', () => {
  const scrubber = createTerminalScrubber()
  assert.equal(scrubber.push(Buffer.from('pan: 4111111111111111')).toString(), 'pan: 411111')
  assert.equal(scrubber.waiting, true)
  assert.equal(scrubber.passWaiting().toString(), '******1111')
  assert.equal(scrubber.waiting, false)
})

test('a chunk without card numbers is handed on as it is, without a copy', () => {
  const scrubber = createTerminalScrubber()
  const chunk = Buffer.from(`${E}[01;34mfolder${E}[0m  1234 files, 2024-01-01 12:00\r\n`)
  assert.equal(scrubber.push(chunk).buffer, chunk.buffer)
  assert.equal(scrubber.waiting, false)
})

test('no more waits than the limit, whatever comes', () => {
  const random = seeded(5)
  for (const piece of ['4', '4 ', '٤', '4111111111111111=', `4111111${E}]0;`, '\u{1d7d2}\u{200b}', `41111111${E}[1m`]) {
    const scrubber = createTerminalScrubber()
    let kept = 0
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(piece.repeat(1 + random(90)))
      kept += bytes.length - scrubber.push(bytes).length
      assert.ok(kept <= MAX_WAITING + 64, `${piece}: ${kept}`)
    }
  }
})

test('bytes that are no text at all come through as they are', () => {
  const random = seeded(7)
  const bytes = Buffer.from(Array.from({ length: 20_000 }, () => random(256)))
  assert.deepEqual(streamed(cutUp(bytes, random, 500)), bytes)
})

test('the last byte of a sequence is no part of a number behind it', () => {
  for (const sequence of ['7', '8', '#8', '(0', '[1234567A', '[5C'])
    assert.equal(
      streamed([Buffer.from(`a${E}${sequence}4111111111111111 x`)]).toString(),
      `a${E}${sequence}411111******1111 x`,
    )
})

test('a whole number is hidden when its time is over, whatever sequence behind it is cut short', () => {
  for (const cut of ['', '[', '[38;5', ']0;title', 'P1;2q#']) {
    const scrubber = createTerminalScrubber()
    const front = scrubber.push(Buffer.from(`4111111111111111${E}${cut}`))
    assert.equal(front.toString() + scrubber.passWaiting().toString(), `411111******1111${E}${cut}`, cut)
  }
})

test('of a number that is not whole no more than twelve digits pass in front of a sequence that is cut short', () => {
  const scrubber = createTerminalScrubber()
  const shown = [`41111111111111${E}[`, undefined, '0m11', undefined, ' x'].map((piece) =>
    (piece === undefined ? scrubber.passWaiting() : scrubber.push(Buffer.from(piece))).toString(),
  )
  assert.equal(shown.join(''), `411111111111**${E}[0m** x`)
  assert.equal(scrubber.found, 1)
})

test('a stream that begins anew remembers nothing of the one before but what was found', () => {
  const scrubber = createTerminalScrubber()
  const front = [scrubber.push(Buffer.from(`4111111111111111 ${E}]0;abcdef12`)), scrubber.restart()]
  assert.equal(Buffer.concat(front).toString(), `411111******1111 ${E}]0;abcdef12`)
  const next = [scrubber.push(Buffer.from('4111111111111111 ')), scrubber.flush()]
  assert.equal(Buffer.concat(next).toString(), '411111******1111 ')
  assert.equal(scrubber.found, 2)
})

test('a digit that is repeated thousands of times takes no longer than its bytes, and is hidden at its width', () => {
  const started = performance.now()
  const flood = Buffer.from(`4${`${E}[9999b`.repeat(2000)}\r\n`)
  assert.deepEqual(streamed([flood]), flood)
  assert.ok(performance.now() - started < 2000)
  const shown = streamed([Buffer.from(`411111111111${E}[300b x`)]).toString()
  assert.equal(shown, `411111${'*'.repeat(6)}${'*'.repeat(300)} x`)
})

/** What floods are made of: digits, separators, sequences and steps back in every order that once took long. */
const FLOODS = ['1', '4', '4 ', '1-1.', `4${E}[m`, `4${E}[`, `4${E}]0;`, '44\b', `44${E}[D`, '12345678\b\b\b\b', E]

test('nothing that comes in floods takes long', () => {
  for (const piece of [...FLOODS, '4111111111111111 ', '4111111111111111a', `4${E}[9b`, `4${E}[250C`, '٤\u{200b}']) {
    const bytes = Buffer.from(piece.repeat(Math.ceil(131_072 / Buffer.byteLength(piece))))
    const started = performance.now()
    streamed([bytes])
    const took = performance.now() - started
    assert.ok(took < 1000, `${JSON.stringify(piece)}: ${took.toFixed(0)} ms`)
  }
})
