import type { RedactedText } from '../model/redacted.ts'
import type { LineBytes } from './line-bytes.ts'
import {
  isAction,
  type RecordedFacts,
  type ResultEvent,
  type StatementEvent,
  type StatementFacts,
  type StatementVerdict,
} from './event.ts'

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
const MESSAGE = Buffer.from(',"message":"')
const TEXT = Buffer.from('","text":')
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
  /** Writes a message with its text; from its second time on out of memory. */
  readonly said: (message: StatementEvent['message'], text: RedactedText, line: LineBytes) => void
  /** What a statement was taken for and what became of it. */
  readonly judged: (facts: readonly RecordedFacts[], verdict: StatementVerdict) => Remembered
  /** How it ended, up to the number of its rows. */
  readonly ended: (end: Pick<ResultEvent, 'end' | 'sqlstate' | 'tag'>) => Remembered
}

/** Facts and verdicts are compared by content: a statement with other literals has the same. */
export const createMemory = (): Memory => ({
  said: rememberingTexts(),
  judged: rememberingJudgements(),
  ended: rememberingEnds(),
})

/** The latest values of a sort, round and round. */
class Latest<T> {
  readonly #kept: T[] = []
  #next = 0

  find(isIt: (one: T) => boolean): T | undefined {
    for (const one of this.#kept) if (isIt(one)) return one
    return undefined
  }

  keep(one: T): void {
    this.#kept[this.#next] = one
    this.#next = (this.#next + 1) % KEPT
  }
}

function rememberingJudgements(): Memory['judged'] {
  const latest = new Latest<{
    readonly facts: readonly RecordedFacts[]
    readonly verdict: StatementVerdict
    readonly made: Remembered
  }>()
  return (facts, verdict) => {
    const known =
      latest.find((one) => one.facts === facts && one.verdict === verdict) ??
      latest.find((one) => sameVerdict(one.verdict, verdict) && sameList(one.facts, facts))
    if (known !== undefined) return known.made
    const made = new Remembered(`,"facts":${JSON.stringify(facts)},"verdict":${JSON.stringify(verdict)}`)
    if (made.json.length <= LONGEST) latest.keep({ facts, verdict, made })
    return made
  }
}

function rememberingEnds(): Memory['ended'] {
  const latest = new Latest<{ readonly of: Pick<ResultEvent, 'end' | 'sqlstate' | 'tag'>; readonly made: Remembered }>()
  return ({ end, sqlstate, tag }) => {
    const known = latest.find(({ of }) => of.tag === tag && of.end === end && of.sqlstate === sqlstate)
    if (known !== undefined) return known.made
    const made = new Remembered(`,"end":${json(end)},"sqlstate":${json(sqlstate)},"tag":${json(tag)},"rows":`)
    if (made.json.length <= LONGEST) latest.keep({ of: { end, sqlstate, tag }, made })
    return made
  }
}

const json = (value: unknown): string => (value === undefined ? 'null' : JSON.stringify(value))

/** Most texts come once: only one that comes again is worth more than a note that it came. */
function rememberingTexts(): Memory['said'] {
  const latest = new Latest<{
    readonly text: RedactedText
    readonly message: StatementEvent['message']
    made?: Remembered
  }>()
  return (message, text, line) => {
    const seen = latest.find((one) => one.text === text && one.message === message)
    if (seen !== undefined) {
      ;(seen.made ??= new Remembered(`,"message":"${message}","text":${JSON.stringify(text)}`)).writeTo(line)
      return
    }
    line.bytes(MESSAGE).ascii(message).bytes(TEXT)
    writeText(text, line)
    if (!text.some(isLong)) latest.keep({ text, message })
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
