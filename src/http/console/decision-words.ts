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

/** How something ended that nobody decided: `Expired at 2026-11-22 05:06:32 UTC: nobody answered in time`. */
export function endedSentence(
  state: string,
  { at, by, reason }: { readonly at: string; readonly by: string | null; readonly reason: string | null },
): string {
  // What ends by the clock or by itself has nobody's name.
  const who = by === null || by === 'system' ? '' : ` by ${by}`
  const word = `${state.slice(0, 1).toUpperCase()}${state.slice(1)}`
  return `${word} at ${instant(at)}${who}${reason === null ? '' : `: ${reason}`}`
}

/** What ends nobody's word has brought about, whatever was said before. */
const BY_ITSELF = ['expired', 'withdrawn', 'void']

/** How an approval stands, in one sentence: who said what, and how it ended where that was not by anybody's word. The same on the page and in a terminal. */
export function howItStands({ state, decisions, ended }: Standing): string {
  const said = decisions.map(decidedSentence)
  if (ended !== null && (said.length === 0 || BY_ITSELF.includes(state))) said.push(endedSentence(state, ended))
  if (said.length > 0) return stopped(said.join('; '))
  return state === 'open' ? 'Nobody has decided yet.' : `It is ${state}.`
}

export interface Standing {
  readonly state: string
  readonly decisions: readonly Parameters<typeof decidedSentence>[0][]
  readonly ended: Parameters<typeof endedSentence>[1] | null
}

/** With a full stop, unless somebody's own words end the sentence already. */
export const stopped = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`)

/** An RFC 3339 instant as pages write it: `2026-11-22 05:06:32 UTC`. */
export const instant = (at: string): string => `${at.slice(0, 19).replace('T', ' ')} UTC`

/** A summary's text without the marks of its line feeds: on one line a blank, as a block real ones. A typed mark cannot be taken for ours (`visible.ts`). */
export const unfolded = (line: string, between: ' ' | '\n'): string => line.replaceAll('⟦U+000A line feed⟧', between)
