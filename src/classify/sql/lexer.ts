/** A piece of SQL text in UTF-8 bytes, [start, end). `code` is everything that is no literal and no comment. */
export interface Token {
  readonly kind: 'code' | 'text' | 'number' | 'bits' | 'comment' | 'quoted-name' | 'name'
  readonly start: number
  readonly end: number
}

/**
 * Cuts a text into literals, comments, names and the rest, as the server's lexer does with standard_conforming_strings on. Only for
 * withholding literals from recordings: what runs is judged by the real parser. Takes the bytes as latin1, one character a byte.
 */
export function* tokens(bytes: string): Generator<Token> {
  let at = 0
  while (at < bytes.length) {
    const token = next(bytes, at)
    yield token
    at = token.end
  }
}

function next(bytes: string, start: number): Token {
  const one = bytes.charAt(start)
  if (one === "'") return { kind: 'text', start, end: quoteEnd(bytes, start + 1, false) }
  if (one === '"') return { kind: 'quoted-name', start, end: doubleQuoteEnd(bytes, start + 1) }
  if (one === '-' && bytes.charAt(start + 1) === '-') return { kind: 'comment', start, end: lineEnd(bytes, start) }
  if (one === '/' && bytes.charAt(start + 1) === '*') return { kind: 'comment', start, end: commentEnd(bytes, start) }
  if (one === '$') return dollar(bytes, start)
  if (isDigit(one) || (one === '.' && isDigit(bytes.charAt(start + 1))))
    return { kind: 'number', start, end: numberEnd(bytes, start) }
  if (isNameStart(one)) return name(bytes, start)
  return { kind: 'code', start, end: start + 1 }
}

/** A name, or the letters in front of a literal: E'', B'', X'', N'', U&''. */
function name(bytes: string, start: number): Token {
  const one = bytes.charAt(start).toLowerCase()
  const second = bytes.charAt(start + 1)
  if (second === "'" && one === 'e') return { kind: 'text', start, end: quoteEnd(bytes, start + 2, true) }
  if (second === "'" && one === 'n') return { kind: 'text', start, end: quoteEnd(bytes, start + 2, false) }
  if (second === "'" && (one === 'b' || one === 'x'))
    return { kind: 'bits', start, end: quoteEnd(bytes, start + 2, false) }
  if (one === 'u' && second === '&' && bytes.charAt(start + 2) === "'")
    return { kind: 'text', start, end: quoteEnd(bytes, start + 3, false) }
  if (one === 'u' && second === '&' && bytes.charAt(start + 2) === '"')
    return { kind: 'quoted-name', start, end: doubleQuoteEnd(bytes, start + 3) }
  NAME_REST.lastIndex = start + 1
  return { kind: 'name', start, end: start + 1 + (NAME_REST.exec(bytes)?.[0].length ?? 0) }
}

/** The end of a string, with every piece that continues it on a later line. An unterminated one goes to the end of the text. */
function quoteEnd(bytes: string, from: number, backslashes: boolean): number {
  let at = from
  while (at < bytes.length) {
    const one = bytes.charAt(at)
    if (one === '\\' && backslashes) at += 2
    else if (one !== "'") at++
    else if (bytes.charAt(at + 1) === "'") at += 2
    else {
      const more = continuation(bytes, at + 1)
      if (more === undefined) return at + 1
      at = more
    }
  }
  return bytes.length
}

/** Strings apart by blanks with a newline among them are one string. */
function continuation(bytes: string, from: number): number | undefined {
  CONTINUATION.lastIndex = from
  const match = CONTINUATION.exec(bytes)
  return match === null ? undefined : from + match[0].length
}

const CONTINUATION = /[ \t\f\v]*(?:--[^\r\n]*)?[\r\n](?:[ \t\f\v\r\n]|--[^\r\n]*[\r\n])*'/y

function doubleQuoteEnd(bytes: string, from: number): number {
  let at = from
  while (at < bytes.length) {
    if (bytes.charAt(at) !== '"') at++
    else if (bytes.charAt(at + 1) === '"') at += 2
    else return at + 1
  }
  return bytes.length
}

function lineEnd(bytes: string, from: number): number {
  let at = from
  while (at < bytes.length && bytes.charAt(at) !== '\n' && bytes.charAt(at) !== '\r') at++
  return at
}

function commentEnd(bytes: string, from: number): number {
  let depth = 0
  for (let at = from; at < bytes.length; at++) {
    const pair = bytes.slice(at, at + 2)
    if (pair === '/*') depth++
    else if (pair === '*/') depth--
    else continue
    at++
    if (depth === 0) return at + 1
  }
  return bytes.length
}

/** `$1` is a parameter; `$tag$ ... $tag$` is a string. */
function dollar(bytes: string, start: number): Token {
  DOLLAR_TAG.lastIndex = start
  const tag = DOLLAR_TAG.exec(bytes)?.[0]
  if (tag === undefined) {
    let end = start + 1
    while (isDigit(bytes.charAt(end))) end++
    return { kind: 'code', start, end }
  }
  const close = bytes.indexOf(tag, start + tag.length)
  return { kind: 'text', start, end: close < 0 ? bytes.length : close + tag.length }
}

const DOLLAR_TAG = /\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$/y

function numberEnd(bytes: string, start: number): number {
  NUMBER.lastIndex = start
  return start + Math.max(NUMBER.exec(bytes)?.[0].length ?? 0, 1)
}

const NUMBER = /(?:0[xob][0-9a-f_]+|(?:\d[\d_]*)?\.?(?:\d[\d_]*)?(?:e[+-]?\d+)?)/iy

const isDigit = (one: string): boolean => one >= '0' && one <= '9'
const isNameStart = (one: string): boolean =>
  (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || one === '_' || one >= '\x80'
const NAME_REST = /[A-Za-z0-9_$\x80-\xff]*/y
