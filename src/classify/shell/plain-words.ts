/** Characters that no shell takes for more than themselves, wherever they stand behind the first of a word. Beyond ASCII: letters and digits. */
const PLAIN = /^[\w@%+=:,./\p{L}\p{N}~-]$/u
/** The same for the first of a word: not `~` before a name, which is somebody's home folder, and nothing that begins a comment or a pattern. */
const FIRST = /^[\w@%+:,./\p{L}\p{N}-]$/u
/** A command line of a transfer program names a few paths. */
const MAX_TEXT = 64 * 1024

/**
 * The words of a command line in which the shell has nothing to do but to take quotes away; undefined where it might do more: expand, run, redirect, assign, find
 * files by a pattern, or read another line.
 */
export function plainWords(text: string): readonly string[] | undefined {
  if (text.length > MAX_TEXT) return undefined
  const words: string[] = []
  const chars = Array.from(text)
  let at = 0
  while (at < chars.length) {
    if (chars[at] === ' ') {
      at += 1
      continue
    }
    const read = readWord(chars, at)
    if (read === undefined) return undefined
    words.push(read.word)
    at = read.end
  }
  // `NAME=value` in front of a program is an assignment and no word.
  return words[0]?.includes('=') === true ? undefined : words
}

interface Read {
  readonly word: string
  readonly end: number
}

function readWord(chars: readonly string[], start: number): Read | undefined {
  let word = ''
  let at = start
  while (at < chars.length && chars[at] !== ' ') {
    const piece = readPiece(chars, at, start)
    if (piece === undefined) return undefined
    word += piece.word
    at = piece.end
  }
  // Quoted, it is a name that begins with a tilde, and not the home folder as which it would be read here.
  return word.startsWith('~') && chars[start] !== '~' ? undefined : { word, end: at }
}

function readPiece(chars: readonly string[], at: number, start: number): Read | undefined {
  const char = chars[at] ?? ''
  if (char === "'") return readQuoted(chars, at + 1, /^[^'\p{Cc}]$/u)
  if (char === '"') return readQuoted(chars, at + 1, /^[^"$`\\!\p{Cc}]$/u)
  if (char === '\\') return readEscaped(chars, at + 1)
  if (at === start && char === '~') return isHome(chars, at) ? { word: char, end: at + 1 } : undefined
  return (at === start ? FIRST : PLAIN).test(char) ? { word: char, end: at + 1 } : undefined
}

/** `~` and `~/…`: the account's own home folder. */
function isHome(chars: readonly string[], at: number): boolean {
  const next = chars[at + 1]
  return next === undefined || next === ' ' || next === '/'
}

function readQuoted(chars: readonly string[], start: number, inside: RegExp): Read | undefined {
  const quote = chars[start - 1]
  for (let at = start; at < chars.length; at++) {
    if (chars[at] === quote) return { word: chars.slice(start, at).join(''), end: at + 1 }
    if (!inside.test(chars[at] ?? '')) return undefined
  }
  return undefined
}

/** A line end behind a backslash joins lines; a control character has no business in a command. */
function readEscaped(chars: readonly string[], at: number): Read | undefined {
  const char = chars[at]
  return char === undefined || /\p{Cc}/u.test(char) ? undefined : { word: char, end: at + 1 }
}
