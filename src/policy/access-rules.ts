import type { AccessStage, AccessVerdict } from '../model/access-request.ts'
import type { Principal } from '../model/principal.ts'
import type { Rights } from '../model/rights.ts'
import type { Target } from '../model/target.ts'
import type { Escalation } from '../model/verdict.ts'
import { accessCel, LONGEST_MS, WITHIN_MS, type AccessRule } from './access-entry.ts'
import { anyOf } from './glob.ts'
import { timeTest } from './hours.ts'
import type { Pack } from './load.ts'
import { every, valueTest, wishes } from './values.ts'
import type { Wanted } from './wanted.ts'

/** Somebody wants to reach a target. */
export interface AccessInput {
  readonly principal: Principal
  readonly target: Target
  /** What it is to be for. */
  readonly rights: Rights
  readonly forMs: number
  readonly ticket: string | undefined
  /** Milliseconds since 1970. */
  readonly at: number
}

/** The access rules of all packs, ready to decide. */
export interface AccessRules {
  /** The worst effect of all rules that match counts; all stages of all rules that ask must be satisfied. Pure, and never throws. */
  decideAccess(input: AccessInput): AccessVerdict
  /**
   * Whether there is a wish of this person for this target that rules would not refuse: at some hour, for some while, with some ticket. A rule that refuses by who
   * and where alone refuses all of them; what its `when:` would say of a wish is not known before there is one.
   */
  mayAsk(who: Pick<AccessInput, 'principal' | 'target'>): boolean
  /** Names of the rules that match. For examples. */
  matchingAccess(input: AccessInput): readonly string[]
}

/** What holds where no rule speaks: somebody else decides, on every target. */
const UNRULED: AccessVerdict = {
  kind: 'ask',
  rule: 'floor/access',
  message: 'No rule grants this; an approver decides.',
  maxMs: LONGEST_MS,
  stages: [{ from: ['approver'], need: 1, notify: [], escalation: undefined }],
  withinMs: WITHIN_MS,
}

/** Compiles the access rules of packs that `loadPack` accepted. */
export function compileAccess(packs: readonly Pack[]): AccessRules {
  const rules = packs.flatMap((pack) => pack.access.map((rule) => compiled(pack, rule)))
  const met = (input: AccessInput): readonly Compiled[] => {
    const wishing = wishOf(input)
    return rules.filter((rule) => rule.matches(wishing))
  }
  return {
    decideAccess: (input) => verdict(met(input)),
    mayAsk: (who) => !rules.some(({ rule, refusesAll }) => rule.effect === 'refuse' && refusesAll(who)),
    matchingAccess: (input) => met(input).map(({ name }) => name),
  }
}

interface Compiled {
  readonly name: string
  readonly rule: AccessRule
  readonly matches: (wish: Wish) => boolean
  /** Whether it matches every wish of this person for this target. */
  readonly refusesAll: (who: Who) => boolean
}

type Who = Pick<AccessInput, 'principal' | 'target'>

/** The input with what only `when:` asks for, worked out at most once. */
interface Wish extends AccessInput {
  readonly cel: (lists: readonly string[]) => Record<string, unknown>
}

function compiled(pack: Pack, rule: AccessRule): Compiled {
  const words = wordTests(pack, rule)
  const ofWish = [...timeTests(rule), ...ticketTest(rule), ...rightsTest(rule), ...celTest(pack, rule)]
  return {
    name: `${pack.name}/${rule.id}`,
    rule,
    matches: every([...words, ...ofWish]),
    refusesAll: ofWish.length > 0 ? () => false : every(words),
  }
}

type Test = (wish: Wish) => boolean

function wordTests(pack: Pack, { effect, match }: AccessRule): ((who: Who) => boolean)[] {
  const grants = effect === 'grant'
  const rows: readonly [Wanted | undefined, boolean, (who: Who) => readonly string[]][] = [
    // What a person may do, or is on call for, is no list of things that must all be allowed: a rule is for whoever is one among others.
    [match.role, false, ({ principal }) => principal.roles],
    [match.oncall, false, ({ principal }) => listsOf(pack, principal)],
    [match.person, grants, ({ principal }) => [principal.person]],
    [match.target, grants, ({ target }) => [target.name]],
    [match.tag, grants, ({ target }) => target.tags],
    [match.protocol, grants, ({ target }) => [target.protocol]],
  ]
  return rows.flatMap(([wish, allows, values]) => (wish ? [valueTest(wishes(wish, allows), anyOf, values)] : []))
}

const listsOf = ({ oncall }: Pack, { person }: Principal): readonly string[] =>
  Object.entries(oncall).flatMap(([name, people]) => (people.includes(person) ? [name] : []))

