import { redact } from '../classify/sql/redact.ts'
import type { SqlFacts } from '../model/facts.ts'
import { plain, type ValueToken } from '../model/redacted.ts'
import type { Parameter, SqlStatement } from '../model/statement.ts'
import { boundText } from './bound-value.ts'
import { makeVisible, type VisiblePiece } from './visible.ts'

type Scrub = (text: string) => string

/**
 * The statement as its approver reads it. Where all of it is understood and card data is touched, comments and literals whose position is not proved clear
 * stand as typed tokens: a security code has no looks to be found by. Code that is not understood has to be read, so it stands whole, its card numbers cut down.
 */
export function shownText(
  { statement, facts }: { readonly statement: SqlStatement; readonly facts: readonly SqlFacts[] },
  scrub: Scrub,
): readonly VisiblePiece[] {
  if (!withholds(facts)) return makeVisible(scrub(statement.text))
  return redact(statement.text, facts, () => '').flatMap((piece): readonly VisiblePiece[] =>
    typeof piece === 'string' ? makeVisible(scrub(piece)) : [plain([piece])],
  )
}

/** A bound value by the same rule; null is SQL NULL. `number` counts from 1. */
export function shownValue(
  of: { readonly parameter: Parameter; readonly number: number; readonly facts: readonly SqlFacts[] },
  scrub: Scrub,
): readonly VisiblePiece[] | null {
  const { parameter, number, facts } = of
  const value = boundText(parameter)
  if (value === undefined) return null
  if (!withholds(facts) || facts.every((one) => isClear(one, number))) return makeVisible(scrub(value))
  const withheld: ValueToken['withheld'] = parameter.format === 'binary' ? 'binary' : 'text'
  return [plain([{ withheld, bytes: parameter.value?.length ?? 0 }])]
}

const withholds = (facts: readonly SqlFacts[]): boolean =>
  facts.every((one) => one.complete) && facts.some(touchesCards)

const touchesCards = ({ classes, probes, writes }: SqlFacts): boolean =>
  classes.length > 0 || probes.length > 0 || writes.some((relation) => relation.classes.length > 0)

const isClear = ({ clearParameters }: SqlFacts, number: number): boolean =>
  clearParameters === 'all' || clearParameters.has(number)
