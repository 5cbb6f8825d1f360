import type { RedactedText } from '../model/redacted.ts'
import type { Scrubbed } from '../model/scrubbed.ts'
import type { LineBytes } from './line-bytes.ts'
import { isAction, type RecordedFacts, type StatementFacts, type StatementVerdict } from './event.ts'

/** So many different values of each sort are remembered. */
const KEPT = 8
/** A longer text is not kept in memory for the chance that it comes again. */
const LONGEST = 4096

/** JSON of a value, written into lines again and again. */
export class Remembered {
  readonly json: string
  #isUsed = false
  #bytes: Uint8Array | undefined

  constructor(json: string) {
    this.json = json
  }

  /** What comes once is encoded where it is wanted; bytes of its own are for what comes again. */
  writeTo(line: LineBytes): void {
    if (this.#bytes !== undefined) line.bytes(this.#bytes)
    else if (this.#isUsed) line.bytes((this.#bytes = Buffer.from(this.json)))
    else line.text(this.json)
    this.#isUsed = true
  }
}

/** Signs that stand in JSON as they are, and in one byte each. */
const PLAIN = /^[ !#-[\]-~]*$/
/** A longer text is not looked through sign by sign first. */
const SHORT = 512
const OPEN = Buffer.from('["')
const CLOSE = Buffer.from('"]')

/** A text that comes for the first time: most are one plain piece, which no text of its own is made for. */
function writeText(text: RedactedText, line: LineBytes): void {
  const piece = text.length === 1 ? text[0] : undefined
  if (typeof piece === 'string' && piece.length <= SHORT && PLAIN.test(piece))
    line.bytes(OPEN).ascii(piece).bytes(CLOSE)
  else line.text(JSON.stringify(text))
}

/** What a session's statements repeat, serialised once while it is among the latest. A weak map would cost the collector more than this saves. */
export interface Memory {
  /** Writes it; from its second time on out of memory. */
  readonly text: (text: RedactedText, line: LineBytes) => void
  readonly facts: (facts: readonly RecordedFacts[]) => Remembered
  readonly verdict: (verdict: StatementVerdict) => Remembered
  readonly tag: (tag: Scrubbed) => Remembered
}

/** Facts and verdicts are compared by content: a statement with other literals has the same. */
export const createMemory = (): Memory => ({
  text: rememberingTexts(),
  facts: remembering((one, other) => one === other || sameList(one, other)),
  verdict: remembering((one, other) => one === other || sameVerdict(one, other)),
  tag: remembering((one, other) => one === other),
})

function remembering<T>(same: (one: T, other: T) => boolean): (value: T) => Remembered {
  const kept: { readonly value: T; readonly made: Remembered }[] = []
  let next = 0
  return (value) => {
    for (const known of kept) if (same(known.value, value)) return known.made
    const made = new Remembered(JSON.stringify(value))
    if (made.json.length > LONGEST) return made
    kept[next] = { value, made }
    next = (next + 1) % KEPT
    return made
  }
}

/** Most texts come once: only one that comes again is worth more than a note that it came. */
function rememberingTexts(): Memory['text'] {
  const seen: (RedactedText | undefined)[] = new Array<undefined>(KEPT).fill(undefined)
  const made: (Remembered | undefined)[] = new Array<undefined>(KEPT).fill(undefined)
  let next = 0
  return (text, line) => {
    const at = seen.indexOf(text)
    if (at >= 0) (made[at] ??= new Remembered(JSON.stringify(text))).writeTo(line)
    else {
      writeText(text, line)
      if (text.some(isLong)) return
      seen[next] = text
      made[next] = undefined
      next = (next + 1) % KEPT
    }
  }
}

const isLong = (piece: RedactedText[number]): boolean => typeof piece === 'string' && piece.length > LONGEST

const sameTexts = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((text, at) => text === other[at])

function sameList(one: readonly RecordedFacts[], other: readonly RecordedFacts[]): boolean {
  if (one.length !== other.length) return false
  return one.every((facts, at) => {
    const others = other[at]
    // What a command does is told in too many parts for a comparison to be worth it.
    return others !== undefined && !isAction(facts) && !isAction(others) && sameFacts(facts, others)
  })
}

const sameFacts = (one: StatementFacts, other: StatementFacts): boolean =>
  one.complete === other.complete &&
  sameTexts(one.tables, other.tables) &&
  sameTexts(one.verbs, other.verbs) &&
  sameTexts(one.effects, other.effects) &&
  sameTexts(one.columns, other.columns) &&
  sameTexts(one.classes, other.classes) &&
  sameTexts(one.gaps, other.gaps)

const sameVerdict = (one: StatementVerdict, other: StatementVerdict): boolean =>
  one.effect === other.effect && one.policyVersion === other.policyVersion && sameTexts(one.rules, other.rules)
