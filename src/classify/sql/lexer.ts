/** `code` is everything that is no literal, no comment and no name. */
export type TokenKind = 'code' | 'text' | 'number' | 'bits' | 'comment' | 'quoted-name' | 'name'

/**
 * Cuts a text into literals, comments, names and the rest, as the server's lexer does with standard_conforming_strings on. Only for
 * withholding literals from recordings: what runs is judged by the real parser. Takes the bytes as latin1, one character a byte. Stands on one
 * token at a time, at [start, end), and makes no object for it: every new text comes through here.
 */
export class Lexer {
  kind: TokenKind = 'code'
  start = 0
  end = 0
  readonly #bytes: string

  constructor(bytes: string) {
    this.#bytes = bytes
  }

  /** Goes to the next token that is no `code`; false at the end of the text. */
  next(): boolean {
    const bytes = this.#bytes
    for (let at = this.end; at < bytes.length; at = this.end) {
      this.start = at
      this.#read(bytes, at)
      if (this.kind !== 'code') return true
    }
    return false
  }

  #read(bytes: string, start: number): void {
    const unit = bytes.charCodeAt(start)
    if (isNameStart(unit)) this.#name(bytes, start)
    else if (isDigit(unit) || (unit === DOT && isDigit(bytes.charCodeAt(start + 1))))
      this.#is('number', numberEnd(bytes, start))
    else if (unit === APOSTROPHE) this.#is('text', quoteEnd(bytes, start + 1, false))
    else if (unit === QUOTE) this.#is('quoted-name', doubleQuoteEnd(bytes, start + 1))
    else if (unit === MINUS && bytes.charCodeAt(start + 1) === MINUS) this.#is('comment', lineEnd(bytes, start))
    else if (unit === SLASH && bytes.charCodeAt(start + 1) === STAR) this.#is('comment', commentEnd(bytes, start))
    else if (unit === DOLLAR) this.#dollar(bytes, start)
    else this.#is('code', start + 1)
  }

  /** A name, or the letters in front of a literal: E'', B'', X'', N'', U&''. */
  #name(bytes: string, start: number): void {
    const second = bytes.charCodeAt(start + 1)
    const letter = second === APOSTROPHE || second === AMPERSAND ? bytes.charAt(start).toLowerCase() : ''
    const third = letter === 'u' && second === AMPERSAND ? bytes.charCodeAt(start + 2) : 0
    if (third === APOSTROPHE) this.#is('text', quoteEnd(bytes, start + 3, false))
    else if (third === QUOTE) this.#is('quoted-name', doubleQuoteEnd(bytes, start + 3))
    else if (second === APOSTROPHE && (letter === 'e' || letter === 'n'))
      this.#is('text', quoteEnd(bytes, start + 2, letter === 'e'))
    else if (second === APOSTROPHE && (letter === 'b' || letter === 'x'))
      this.#is('bits', quoteEnd(bytes, start + 2, false))
    else this.#is('name', nameEnd(bytes, start + 1))
  }

  /** `$1` is a parameter; `$tag$ ... $tag$` is a string. */
  #dollar(bytes: string, start: number): void {
    DOLLAR_TAG.lastIndex = start
    const tag = DOLLAR_TAG.exec(bytes)?.[0]
    if (tag === undefined) this.#is('code', digitsEnd(bytes, start + 1))
    else this.#is('text', dollarEnd(bytes, start, tag))
  }

  #is(kind: TokenKind, end: number): void {
    this.kind = kind
    this.end = end
  }
}

const APOSTROPHE = 39
const QUOTE = 34
const MINUS = 45
const SLASH = 47
const STAR = 42
const DOLLAR = 36
const AMPERSAND = 38
const DOT = 46
const UNDERSCORE = 95

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

function dollarEnd(bytes: string, start: number, tag: string): number {
  const close = bytes.indexOf(tag, start + tag.length)
  return close < 0 ? bytes.length : close + tag.length
}

const DOLLAR_TAG = /\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$/y

function numberEnd(bytes: string, start: number): number {
  const end = digitsEnd(bytes, start)
  // Nearly all are digits alone; only what may go on after them is left to the pattern.
  const unit = bytes.charCodeAt(end)
  if (end > start && unit !== DOT && !isNamePart(unit)) return end
  NUMBER.lastIndex = start
  return start + Math.max(NUMBER.exec(bytes)?.[0].length ?? 0, 1)
}

const NUMBER = /(?:0[xob][0-9a-f_]+|(?:\d[\d_]*)?\.?(?:\d[\d_]*)?(?:e[+-]?\d+)?)/iy

function nameEnd(bytes: string, from: number): number {
  let end = from
  while (isNamePart(bytes.charCodeAt(end))) end++
  return end
}

function digitsEnd(bytes: string, start: number): number {
  let end = start
  while (isDigit(bytes.charCodeAt(end))) end++
  return end
}

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57
const isNameStart = (unit: number): boolean =>
  (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || unit === UNDERSCORE || unit >= 0x80
const isNamePart = (unit: number): boolean => isNameStart(unit) || isDigit(unit) || unit === DOLLAR
