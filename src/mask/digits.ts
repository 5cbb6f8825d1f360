/** Neither a digit nor a separator. */
export const OTHER = 0
/** May stand between two digits of one card number. */
export const SEPARATOR = 11

// Digits and every separator but the tag characters and variation selectors of plane 14 lie below.
const TABLE_END = 0x20000

// Ordinary ones of ASCII. Not comma, tab, colon, newline: they part the cells, times and lists that would otherwise flow together.
const ASCII_SEPARATORS = ' -./_'
// What \p{Cf}, \p{Zs} and \p{Pd} leave out: dots and signs that print like one, and marks that print as nothing or onto the digit.
const MORE_SEPARATORS = /^[·‧∙・−⁄∕\u{300}-\u{36f}\u{20e3}\u{fe00}-\u{fe0f}\u{115f}\u{1160}\u{3164}\u{ffa0}]$/u
const FORMAT_OR_BLANK = /^[\p{Cf}\p{Zs}\p{Pd}]$/u
const NUMERIC = /^\p{N}$/u
const DECIMAL = /^\p{Nd}$/u

const TABLE = table()

/**
 * What one code point is to a card number: `1` to `10` for the digits 0 to 9 of any script (superscript and circled ones too),
 * `SEPARATOR`, or `OTHER`.
 */
export function kindOf(codePoint: number): number {
  if (codePoint < TABLE_END) return TABLE[codePoint] ?? OTHER
  return codePoint >= 0xe0000 && codePoint < 0xe0200 ? SEPARATOR : OTHER
}

function table(): Uint8Array {
  const kinds = new Uint8Array(TABLE_END)
  let zero = -1
  for (let code = 0; code < TABLE_END; code++) {
    const char = String.fromCodePoint(code)
    if (isSeparator(char)) kinds[code] = SEPARATOR
    if (!NUMERIC.test(char)) zero = -1
    else if (!DECIMAL.test(char)) kinds[code] = compatible(char)
    // Decimal digits of a script stand in blocks of ten that begin with its zero; several blocks may touch.
    else kinds[code] = ((code - (zero === -1 ? (zero = code) : zero)) % 10) + 1
  }
  return kinds
}

function isSeparator(char: string): boolean {
  if (char < '\u{80}') return ASCII_SEPARATORS.includes(char)
  return FORMAT_OR_BLANK.test(char) || MORE_SEPARATORS.test(char)
}

/** Superscripts, circled digits and their like, which print as a digit without being one. */
function compatible(char: string): number {
  const plain = char.normalize('NFKC')
  return /^[0-9]$/.test(plain) ? Number(plain) + 1 : OTHER
}
