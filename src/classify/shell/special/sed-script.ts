/** A file that a script of sed names. */
export interface SedUse {
  readonly path: string
  readonly does: 'read' | 'write'
}

const ADDRESS = /^(\d+(~\d+)?|\$|first|[+~]\d+)/
/** Commands without an argument, or with a number. */
const PLAIN = /^([dDgGhHnNpPxzF=]|[lqQ]\s*\d*)/

/**
 * The files that a script reads and writes, or undefined for a script that runs something, or that is not plain enough to be sure: labels,
 * branches and text to insert are left out on purpose.
 */
export function sedUses(script: string): readonly SedUse[] | undefined {
  const uses: SedUse[] = []
  let rest = script
  while ((rest = rest.replace(/^[\s;{}]+/, '')) !== '') {
    const command = afterAddresses(rest)
    const next = command === undefined ? undefined : oneCommand(command, uses)
    if (next === undefined || !/^\s*($|[;}\n#])/.test(next)) return undefined
    rest = next.replace(/^\s*#[^\n]*/, '')
  }
  return uses
}

function afterAddresses(text: string): string | undefined {
  const first = afterAddress(text)
  if (first === undefined) return undefined
  const second = first.startsWith(',') ? afterAddress(first.slice(1).trimStart()) : first
  return second?.replace(/^\s*!?\s*/, '').replace(/^\{\s*/, '')
}

/** Behind one address, or the text itself where there is none. */
function afterAddress(text: string): string | undefined {
  const plain = ADDRESS.exec(text)
  if (plain !== null) return text.slice(plain[0].length).trimStart()
  if (!/^[/\\]/.test(text)) return text
  const delimiter = text.startsWith('\\') ? text[1] : '/'
  const end = endOf(text, text.startsWith('\\') ? 2 : 1, delimiter ?? '/')
  return end === undefined
    ? undefined
    : text
        .slice(end)
        .replace(/^[IM]*/, '')
        .trimStart()
}

/** Behind one command; files that it names go to `uses`. */
function oneCommand(text: string, uses: SedUse[]): string | undefined {
  if (text === '' || /^[;}\n#]/.test(text)) return text
  const plain = PLAIN.exec(text)
  if (plain !== null) return text.slice(plain[0].length)
  if (text.startsWith('s')) return substitution(text, uses)
  if (text.startsWith('y')) return transliteration(text)
  const file = /^([rRwW])\s*([^\n]+)/.exec(text)
  if (file === null) return undefined
  uses.push({ path: file[2] ?? '', does: file[1]?.toLowerCase() === 'w' ? 'write' : 'read' })
  return text.slice(file[0].length)
}

function substitution(text: string, uses: SedUse[]): string | undefined {
  const delimiter = text[1]
  if (delimiter === undefined || /[\\\n\s\w[\]]/.test(delimiter)) return undefined
  const middle = endOf(text, 2, delimiter) ?? bracketed(text, delimiter)
  const end = middle === undefined ? undefined : endOfPlain(text, middle, delimiter)
  if (end === undefined) return undefined
  const flags = FLAGS.exec(text.slice(end))?.[0] ?? ''
  const rest = text.slice(end + flags.length)
  const file = /^w\s*([^\n]+)/.exec(rest)
  if (file === null) return rest
  uses.push({ path: file[1] ?? '', does: 'write' })
  return rest.slice(file[0].length)
}

const FLAGS = /^([gpiImM]|\d)*/

/**
 * Behind an expression with a delimiter in brackets. It ends nothing in newer versions of sed; older ones end the expression there, and must then
 * come upon an error, so that they run nothing at all.
 */
function bracketed(text: string, delimiter: string): number | undefined {
  const second = endOfPlain(text, 2, delimiter)
  const third = second === undefined ? undefined : endOfPlain(text, second, delimiter)
  const older = third === undefined ? '' : text.slice(third).replace(/^[gpiImMe\d]*/, '')
  if (third !== undefined && /^($|[\s;}#w])/.test(older)) return undefined
  const masked = text.replace(/\[\^?[^[\]\\\n]+\]/g, (brackets) => 'x'.repeat(brackets.length))
  return endOf(masked, 2, delimiter)
}

/** Behind the next delimiter, brackets or not: so replacements end. */
function endOfPlain(text: string, from: number, delimiter: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === '\n') return undefined
    if (char === '\\') at++
    else if (char === delimiter) return at + 1
  }
  return undefined
}

function transliteration(text: string): string | undefined {
  const delimiter = text[1]
  if (delimiter === undefined || /[\\\n\s\w]/.test(delimiter)) return undefined
  const middle = endOfPlain(text, 2, delimiter)
  const end = middle === undefined ? undefined : endOfPlain(text, middle, delimiter)
  return end === undefined ? undefined : text.slice(end)
}

/**
 * Behind the next delimiter. One in brackets still ends the expression in some versions of sed and not in others: such a script is not plain,
 * and neither is one with a line end in it.
 */
function endOf(text: string, from: number, delimiter: string): number | undefined {
  let inBrackets = false
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === '\n') return undefined
    if (char === '\\' && !inBrackets) at++
    else if (char === '[' && !inBrackets) inBrackets = true
    else if (char === ']') inBrackets = false
    else if (char === delimiter) return inBrackets ? undefined : at + 1
  }
  return undefined
}
