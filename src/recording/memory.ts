import type { RedactedText } from '../model/redacted.ts'
import type { Scrubbed } from '../model/scrubbed.ts'
import { isAction, type RecordedFacts, type StatementFacts, type StatementVerdict } from './event.ts'

/** So many different values of each sort are remembered. */
const KEPT = 8
/** A longer text is not kept in memory for the chance that it comes again. */
const LONGEST = 4096

/** The JSON of what a session's statements repeat, made once while it is among the latest. A weak map would cost the collector more than this saves. */
export interface Memory {
  readonly text: (text: RedactedText) => string
  readonly facts: (facts: readonly RecordedFacts[]) => string
  readonly verdict: (verdict: StatementVerdict) => string
  readonly tag: (tag: Scrubbed) => string
}

/** Facts and verdicts are compared by content: a statement with other literals has the same. */
export const createMemory = (): Memory => ({
  text: remembering((one, other) => one === other),
  facts: remembering((one, other) => one === other || sameList(one, other)),
  verdict: remembering((one, other) => one === other || sameVerdict(one, other)),
  tag: remembering((one, other) => one === other),
})

function remembering<T>(same: (one: T, other: T) => boolean): (value: T) => string {
  const kept: { readonly value: T; readonly text: string }[] = []
  let next = 0
  return (value) => {
    for (const known of kept) if (same(known.value, value)) return known.text
    const text = JSON.stringify(value)
    if (text.length > LONGEST) return text
    kept[next] = { value, text }
    next = (next + 1) % KEPT
    return text
  }
}

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