function timeTests({ match: { days, hours, zone } }: AccessRule): Test[] {
  if (zone === undefined) return []
  const test = timeTest(days?.flat(), hours, zone)
  return [({ at }) => test(at)]
}

const ticketTest = ({ match: { ticket: form } }: AccessRule): Test[] =>
  form === undefined ? [] : [({ ticket }) => ticket !== undefined && form.matches(ticket)]

const rightsTest = ({ effect, match: { rights: wish } }: AccessRule): Test[] =>
  wish === undefined ? [] : [valueTest(wishes(wish, effect === 'grant'), anyOf, ({ rights }: Wish) => [rights])]

/** An expression that fails is true where the rule asks or refuses and false where it grants. */
function celTest(pack: Pack, { effect, match: { when } }: AccessRule): Test[] {
  if (when === undefined) return []
  const condition = accessCel.compile(when)
  return [(wish) => condition(wish.cel(listsOf(pack, wish.principal))) ?? effect !== 'grant']
}

const wishOf = (input: AccessInput): Wish => ({
  ...input,
  cel: (oncall) => ({
    person: input.principal.person,
    roles: input.principal.roles,
    target: input.target.name,
    protocol: input.target.protocol,
    tags: input.target.tags,
    ticket: input.ticket ?? '',
    rights: input.rights,
    minutes: BigInt(Math.ceil(input.forMs / 60_000)),
    oncall,
  }),
})

function verdict(met: readonly Compiled[]): AccessVerdict {
  const refusing = met.filter(({ rule }) => rule.effect === 'refuse')
  if (refusing.length > 0) return { kind: 'refuse', ...wordsOf(refusing) }
  const maxMs = Math.min(LONGEST_MS, ...met.map(({ rule }) => rule.longest ?? LONGEST_MS))
  const asking = met.filter(({ rule }) => rule.effect === 'ask')
  if (asking.length > 0) return { kind: 'ask', ...wordsOf(asking), maxMs, ...askedOf(asking) }
  return met.length === 0 ? UNRULED : { kind: 'grant', rule: wordsOf(met).rule, maxMs }
}

const wordsOf = (met: readonly Compiled[]): { readonly rule: string; readonly message: string } => ({
  rule: met.map(({ name }) => name).join(', '),
  message: [...new Set(met.map(({ rule }) => rule.message ?? rule.description))].join(' '),
})

/** Rules that ask the same people ask them once, for the most that any of them needs. */
function askedOf(asking: readonly Compiled[]) {
  const stages = asking.map(({ rule }) => stagesOf(rule)).reduce(merged, [])
  return { stages, withinMs: Math.min(...asking.map(({ rule }) => rule.within ?? WITHIN_MS)) }
}

function stagesOf({ stages }: AccessRule): readonly AccessStage[] {
  return (stages ?? UNRULED_STAGES).map(({ from, need, notify, escalate }) => ({
    ...{ from, need, notify },
    escalation: escalate?.map(({ after, ...asked }) => ({ afterMs: after, ...asked })),
  }))
}

const UNRULED_STAGES: NonNullable<AccessRule['stages']> = [{ from: ['approver'], need: 1, notify: [] }]

function merged(before: readonly AccessStage[], more: readonly AccessStage[]): readonly AccessStage[] {
  const stages = [...before]
  const taken = new Set<number>()
  for (const stage of more) {
    const at = before.findIndex((one, index) => !taken.has(index) && sameRoles(one, stage))
    const same = before[at]
    if (same === undefined) stages.push(stage)
    else {
      taken.add(at)
      stages[at] = both(same, stage)
    }
  }
  return stages
}

const sameRoles = (a: AccessStage, b: AccessStage): boolean =>
  a.from.length === b.from.length && a.from.every((role) => b.from.includes(role))

const both = (a: AccessStage, b: AccessStage): AccessStage => ({
  from: a.from,
  need: Math.max(a.need, b.need),
  // No channel means every one.
  notify: a.notify.length === 0 || b.notify.length === 0 ? [] : union(a.notify, b.notify),
  escalation: a.escalation === undefined && b.escalation === undefined ? undefined : allSteps(a, b),
})

/** Each rule's steps at their own time: asking more people, or sooner, breaks neither. */
const allSteps = (a: AccessStage, b: AccessStage): readonly Escalation[] =>
  [...(a.escalation ?? []), ...(b.escalation ?? [])].toSorted((one, other) => one.afterMs - other.afterMs)

const union = (a: readonly string[], b: readonly string[]): readonly string[] => [...new Set([...a, ...b])]
