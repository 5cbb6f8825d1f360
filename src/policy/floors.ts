import type { Rights } from '../model/rights.ts'
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

const beyond = (message: string): CompiledRule =>
  floor({ rule: 'floor/rights', effect: 'deny', severity: 'high', message })

/** A grant for less than everything: what goes beyond it is refused, whatever a rule allows. */
export const FLOOR_RIGHTS: Readonly<Record<Exclude<Rights, 'all'>, CompiledRule>> = {
  read: beyond(
    'Your access here is for reading only, and this changes something or is not wholly understood. Ask again with --rights write, or for all.',
  ),
  write: beyond(
    'Your access here is for reading and changing data, and this goes beyond that or is not wholly understood. Ask again with --rights all.',
  ),
}
