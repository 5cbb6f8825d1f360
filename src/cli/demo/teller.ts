import { scrub } from '../../mask/scrub.ts'
import { terminalLine } from '../terminal.ts'

/** A claim of the story that did not hold. */
export class StoryError extends Error {}

/** Throws `StoryError` where a claim is false; `instead` says what was found. */
export function claim(holds: boolean, what: string, instead?: unknown): asserts holds {
  if (holds) return
  const found =
    instead === undefined ? '' : `; instead: ${typeof instead === 'string' ? instead : JSON.stringify(instead)}`
  throw new StoryError(`expected: ${what}${found}`)
}

/** What one step says while it plays. */
export interface Teller {
  /** Somebody does something, e.g. `alice=> SELECT 1`. */
  act(who: string, what: string): void
  /** What came of it, one or more lines. */
  show(...lines: readonly string[]): void
  /** What was checked and is as it should be. */
  good(what: string): void
}

/** The lines of a step for a terminal. What comes from elsewhere is made visible, and cut down should it hold a card number after all. */
export function createTeller(write: (line: string) => void): Teller {
  const say = (indent: string, text: string): void => write(`${indent}${terminalLine(scrub(text))}`)
  return {
    act: (who, what) => say('   ', `${who} ${what}`),
    show: (...lines) => {
      for (const line of lines) say('      ', line)
    },
    good: (what) => say('   ', `ok  ${what}`),
  }
}

/** Rows as psql draws them. */
export function table(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): readonly string[] {
  const lines = [columns, ...rows.map((row) => row.map((cell) => cell ?? ''))]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  const drawn = lines.map((line) =>
    line
      .map((cell, at) => ` ${cell.padEnd(widths[at] ?? 0)} `)
      .join('|')
      .trimEnd(),
  )
  return [drawn[0] ?? '', widths.map((width) => '-'.repeat(width + 2)).join('+'), ...drawn.slice(1)]
}
