import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeVisible, visibleLine, warningsOf } from '../../src/http/visible.ts'

const ROWS: readonly (readonly [string, string, string])[] = [
  ['a right-to-left override', 'a\u202eb', 'a⟦U+202E right-to-left override⟧b'],
  ['an isolate', '\u2066x', '⟦U+2066 left-to-right isolate⟧x'],
  ['a zero-width space inside a name', 'pay\u200bments', 'pay⟦U+200B zero-width space⟧ments'],
  ['a byte order mark', '\ufeffselect', '⟦U+FEFF byte order mark⟧select'],
  ['a tag character', 'a\u{e0041}', 'a⟦U+E0041 invisible character⟧'],
  ['a Hangul filler', 'a\u3164b', 'a⟦U+3164 invisible character⟧b'],
  ['a blank Braille', '\u2800', '⟦U+2800 blank Braille⟧'],
  ['a variation selector', 'a\ufe0f', 'a⟦U+FE0F invisible character⟧'],
  ['a no-break space', 'a\u00a0b', 'a⟦U+00A0 no-break space⟧b'],
  ['a run of no-break spaces', 'a\u00a0\u00a0\u00a0b', 'a⟦U+00A0 no-break space x3⟧b'],
  ['a carriage return', 'DROP\rSELECT', 'DROP⟦U+000D carriage return⟧SELECT'],
  ['an escape sequence', '\u001b[2J', '⟦U+001B escape⟧[2J'],
  ['a C1 control', '\u009b1m', '⟦U+009B control character⟧1m'],
  ['a backspace', 'ab\b', 'ab⟦U+0008 backspace⟧'],
  ['an unpaired surrogate', 'a\ud800b', 'a⟦U+D800 control character⟧b'],
  ['a line separator', 'a\u2028b', 'a⟦U+2028 line separator⟧b'],
  ['a tab', 'a\tb', 'a⟦U+0009 tab⟧b'],
  ['a Cyrillic a in an English word', 'cаrds', 'c⟦U+0430 reads like "a"⟧rds'],
  ['a Greek omicron', 'fοo', 'f⟦U+03BF reads like "o"⟧o'],
  ['a word wholly of look-alikes', 'сор', '⟦U+0441 reads like "c"⟧⟦U+043E reads like "o"⟧⟦U+0440 reads like "p"⟧'],
  [
    'full width letters',
    'ＤＲＯＰ',
    '⟦U+FF24 reads like "D"⟧⟦U+FF32 reads like "R"⟧⟦U+FF2F reads like "O"⟧⟦U+FF30 reads like "P"⟧',
  ],
  ['a mathematical letter', '𝐚b', '⟦U+1D41A reads like "a"⟧b'],
  ['a dash that opens no comment', '– –', '⟦U+2013 reads like "-"⟧ ⟦U+2013 reads like "-"⟧'],
  ['a quote that quotes nothing', '‘x’', `⟦U+2018 reads like "'"⟧x⟦U+2019 reads like "'"⟧`],
  ['a semicolon that ends nothing', 'a\u037eb', 'a⟦U+037E reads like ";"⟧b'],
  ['a combining overlay', 'a\u0338b', 'a⟦U+0338 combining mark⟧b'],
  ['Hebrew letters', 'א', '⟦U+05D0 right-to-left letter⟧'],
  ['a forged mark', '⟦U+202E⟧', '⟦U+27E6 mark bracket⟧U+202E⟦U+27E7 mark bracket⟧'],
]

for (const [what, text, shown] of ROWS) {
  test(`${what} is made visible`, () => {
    assert.equal(visibleLine(text), shown)
    assert.notDeepEqual(makeVisible(text), [text])
  })
}

for (const text of [
  "SELECT id, holder FROM public.\"Cards\" WHERE id = $1 -- why not?\n  AND x <> 'it''s';",
  "INSERT INTO people VALUES ('Zoë Müller', 'Łódź', 'привет мир', '東京', 'γλώσσα', '5 €')",
  '',
  'a\n\nb',
]) {
  test(`honest text stays as it is: ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.deepEqual(makeVisible(text), text === '' ? [] : [text])
  })
}

test('blanks and empty lines that push text out of sight become one mark with their counts', () => {
  assert.deepEqual(makeVisible(`SELECT 1;${' '.repeat(10_000)}DROP TABLE x`), [
    'SELECT 1;',
    { mark: 'blank-run', code: 'U+0020', count: 10_000, label: '10000 blanks, 0 line ends' },
    'DROP TABLE x',
  ])
  assert.deepEqual(warningsOf(makeVisible(`a${'\n'.repeat(200)}b`)), ['blank-run'])
  assert.deepEqual(warningsOf(makeVisible(`a${' \n'.repeat(200)}b`)), ['blank-run'])
  assert.deepEqual(warningsOf(makeVisible('a\tb\n\n  c')), [])
})

test('nothing is left out: pieces and marks together have every character', () => {
  const text = ROWS.map(([, one]) => one).join(' ') + '\n'.repeat(9) + 'x'.repeat(5000) + '\t\t' + ' '.repeat(99)
  const count = makeVisible(text).reduce(
    (sum, piece) => sum + (typeof piece === 'string' ? Array.from(piece).length : piece.count),
    0,
  )
  assert.equal(count, Array.from(text).length)
})

test('every mark and label is ASCII, so that a mark cannot deceive in its turn', () => {
  for (let code = 0; code < 0x3100; code += 1) {
    for (const piece of makeVisible(`a${String.fromCharCode(code)}b`)) {
      if (typeof piece === 'object') assert.match(piece.code + piece.label, /^[ -~]+$/)
    }
  }
})

test('a quarter of a megabyte of hostile text takes linear time', () => {
  // Its own time: other tests may have the machine.
  const before = process.cpuUsage()
  makeVisible('а\u202e \t'.repeat(64 * 1024))
  makeVisible(' \n'.repeat(128 * 1024))
  makeVisible(`${'а'.repeat(256 * 1024)}\u200b`)
  assert.ok(process.cpuUsage(before).user < 3_000_000)
})
