// Control characters, C1 controls, soft hyphen, zero-width and bidirectional marks, line separators, invisible operators, the byte order mark.
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

/** `text` on one line with everything that does not print, or that moves a terminal or reverses what is read, shown as `\u{...}`. */
export const visible = (text: string): string =>
  text.replace(HIDDEN, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? '0'}}`)
