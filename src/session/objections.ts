import type { Facts } from '../model/facts.ts'
import type { Verdict } from '../model/verdict.ts'
import { refused, type Refused } from './ruling.ts'

/** What the grammar refuses no server would run: the person hears it at once, in the server's own words. */
export function syntaxError(facts: readonly Facts[]): Refused | undefined {
  const invalid = facts.map((one) => (one.kind === 'sql' ? one.invalid : undefined)).find((one) => one !== undefined)
  if (invalid === undefined) return undefined
  return refused('syntax', invalid.message, invalid.position > 0 ? { position: invalid.position } : {})
}

/** The words of the rule that decided. */
export const messageOf = (verdict: Verdict): string => verdict.matches[0]?.message ?? 'no rule allows this statement'

/** What a rule denies, with the rule's name. */
export function denied(verdict: Verdict): Refused {
  const rules = verdict.matches.filter((match) => match.effect === 'deny').map((match) => match.rule)
  return refused('denied', messageOf(verdict), { detail: `Rule: ${rules.join(', ') || 'none allows it'}.` })
}
