/** Characters behind which a slash begins an expression, and does not divide. */
const BEFORE_REGEX = new Set(['', '(', ',', '{', '}', ';', '!', '~', '&', '|', '\n'])

/** Words by which a program of awk reaches out: programs, files, other source, functions named at run time. */
const REACHES_OUT =
  /\bsystem\b|\bgetline\b|\bARG[VC]\b|@|(?<!\|)\|(?!\|)|\bprintf?\b[^;}\n]*>|\bload\b|\binclude\b|\/inet|ENVIRON\s*\[[^\]]*\]\s*=/

/** A longer one is a script, and worth a second look. */
const MAX_PROGRAM = 2_000

/**
 * Whether a program of awk may run programs, or read and write files of its own. In doubt it may: what looks like division is never taken for
 * an expression, since code could hide between two slashes.
 */
export function awkFaults(program: string): boolean {
  if (program.length > MAX_PROGRAM) return true
  const bare = withoutTexts(program)
  if (bare === undefined || REACHES_OUT.test(onOneLine(bare.text))) return true
  return bare.isDoubtful && REACHES_OUT.test(onOneLine(program))
}

/** A statement goes on behind these at the end of a line. */
const onOneLine = (text: string): string => text.replace(/(,|&&|\|\|)\s+/g, '$1 ')

interface Bare {
  readonly text: string
  /** A slash was taken for a division, and might be where an expression begins: then quotes in it begin no string. */
  readonly isDoubtful: boolean
}

/** The program with its strings and regular expressions blanked; undefined where one has no end. */
function withoutTexts(program: string): Bare | undefined {
  let [text, before] = ['', '']
  let isDoubtful = false
  for (let at = 0; at < program.length; at++) {
    const char = program[at] ?? ''
    const opens = char === '"' || (char === '/' && BEFORE_REGEX.has(before))
    if (char === '#') {
      while (at + 1 < program.length && program[at + 1] !== '\n') at++
      continue
    }
    if (opens) {
      const end = closing(program, at)
      if (end === undefined) return undefined
      at = end
      text += '""'
      before = '"'
      continue
    }
    // A line that goes on behind a backslash makes a division of what looks like the beginning of an expression.
    if (char === '\\') return undefined
    if (char === '/') isDoubtful = true
    text += char
    if (char === '\n' || !/\s/.test(char)) before = char
  }
  return { text, isDoubtful }
}

/** Where the text that opens at `at` ends. In brackets a slash ends nothing for some versions and all for others. */
function closing(program: string, at: number): number | undefined {
  const delimiter = program[at]
  let inBrackets = false
  for (let end = at + 1; end < program.length; end++) {
    const char = program[end]
    if (char === '\n') return undefined
    if (char === '\\') end++
    else if (delimiter === '/' && char === '[') inBrackets = true
    else if (delimiter === '/' && char === ']') inBrackets = false
    else if (char === delimiter) return inBrackets ? undefined : end
  }
  return undefined
}
