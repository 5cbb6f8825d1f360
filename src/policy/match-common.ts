import type { Principal } from '../model/principal.ts'
import type { Target } from '../model/target.ts'
import { compileCel } from './cel.ts'
import type { CelFacts } from './cel-variables.ts'
import { anyOf } from './glob.ts'
import type { Match } from './pack.ts'
import { valueTest, wishes, type Test } from './values.ts'
import type { Wanted } from './wanted.ts'

/** What every statement has, whatever its protocol. */
export interface Common {
  readonly facts: { readonly kind: string; readonly complete: boolean }
  readonly principal: Principal
  readonly target: Target
  /** One bit an effect. */
  readonly effects: number
  readonly cel: CelFacts
}

export type EffectBits = Readonly<Record<string, number>>

/** The keys that any statement can be asked for. Cheap ones come first; `celTest` belongs at the very end. */
export const commonTests = (match: Match, allows: boolean, bits: EffectBits): Test<Common>[] => [
  ...effectTest(match, allows, bits),
  ...flagTests(match),
  ...wordTests(match, allows),
]

/**
 * Bits of effects of which a statement must have one to match at all, 0 where effects do not matter. Most rules are about a few effects, so
 * this one look spares most statements most rules.
 */
export function neededEffects({ effect }: Match, allows: boolean, bits: EffectBits): number {
  if (effect === undefined) return 0
  const { any, only, present } = wishes(effect, allows)
  return sum(any, bits) || (present ? sum(only, bits) : 0)
}

function effectTest({ effect }: Match, allows: boolean, bits: EffectBits): Test<Common>[] {
  if (effect === undefined) return []
  const { any, not, only, present } = wishes(effect, allows)
  const [anyBits, notBits, onlyBits] = [sum(any, bits), sum(not, bits), sum(only, bits)]
  return [
    ({ effects }) =>
      (any === undefined || (effects & anyBits) !== 0) &&
      (effects & notBits) === 0 &&
      (only === undefined || (effects & ~onlyBits) === 0) &&
      (!present || effects !== 0),
  ]
}

function flagTests({ complete, service }: Match): Test<Common>[] {
  const tests: Test<Common>[] = []
  if (complete !== undefined) tests.push((subject) => subject.facts.complete === complete)
  if (service !== undefined) tests.push((subject) => subject.principal.service === service)
  return tests
}

function wordTests(match: Match, allows: boolean): Test<Common>[] {
  const rows: readonly [Wanted | undefined, (subject: Common) => readonly string[]][] = [
    [match.kind, (subject) => [subject.facts.kind]],
    [match.tag, (subject) => subject.target.tags],
    [match.protocol, (subject) => [subject.target.protocol]],
    [match.target, (subject) => [subject.target.name]],
    [match.person, (subject) => [subject.principal.person]],
  ]
  // What a person may do is no list of things that a statement does: an allowing rule for approvers is for whoever is one among others.
  const roles: Test<Common>[] =
    match.role === undefined ? [] : [valueTest(wishes(match.role, false), anyOf, (subject) => subject.principal.roles)]
  return [...roles, ...rows.flatMap(([wish, values]) => (wish ? [valueTest(wishes(wish, allows), anyOf, values)] : []))]
}

/** An expression that fails is true where the rule holds or denies and false where it allows. */
export function celTest({ when }: Match, allows: boolean): Test<Common>[] {
  if (when === undefined) return []
  const condition = compileCel(when)
  return [(subject) => condition(subject.cel) ?? !allows]
}

const sum = (effects: readonly string[] | undefined, bits: EffectBits): number =>
  (effects ?? []).reduce((total, effect) => total | (bits[effect] ?? 0), 0)
