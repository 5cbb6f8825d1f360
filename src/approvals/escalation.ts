import type { Role } from '../model/principal.ts'
import type { Escalation, HoldTerms } from '../model/verdict.ts'

/** What an escalation is reckoned by. */
export interface Waiting {
  readonly holds: readonly HoldTerms[]
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/**
 * The terms as they stand at a moment: whom each rule asks by then. Asking only ever widens, so that an answer that counted goes on counting; and it follows from
 * what was stored when the statement was held, so that neither a restart nor a lost timer changes it.
 */
export const termsAt = ({ holds, createdAt }: Waiting, now: number): readonly HoldTerms[] =>
  widened(holds, (step) => createdAt + step.afterMs <= now)

/** The same at the very end: whoever may answer at all. */
export const termsAtLast = (holds: readonly HoldTerms[]): readonly HoldTerms[] => widened(holds, () => true)

/** When more people are asked next, after `after`; undefined where nobody is. */
export function nextEscalation({ holds, createdAt }: Waiting, after: number): number | undefined {
  const coming = stepsOf(holds).map(({ afterMs }) => createdAt + afterMs)
  return coming.filter((at) => at > after).sort((a, b) => a - b)[0]
}

/** What happens after `after` up to and with `now`, as one step; undefined where nothing does. */
export function escalatedBetween(
  { holds, createdAt }: Waiting,
  { after, now }: { readonly after: number; readonly now: number },
): Escalation | undefined {
  const steps = stepsOf(holds).filter(({ afterMs }) => createdAt + afterMs > after && createdAt + afterMs <= now)
  if (steps.length === 0) return undefined
  return {
    afterMs: Math.max(...steps.map(({ afterMs }) => afterMs)),
    from: distinct(steps.flatMap(({ from }) => from)),
    notify: steps.some(({ notify }) => notify.length === 0) ? [] : distinct(steps.flatMap(({ notify }) => notify)),
  }
}

const stepsOf = (holds: readonly HoldTerms[]): readonly Escalation[] =>
  holds.flatMap(({ escalation = [] }) => escalation)

const widened = (holds: readonly HoldTerms[], counts: (step: Escalation) => boolean): readonly HoldTerms[] =>
  holds.map((terms) => {
    const more: readonly Role[] = (terms.escalation ?? []).filter(counts).flatMap(({ from }) => from)
    return more.length === 0 ? terms : { ...terms, from: distinct([...terms.from, ...more]) }
  })

const distinct = <T>(items: readonly T[]): readonly T[] => [...new Set(items)]
