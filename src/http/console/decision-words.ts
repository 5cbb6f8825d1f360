/** What somebody did to an approval or a request. */
export const DECIDED = { approve: 'approved', deny: 'denied', 'break-glass': 'broke the glass' } as const

/** `bob approved it at 2026-11-22 05:06:32 UTC: reason`. */
export function decidedSentence(said: {
  readonly person: string
  readonly kind: keyof typeof DECIDED
  readonly reason: string | null
  readonly at: string
}): string {
  const { person, kind, reason, at } = said
  return `${person} ${DECIDED[kind]}${kind === 'break-glass' ? ' for' : ''} it at ${instant(at)}${reason === null ? '' : `: ${reason}`}`
}

/** An RFC 3339 instant as pages write it: `2026-11-22 05:06:32 UTC`. */
export const instant = (at: string): string => `${at.slice(0, 19).replace('T', ' ')} UTC`

/** A summary's text without the marks of its line feeds: on one line a blank, as a block real ones. A typed mark cannot be taken for ours (`visible.ts`). */
export const unfolded = (line: string, between: ' ' | '\n'): string => line.replaceAll('⟦U+000A line feed⟧', between)
