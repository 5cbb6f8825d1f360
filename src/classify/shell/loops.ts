import type { Word } from 'unbash'
import { expandWord, type WordScope } from './words.ts'

/** Most words of a loop that are followed one by one. */
const MAX_VALUES = 64

/**
 * What the variable of a loop takes on, where that is certain: its words are written out, and nothing in the whole line touches the variable
 * but `$name` and `${name}`. Undefined otherwise.
 */
export function loopValues(
  loop: { name: string; words: readonly Word[] | undefined },
  source: string,
  scope: WordScope,
): readonly string[] | undefined {
  const { name, words } = loop
  if (words === undefined || !/^[A-Za-z_]\w*$/.test(name) || !isOnlyRead(name, source)) return undefined
  const args = words.flatMap((word) => expandWord(word, scope))
  const certain = args.every(({ kind }) => kind === 'literal' || kind === 'glob')
  if (!certain || args.length > MAX_VALUES) return undefined
  return args.flatMap(({ patterns }) => patterns)
}

function isOnlyRead(name: string, source: string): boolean {
  const all = source.match(new RegExp(`(?<!-)\\b${name}\\b`, 'g'))?.length ?? 0
  const reads = source.match(new RegExp(`\\$${name}\\b|\\$\\{${name}\\}`, 'g'))?.length ?? 0
  return all === reads + 1
}
