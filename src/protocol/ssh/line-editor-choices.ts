import { inert } from './line-editor-glyphs.ts'

/** Most choices that are listed. */
const MAX_CHOICES = 100

/** Choices in columns, as many as fit side by side; what is left out is counted. */
export function listed(choices: readonly string[], columns: number): string {
  const shown = choices.slice(0, MAX_CHOICES).map(inert)
  const width = Math.max(...shown.map((choice) => choice.length)) + 2
  const across = Math.max(1, Math.floor(columns / width))
  const rows: string[] = []
  for (let at = 0; at < shown.length; at += across) {
    const row = shown.slice(at, at + across)
    rows.push(
      row
        .map((choice) => choice.padEnd(width))
        .join('')
        .trimEnd(),
    )
  }
  const left = choices.length - shown.length
  return left > 0 ? `${rows.join('\n')}\n… and ${left} more` : rows.join('\n')
}
