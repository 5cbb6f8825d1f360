// Everything that moves, hides or reorders text on a terminal or a page: controls, formatting and bidi marks, separators, every blank that is
// no ordinary space, private and unassigned characters, lone surrogates; and our own guillemets, so that nobody types a withheld value.
const HIDDEN = /(?! )[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Co}\p{Cn}\p{Cs}\u115f\u1160\u3164\uffa0\u2800‹›]/gu

/** Text from a recording as it may be shown: every hidden character appears as `\u{...}`; nothing in it can act on a terminal. */
export const visible = (text: string): string =>
  text.replace(HIDDEN, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)

/** The same for text of several lines: newlines and tabs keep their meaning, CR LF counts as one newline. */
export const visibleLines = (text: string): string[] =>
  text.split(/\r?\n/u).map((line) => visible(line.replaceAll('\t', '    ')))
