import type { Random } from './random.ts'

const NUMBERS = [
  ...['4111111111111111', '5555555555554444', '378282246310005', '6011111111111117', '4222222222222'],
  ...['30569309025904', '6200000000000000003', '4111111111111112', '1234567890123', '04111111111111111'],
]
const SEPARATORS = ['', '', '', ' ', '-', '.', '\u00a0', '\u200b', ' - ', ',', '\t', '\\', '"', '\u{e0100}']
const ZEROS = [0x30, 0x30, 0x30, 0x660, 0xff10, 0x1d7ce]
const WORDS = ['', '', 'paid ', 'é', ' ', '\\', '+', '=2512101', '.00', 'e', '"', ',', '\n', '\t']
const CHARACTERS = ['0', '1', '4', '9', ' ', '-', '.', 'a', 'é', '４', '\\', '\n', '\t', '"', ',']
const ORDINARY = [
  '',
  '7',
  'holder 12345',
  '2024-01-01 12:34:56.789012+00',
  '\\N',
  '\\.',
  ' '.repeat(84),
  'x'.repeat(300),
]

const one = <Choice>(
  random: Random,
  choices: readonly [Choice, ...Choice[]] | readonly Choice[],
  none: Choice,
): Choice => choices[random.below(choices.length)] ?? none

/** A cell as a hostile table may have it: card numbers in many spellings, what nearly is one, and ordinary values. */
export function cardCell(random: Random): Buffer {
  const kinds = [
    () => one(random, ORDINARY, ''),
    () => one(random, NUMBERS, ''),
    () => one(random, WORDS, '') + spelled(random, one(random, NUMBERS, '')) + one(random, WORDS, ''),
    () => Array.from({ length: random.below(24) }, () => one(random, CHARACTERS, '')).join(''),
    () => String.fromCharCode(...Array.from({ length: random.below(24) }, () => random.below(256))),
  ]
  const at = random.below(kinds.length)
  return Buffer.from(kinds[at]?.() ?? '', at === 4 ? 'latin1' : 'utf8')
}

function spelled(random: Random, digits: string): string {
  const separator = one(random, SEPARATORS, '')
  const zero = one(random, ZEROS, 0x30)
  const group = 1 + random.below(5)
  return Array.from(digits, (digit, at) => {
    const gap = at > 0 && at % group === 0 ? separator : ''
    return gap + String.fromCodePoint(zero + Number(digit))
  }).join('')
}
