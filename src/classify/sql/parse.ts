import loadGrammar, { type Grammar } from 'libpg-query/wasm/libpg-query.js'
import type { ParseResult } from '@pgsql/types'
import { lookOf, TreeTemplates } from './tree-templates.ts'
import type { Raw } from './tree.ts'
import { TwinTexts, type Twin } from './twin-texts.ts'

/** What became of a text. `position` counts characters of the text from 1, 0 where the parser gave none. */
export type ParseOutcome =
  | {
      readonly kind: 'parsed'
      readonly statements: readonly Raw[]
      readonly bytes: number
      /** Whose tree it is, where it is one for many texts. */
      readonly twin?: Twin
    }
  | { readonly kind: 'syntax-error'; readonly message: string; readonly position: number; readonly bytes: number }
  | { readonly kind: 'unfit'; readonly reason: string; readonly bytes: number }

/** The server's own grammar, version 18, in WebAssembly. */
export interface Parser {
  /** Never throws. Unfit: not parsed for a reason of ours, so nothing is known about the text. */
  readonly parse: (text: string) => ParseOutcome
  /**
   * The same outcome, but its tree is lent: good until the next call of this function. Much cheaper for texts that differ from earlier ones in their
   * literals alone.
   */
  readonly glance: (text: string) => ParseOutcome
}

export interface ParserOptions {
  /** The compiled libpg-query.wasm. */
  readonly grammar: WebAssembly.Module
  /** Longest text in UTF-8 bytes. */
  readonly maxBytes?: number
}

/** A statement longer than this is refused rather than read: the server takes 1 GB, our stack does not. */
export const MAX_TEXT_BYTES = 262_144

/** Makes a parser with a spare instance behind it: after any fault but a syntax error an instance cannot be trusted again. */
export async function createParser({ grammar, maxBytes = MAX_TEXT_BYTES }: ParserOptions): Promise<Parser> {
  const start = (): Promise<Grammar> =>
    loadGrammar({ instantiateWasm: (imports, receive) => instantiate(grammar, imports, receive) })
  let current: Grammar | undefined = await start()
  let spare: Grammar | undefined = await start()
  let starting = false

  const restock = (): void => {
    if (starting || spare !== undefined) return
    starting = true
    const ready = (fresh: Grammar): void => {
      starting = false
      if (current === undefined) current = fresh
      else spare = fresh
      restock()
    }
    // Without memory for an instance texts stay unfit; the next one tries again.
    start().then(ready, () => (starting = false))
  }
  const replace = (): void => {
    current = spare
    spare = undefined
    restock()
  }

  const templates = new TreeTemplates()
  const twins = new TwinTexts()
  const attempt = (text: string, lent: TreeTemplates | undefined): ParseOutcome => {
    const bytes = Buffer.byteLength(text)
    const refusal = unfit(text, bytes, maxBytes)
    if (refusal !== undefined) return { kind: 'unfit', reason: refusal, bytes }
    if (current === undefined) {
      restock()
      return { kind: 'unfit', reason: 'the parser is being restarted', bytes }
    }
    try {
      return read(current, text, { bytes, lent })
    } catch {
      // Stack exhaustion leaves the WASM stack pointer where it was: 30 such calls and every later parse would fail.
      replace()
      return { kind: 'unfit', reason: 'the text is nested too deeply to be read', bytes }
    }
  }
  const glance = (text: string): ParseOutcome => {
    const twin = text.length <= maxBytes ? twins.find(text) : undefined
    if (twin !== undefined) return { kind: 'parsed', statements: twin.statements, bytes: text.length, twin }
    const made = attempt(text, templates)
    if (made.kind === 'parsed') twins.note(made.statements)
    return made
  }
  return { parse: (text) => attempt(text, undefined), glance }
}

function instantiate(
  grammar: WebAssembly.Module,
  imports: WebAssembly.Imports,
  receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
): WebAssembly.Exports {
  const instance = new WebAssembly.Instance(grammar, imports)
  receive(instance, grammar)
  return instance.exports
}

function unfit(text: string, bytes: number, maxBytes: number): string | undefined {
  if (bytes > maxBytes) return `the text is longer than ${maxBytes} bytes`
  if (text.includes('\0')) return 'the text contains a NUL, behind which nothing would be read'
  if (!text.isWellFormed()) return 'the text is not well-formed Unicode'
  return undefined
}

const encoder = new TextEncoder()

interface Reading {
  /** Of the text, in UTF-8. */
  readonly bytes: number
  /** Where trees may be taken from that are used again. */
  readonly lent: TreeTemplates | undefined
}

function read(grammar: Grammar, text: string, reading: Reading): ParseOutcome {
  const { bytes } = reading
  const address = grammar._malloc(bytes + 1)
  let result = 0
  try {
    writeText(grammar.HEAPU8, { text, bytes, address })
    result = grammar._wasm_parse_query_raw(address)
    return outcome(grammar, { ...reading, result, text })
  } finally {
    grammar._free(address)
    if (result !== 0) grammar._wasm_free_parse_result(result)
  }
}

/** Text of ASCII alone is copied by hand: for the short ones that most are, the encoder's way in takes longer than its work. */
function writeText(
  heap: Uint8Array,
  { text, bytes, address }: { readonly text: string; readonly bytes: number; readonly address: number },
): void {
  if (bytes !== text.length || bytes > SHORT) encoder.encodeInto(text, heap.subarray(address, address + bytes))
  else for (let at = 0; at < bytes; at++) heap[address + at] = text.charCodeAt(at)
  heap[address + bytes] = 0
}

const SHORT = 512

/** PgQueryParseResult is { tree, stderr, error }; PgQueryError is { message, function, file, line, position }: all 32 bits. */
function outcome(
  grammar: Grammar,
  { result, text, bytes, lent }: Reading & { readonly result: number; readonly text: string },
): ParseOutcome {
  if (result === 0) throw new Error('the parser has no memory left')
  const error = word(grammar, result + 8)
  if (error !== 0) {
    const message = cstring(grammar, word(grammar, error))
    refuseOddErrors(message)
    return { kind: 'syntax-error', message, position: word(grammar, error + 16), bytes }
  }
  const address = word(grammar, result)
  const tree: unknown =
    lent === undefined ? JSON.parse(cstring(grammar, address)) : lentTree(grammar, { address, text, lent })
  if (!isParseResult(tree)) throw new Error('the parser gave no tree')
  return { kind: 'parsed', statements: tree.stmts ?? [], bytes }
}

function lentTree(
  grammar: Grammar,
  { address, text, lent }: { readonly address: number; readonly text: string; readonly lent: TreeTemplates },
): unknown {
  const look = lookOf(text)
  const known = lent.find(look, grammar.HEAPU8, address)
  if (known !== undefined) return known
  const json = cstring(grammar, address)
  lent.note(look, json)
  return JSON.parse(json)
}

const word = (grammar: Grammar, address: number): number => grammar.HEAPU32[address >>> 2] ?? 0

/** The grammar reports a full stack or memory as an error of the text. */
function refuseOddErrors(message: string): void {
  if (/out of memory|stack depth|memory exhausted|could not|failed/i.test(message)) throw new Error('the parser failed')
}

function cstring(grammar: Grammar, address: number): string {
  if (address === 0) return ''
  const heap = grammar.HEAPU8
  const end = heap.indexOf(0, address)
  return Buffer.from(heap.buffer, heap.byteOffset + address, end - address).toString('utf8')
}

const isParseResult = (tree: unknown): tree is ParseResult =>
  typeof tree === 'object' && tree !== null && !('error' in tree)
