import type { PersonName } from '../model/ids.ts'
import type { HoldTerms } from '../model/verdict.ts'
import type { Role } from '../model/principal.ts'
import type { Decision } from './approval.ts'

/**
 * Whether each hold rule has its number of different humans with one of its roles. One human may count for several rules. No rules at all
 * is never satisfied: an approval that asks nobody is a bug, and fails closed.
 */
export const isSatisfied = (holds: readonly HoldTerms[], decisions: readonly Decision[]): boolean =>
  holds.length > 0 && holds.every((terms) => humansFor(terms, decisions).size >= Math.max(1, terms.need))

/**
 * The decisions as they count at a moment: a yes weighs by those of its roles that the person still has, and nothing where none is left. A no stays a no.
 * `roles` are those of people who are not disabled.
 */
export const stillCounting = (
  decisions: readonly Decision[],
  roles: ReadonlyMap<string, readonly Role[]>,
): readonly Decision[] =>
  decisions.flatMap((decision) => {
    if (decision.kind === 'deny') return [decision]
    const held = roles.get(decision.person) ?? []
    const left = decision.roles.filter((role) => held.includes(role))
    return left.length === 0 ? [] : [{ ...decision, roles: left }]
  })

/** Whose yes is among the decisions and not among those that still count. */
export const lapsedOf = (decisions: readonly Decision[], counting: readonly Decision[]): readonly PersonName[] => {
  const present = new Set(counting.map(({ person }) => person))
  return decisions.flatMap(({ kind, person }) => (kind === 'approve' && !present.has(person) ? [person] : []))
}

/** Whether any of the rules asks for one of these roles. */
export const mayAnswer = (holds: readonly HoldTerms[], roles: readonly Role[]): boolean =>
  holds.some((terms) => hasOne(terms, roles))

const humansFor = (terms: HoldTerms, decisions: readonly Decision[]): Set<string> =>
  new Set(
    decisions.filter(({ kind, roles }) => kind === 'approve' && hasOne(terms, roles)).map((decision) => decision.human),
  )

const hasOne = (terms: HoldTerms, roles: readonly Role[]): boolean => roles.some((role) => terms.from.includes(role))
