import type { RuleMatch } from '../model/verdict.ts'
import type { CompiledRule } from './rule.ts'

const floor = (outcome: RuleMatch): CompiledRule => ({
  sql: undefined,
  action: undefined,
  outcome,
  terms:
    outcome.effect === 'hold'
      ? { rule: outcome.rule, from: ['approver'], need: 1, withinMs: 900_000, notify: [] }
      : undefined,
  recordRows: 0,
})

/** In a card-data environment nothing that is not wholly understood runs unheld, whatever a rule allows. */
export const FLOOR_INCOMPLETE = floor({
  rule: 'floor/incomplete',
  effect: 'hold',
  severity: 'high',
  message:
    'This statement could not be understood completely, so in a card-data environment a second person has to see it first.',
})

/** In a card-data environment a statement runs because a rule says so, never because none says otherwise. */
export const FLOOR_NO_RULE = floor({
  rule: 'floor/no-rule',
  effect: 'deny',
  severity: 'high',
  message: 'No rule allows this kind of statement in a card-data environment.',
})

/** Classification gives every statement its facts, an empty one as well; without any, something went wrong on our side. */
export const FLOOR_NO_FACTS = floor({
  rule: 'floor/no-facts',
  effect: 'deny',
  severity: 'critical',
  message: 'Nothing is known about this statement, so it cannot run.',
})
