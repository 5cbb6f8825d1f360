import { plain, type RedactedText } from '../model/redacted.ts'
import type { Approval } from './approval.ts'

/** An earlier statement of the same person that somebody denied and that says almost the same. */
export interface NearDenied {
  readonly approval: Approval
  /** How many words differ; 0 where only blanks and comments do. */
  readonly words: number
}

/** A fifth of the words may differ; of very short statements two. */
const SHARE = 0.2
const LEAST = 2
/** Beyond this many words two statements are compared by their words alone, without their order. */
const MOST_ORDERED = 400

/** The denied statement that comes nearest, if one is near. People edit and ask again until somebody is tired; the newest wins a tie. */
export function nearestDenied(approval: Approval, denied: readonly Approval[]): NearDenied | undefined {
  const words = wordsOf(approval.redacted)
  const most = Math.max(LEAST, Math.floor(words.length * SHARE))
  let nearest: NearDenied | undefined
  for (const other of denied) {
    if (other.id === approval.id || other.target !== approval.target || other.createdAt > approval.createdAt) continue
    const differ = difference(words, wordsOf(other.redacted))
    if (differ <= most && differ < (nearest?.words ?? Infinity)) nearest = { approval: other, words: differ }
  }
  return nearest
}

/** Words and signs; a withheld literal is one word, told from others by its keyed tag. Comments say nothing. */
function wordsOf(text: RedactedText): readonly string[] {
  return text.flatMap((piece) => {
    if (typeof piece === 'string') return piece.toLowerCase().match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? []
    return piece.withheld === 'comment' ? [] : [piece.tag ?? plain([piece])]
  })
}

function difference(one: readonly string[], other: readonly string[]): number {
  const longer = Math.max(one.length, other.length)
  if (longer > MOST_ORDERED) return longer - shared(one, other)
  return longer - common(one, other)
}

/** Length of the longest common subsequence, row by row. */
function common(one: readonly string[], other: readonly string[]): number {
  let above = new Array<number>(other.length + 1).fill(0)
  for (const word of one) {
    const row = [0]
    for (const [at, candidate] of other.entries())
      row.push(word === candidate ? (above[at] ?? 0) + 1 : Math.max(above[at + 1] ?? 0, row[at] ?? 0))
    above = row
  }
  return above.at(-1) ?? 0
}

function shared(one: readonly string[], other: readonly string[]): number {
  const left = new Map<string, number>()
  for (const word of one) left.set(word, (left.get(word) ?? 0) + 1)
  let found = 0
  for (const word of other) {
    const count = left.get(word) ?? 0
    if (count === 0) continue
    left.set(word, count - 1)
    found += 1
  }
  return found
}
