import type { HoldTerms, RuleMatch } from '../model/verdict.ts'
import type { Pack } from './load.ts'
import type { ActionSubject } from './action-subject.ts'
import { compileAction, compileSql, type Matching } from './match.ts'
import type { Rule } from './pack.ts'
import type { SqlSubject } from './subject.ts'

/** A rule ready to be asked. What it puts into a verdict is made once. */
export interface CompiledRule {
  /** Undefined where the rule is about nothing of SQL. */
  readonly sql: Matching<SqlSubject> | undefined
  /** Undefined where the rule is about nothing that is done over SSH. */
  readonly action: Matching<ActionSubject> | undefined
  readonly outcome: RuleMatch
  /** Only where the effect is hold. */
  readonly terms: HoldTerms | undefined
  /** Rows of the result that it asks to keep; 0 keeps a count. */
  readonly recordRows: number
}

/** Terms of a hold rule that names none. */
export const DEFAULT_TERMS = { from: ['approver'], need: 1, within: 900_000, notify: [], then: [] } as const

/** Names the rule `pack/id`, as verdicts, recordings and refusals show it. */
export function compileRule(pack: Pack, rule: Rule): CompiledRule {
  const name = `${pack.name}/${rule.id}`
  const { effect, severity } = rule
  return {
    sql: compileSql(rule),
    action: compileAction(rule),
    outcome: { rule: name, effect, severity, message: rule.message ?? rule.description },
    terms: effect === 'hold' ? termsOf(name, rule.approvals ?? DEFAULT_TERMS) : undefined,
    recordRows: rule.record?.rows ?? 0,
  }
}

const termsOf = (
  rule: string,
  { from, need, within, notify, then, ...more }: NonNullable<Rule['approvals']> | typeof DEFAULT_TERMS,
): HoldTerms => ({
  rule,
  from,
  need,
  withinMs: within,
  notify,
  ...('notReciprocal' in more && more.notReciprocal !== undefined && { notReciprocalMs: more.notReciprocal }),
  ...(then.length > 0 && { escalation: then.map(({ after, ...who }) => ({ afterMs: after, ...who })) }),
})
