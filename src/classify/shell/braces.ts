/** Most words that one sequence may stand for. */
const MAX_SEQUENCE = 64

/**
 * The words that `{…}` stands for: its alternatives, or the members of a sequence. Undefined where there are too many, or quotes, escapes or
 * expansions in them, which are better not guessed at.
 */
export function braceAlternatives(text: string): readonly string[] | undefined {
  if (text.length > MAX_LENGTH || isDeep(text)) return undefined
  if (!/^\{[\w./:@%+=,{}-]*\}$/.test(text)) return undefined
  const inner = text.slice(1, -1)
  const parts = split(inner)
  if (parts.length === 1) return sequence(inner)
  const words = parts.flatMap((part) => nested(part) ?? [TOO_MANY])
  return words.includes(TOO_MANY) || words.length > MAX_SEQUENCE ? undefined : words
}

/** Longer ones, and those with more braces in braces, are nobody's everyday line, and every level takes another reading. */
const MAX_LENGTH = 4_096
const MAX_DEPTH = 8

function isDeep(text: string): boolean {
  let depth = 0
  for (const char of text) {
    if (char === '{') depth += 1
    if (char === '}') depth -= 1
    if (depth > MAX_DEPTH) return true
  }
  return false
}

const TOO_MANY = '\0'

/** At the commas that stand in no inner braces. */
function split(inner: string): readonly string[] {
  const parts: string[] = []
  let [depth, start] = [0, 0]
  for (let at = 0; at < inner.length; at++) {
    const char = inner[at]
    if (char === '{') depth++
    if (char === '}') depth--
    if (char !== ',' || depth > 0) continue
    parts.push(inner.slice(start, at))
    start = at + 1
  }
  return [...parts, inner.slice(start)]
}

function nested(part: string): readonly string[] | undefined {
  const open = part.indexOf('{')
  if (open < 0) return [part]
  const close = closing(part, open)
  if (close < 0) return [part]
  const [head, tails] = [part.slice(0, open), nested(part.slice(close + 1))]
  const middles = braceAlternatives(part.slice(open, close + 1))
  return tails && middles?.flatMap((middle) => tails.map((tail) => head + middle + tail))
}

function closing(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return at
  }
  return -1
}

function sequence(inner: string): readonly string[] | undefined {
  const numbers = /^(-?\d{1,9})\.\.(-?\d{1,9})$/.exec(inner)
  if (numbers !== null) return numbered(numbers[1] ?? '', numbers[2] ?? '')
  const letters = /^([a-z])\.\.([a-z])$|^([A-Z])\.\.([A-Z])$/.exec(inner)
  if (letters === null) return undefined
  const [from, to] = [(letters[1] ?? letters[3] ?? '').charCodeAt(0), (letters[2] ?? letters[4] ?? '').charCodeAt(0)]
  return range(from, to)?.map((code) => String.fromCharCode(code))
}

// Leading zeros pad every member; too seldom to be worth following.
const numbered = (from: string, to: string): readonly string[] | undefined =>
  [from, to].some((end) => /^-?0\d/.test(end)) ? undefined : range(Number(from), Number(to))?.map(String)

function range(from: number, to: number): readonly number[] | undefined {
  const count = Math.abs(to - from) + 1
  if (count > MAX_SEQUENCE) return undefined
  return Array.from({ length: count }, (_, index) => from + (to >= from ? index : -index))
}
