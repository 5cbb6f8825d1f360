import { compileCel } from './cel.ts'
import { anyOf } from './glob.ts'
import { columnAs, namedAs, type NameTest } from './names.ts'
import type { Match, Rule } from './pack.ts'
import type { Name, Subject } from './subject.ts'
import { EFFECT_BIT } from './vocabulary.ts'
import type { Wanted } from './wanted.ts'

/** Whether one statement is what a rule is about. */
export type Matcher = (subject: Subject) => boolean

/** The rule's `match` as one function. Cheap keys come first, the CEL expression last. */
export function compileMatch(rule: Rule): Matcher {
  const { match } = rule
  const allows = rule.effect === 'allow'
  const tests = [
    ...effectTest(match, allows),
    ...flagTests(match),
    ...wordTests(match, allows),
    ...nameTests(match, allows),
  ]
  return every([...tests, ...celTest(match, allows)])
}

/**
 * Bits of effects of which a statement must have one to match at all, 0 where effects do not matter. Most rules are about a few effects, so
 * this one look spares most statements most rules.
 */
export function neededEffects(rule: Rule): number {
  const wish = rule.match.effect
  if (wish === undefined) return 0
  const { any, only, present } = wishes(wish, rule.effect === 'allow')
  return bits(any) || (present ? bits(only) : 0)
}

/** One or two tests are by far the commonest; a loop over them would cost more than they do. */
export function every<Of>([first, second, ...rest]: readonly ((subject: Of) => boolean)[]): (subject: Of) => boolean {
  if (first === undefined) return () => true
  if (second === undefined) return first
  if (rest.length === 0) return (subject) => first(subject) && second(subject)
  const last = every(rest)
  return (subject) => first(subject) && second(subject) && last(subject)
}

function flagTests({ complete, filtered, service }: Match): Matcher[] {
  const tests: Matcher[] = []
  if (complete !== undefined) tests.push((subject) => subject.facts.complete === complete)
  if (filtered !== undefined) tests.push((subject) => subject.facts.filtered === filtered)
  if (service !== undefined) tests.push((subject) => subject.principal.service === service)
  return tests
}

function effectTest({ effect }: Match, allows: boolean): Matcher[] {
  if (effect === undefined) return []
  const { any, not, only, present } = wishes(effect, allows)
  const [anyBits, notBits, onlyBits] = [bits(any), bits(not), bits(only)]
  return [
    ({ effects }) =>
      (any === undefined || (effects & anyBits) !== 0) &&
      (effects & notBits) === 0 &&
      (only === undefined || (effects & ~onlyBits) === 0) &&
      (!present || effects !== 0),
  ]
}

function wordTests(match: Match, allows: boolean): Matcher[] {
  const rows: readonly [Wanted | undefined, (subject: Subject) => readonly string[]][] = [
    [match.verb, (subject) => subject.verbs],
    [match.tag, (subject) => subject.target.tags],
    [match.protocol, (subject) => [subject.target.protocol]],
    [match.target, (subject) => [subject.target.name]],
    [match.person, (subject) => [subject.principal.person]],
    [match.output, (subject) => [subject.facts.output.kind]],
    [match.copy, (subject) => subject.copy],
    [match.class, (subject) => subject.classes],
    [match.probes, (subject) => subject.facts.probes],
    [match.setting, (subject) => subject.facts.settings.map((setting) => setting.name)],
  ]
  // What a person may do is no list of things that a statement does: an allowing rule for approvers is for whoever is one among others.
  const roles =
    match.role === undefined ? [] : [valueTest(wishes(match.role, false), anyOf, (subject) => subject.principal.roles)]
  return [...roles, ...rows.flatMap(([wish, values]) => (wish ? [valueTest(wishes(wish, allows), anyOf, values)] : []))]
}

function nameTests(match: Match, allows: boolean): Matcher[] {
  const named = (patterns: readonly string[]): NameTest => namedAs(patterns, allows)
  const column = (patterns: readonly string[]): NameTest => columnAs(patterns, allows)
  const rows: readonly [Wanted | undefined, typeof named, (subject: Subject) => readonly Name[]][] = [
    [match.function, named, (subject) => subject.facts.functions],
    [match.reads, named, (subject) => subject.facts.reads],
    [match.writes, named, (subject) => subject.facts.writes],
    [match.table, named, (subject) => subject.tables],
    [match.column, column, (subject) => subject.columns],
  ]
  return rows.flatMap(([wish, test, values]) => (wish ? [valueTest(wishes(wish, allows), test, values)] : []))
}

/** An expression that fails is true where the rule holds or denies and false where it allows. */
function celTest({ when }: Match, allows: boolean): Matcher[] {
  if (when === undefined) return []
  const condition = compileCel(when)
  return [(subject) => condition(subject.cel) ?? !allows]
}

interface Wishes {
  readonly any: readonly string[] | undefined
  readonly not: readonly string[] | undefined
  readonly only: readonly string[] | undefined
  /** There must be a value at all. */
  readonly present: boolean
}

/** What a key wants, as a rule of that kind reads it; see `Wanted`. */
export function wishes({ any, not, only, bare }: Wanted, allows: boolean): Wishes {
  if (bare === undefined) return { any, not, only, present: false }
  return allows
    ? { any: undefined, not, only: bare, present: true }
    : { any: bare, not, only: undefined, present: false }
}

/** One test for what a key wants of the values of a subject. */
export function valueTest<Value, Of = Subject>(
  { any, not, only, present }: Wishes,
  compile: (patterns: readonly string[]) => (value: Value) => boolean,
  values: (subject: Of) => readonly Value[],
): (subject: Of) => boolean {
  const tests: ((subject: Of) => boolean)[] = []
  const [isAny, isNot, isOnly] = [any, not, only].map((patterns) => patterns && compile(patterns))
  if (present) tests.push((subject) => values(subject).length > 0)
  if (isAny) tests.push((subject) => values(subject).some(isAny))
  if (isNot) tests.push((subject) => !values(subject).some(isNot))
  if (isOnly) tests.push((subject) => values(subject).every(isOnly))
  return every(tests)
}

const bits = (effects: readonly string[] | undefined): number =>
  Object.entries(EFFECT_BIT).reduce((sum, [effect, bit]) => (effects?.includes(effect) ? sum | bit : sum), 0)
