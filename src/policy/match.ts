import type { ActionSubject } from './action-subject.ts'
import { ACTION_KEYS, actionTests } from './match-action.ts'
import { celTest, commonTests, neededEffects, type EffectBits } from './match-common.ts'
import { SQL_KEYS, sqlTests } from './match-sql.ts'
import type { Match, Rule } from './pack.ts'
import type { SqlSubject } from './subject.ts'
import { every, type Test } from './values.ts'
import { ACTION_EFFECT_BIT, ACTION_EFFECTS, EFFECT_BIT, SQL_EFFECTS } from './vocabulary.ts'
import type { Wanted } from './wanted.ts'

/** A rule's `match` for one family of statements. */
export interface Matching<Of> {
  /** See `neededEffects`. */
  readonly needs: number
  readonly matches: Test<Of>
}

/** What a rule is about: SQL, what is done over SSH, or both where it names no fact that only one of them has. */
export interface About {
  readonly sql: boolean
  readonly action: boolean
}

/** The rule's `match` over SQL statements. Cheap keys come first, the CEL expression last. */
export function compileSql({ match, effect }: Rule): Matching<SqlSubject> | undefined {
  const allows = effect === 'allow'
  if (!aboutOf(match).sql) return undefined
  const bits: EffectBits = EFFECT_BIT
  const tests: Test<SqlSubject>[] = [
    ...commonTests(match, allows, bits),
    ...sqlTests(match, allows),
    ...celTest(match, allows),
  ]
  return { needs: neededEffects(match, allows, bits), matches: every(tests) }
}

/** The rule's `match` over what is done over SSH. */
export function compileAction({ match, effect }: Rule): Matching<ActionSubject> | undefined {
  const allows = effect === 'allow'
  if (!aboutOf(match).action) return undefined
  const bits: EffectBits = ACTION_EFFECT_BIT
  const tests: Test<ActionSubject>[] = [
    ...commonTests(match, allows, bits),
    ...actionTests(match, allows),
    ...celTest(match, allows),
  ]
  return { needs: neededEffects(match, allows, bits), matches: every(tests) }
}

/** Neither, where a rule names facts that no statement has together. */
export function aboutOf(match: Match): About {
  const kinds = match.kind === undefined ? undefined : wordsOf(match.kind)
  const effects = match.effect === undefined ? undefined : wordsOf(match.effect)
  const has = (keys: readonly (keyof Match)[]): boolean => keys.some((key) => match[key] !== undefined)
  return {
    sql:
      !has(ACTION_KEYS) &&
      (kinds === undefined || kinds.includes('sql')) &&
      (effects === undefined || effects.some((effect) => SQL_EFFECTS.includes(effect))),
    action:
      !has(SQL_KEYS) &&
      (kinds === undefined || kinds.some((kind) => kind !== 'sql')) &&
      (effects === undefined || effects.some((effect) => ACTION_EFFECTS.includes(effect))),
  }
}

/** Every word that a key names, whichever way. */
const wordsOf = ({ any = [], not = [], only = [], bare = [] }: Wanted): readonly string[] => [
  ...any,
  ...not,
  ...only,
  ...bare,
]
