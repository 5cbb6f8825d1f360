import { createHash } from 'node:crypto'
import type { MaskShape } from '../model/column.ts'
import type { ClassName } from '../model/ids.ts'
import { isCde } from '../model/target.ts'
import type { HoldTerms, RuleEffect, RuleMatch, Verdict } from '../model/verdict.ts'
import { compileAccess, type AccessRules } from './access-rules.ts'
import { FLOOR_INCOMPLETE, FLOOR_NO_FACTS, FLOOR_NO_RULE, FLOOR_RIGHTS } from './floors.ts'
import type { Pack } from './load.ts'
import { DETECTORS, SHAPES, type Detector, type MaskEntry } from './mask-entry.ts'
import { compileRule, type CompiledRule } from './rule.ts'
import { ActionSubject } from './action-subject.ts'
import { covers } from './rights.ts'
import type { Matching } from './match.ts'
import { SqlSubject, type Request } from './subject.ts'

/** The packs of a folder, ready to decide. Immutable; a reload makes a new one. */
export interface PolicySet extends AccessRules {
  /** 16 hex characters over the bytes of every pack. */
  readonly version: string
  readonly packs: readonly Pack[]
  readonly masks: readonly MaskEntry[]
  /** Detectors that some mask asks for. Card numbers are looked for whatever the packs say. */
  readonly detectors: readonly Detector[]
  /** What becomes of the frame; the worst statement and the worst rule count. Pure, and never throws; equal verdicts may be one object. */
  decide(request: Request): Verdict
  /** The names of the rules that match each statement of the frame. For `explain` and for examples. */
  matching(request: Request): readonly (readonly string[])[]
  /** How a class shows; where packs disagree the one that shows less. A class that no mask names is hidden. */
  maskOf(name: ClassName): MaskShape
}

/** Compiles packs that `loadPack` accepted. */
export function createPolicy(packs: readonly Pack[]): PolicySet {
  const rules = rulebook(packs.flatMap((pack) => pack.rules.map((rule) => compileRule(pack, rule))))
  const masks = packs.flatMap((pack) => pack.masks)
  const version = versionOf(packs)
  const shapes = new Map(masks.map((mask) => [mask.class, leastShown(masks, mask.class)]))
  const record = Math.max(0, ...packs.map((pack) => pack.record?.rows ?? 0))
  const verdictOf = verdicts({ version, record })
  return {
    ...compileAccess(packs),
    version,
    packs,
    masks,
    detectors: DETECTORS.filter((detector) => masks.some((mask) => mask.detectors.includes(detector))),
    decide: (request) => verdictOf(judge(rules, request)),
    matching: (request) => matching(rules, request),
    maskOf: (name) => shapes.get(name) ?? 'hide',
  }
}

/** The rules of one family with what each wants of it. */
interface Asked<Of> {
  readonly rule: CompiledRule
  readonly match: Matching<Of>
}

interface Rulebook {
  readonly sql: readonly Asked<SqlSubject>[]
  readonly action: readonly Asked<ActionSubject>[]
}

const rulebook = (rules: readonly CompiledRule[]): Rulebook => ({
  sql: rules.flatMap((rule) => (rule.sql === undefined ? [] : [{ rule, match: rule.sql }])),
  action: rules.flatMap((rule) => (rule.action === undefined ? [] : [{ rule, match: rule.action }])),
})

/** Rules that the frame met, each once. */
function judge(rules: Rulebook, { facts, principal, target, rights = 'all' }: Request): readonly CompiledRule[] {
  if (facts.length === 0) return [FLOOR_NO_FACTS]
  const met: CompiledRule[] = []
  const cde = isCde(target)
  for (const one of facts) {
    const subject =
      one.kind === 'sql' ? new SqlSubject(one, principal, target) : new ActionSubject(one, principal, target)
    const found = subject instanceof SqlSubject ? meet(rules.sql, subject, met) : meet(rules.action, subject, met)
    if (rights !== 'all' && !covers(rights, one, subject.effects)) met.push(FLOOR_RIGHTS[rights])
    if (!cde) continue
    if (found === 'nothing') met.push(FLOOR_NO_RULE)
    else if (!one.complete && found === 'allowed') met.push(FLOOR_INCOMPLETE)
  }
  return met
}

/** Adds the rules that one statement meets to `met`. */
function meet<Of extends { readonly effects: number }>(
  rules: readonly Asked<Of>[],
  subject: Of,
  met: CompiledRule[],
): 'nothing' | 'allowed' | 'stopped' {
  let found: 'nothing' | 'allowed' | 'stopped' = 'nothing'
  for (const { rule, match } of rules) {
    if (match.needs !== 0 && (match.needs & subject.effects) === 0) continue
    if (!match.matches(subject)) continue
    if (rule.outcome.effect !== 'allow') found = 'stopped'
    else if (found === 'nothing') found = 'allowed'
    if (!met.includes(rule)) met.push(rule)
  }
  return found
}

function matching(rules: Rulebook, { facts, principal, target }: Request): readonly (readonly string[])[] {
  return facts.map((one) => {
    const met: CompiledRule[] = []
    if (one.kind === 'sql') meet(rules.sql, new SqlSubject(one, principal, target), met)
    else meet(rules.action, new ActionSubject(one, principal, target), met)
    return met.map((rule) => rule.outcome.rule)
  })
}

interface Terms {
  readonly version: string
  readonly record: number
}

/** Most statements meet one rule, and a verdict is made of nothing but the rules that were met: each of those is made once. */
function verdicts(terms: Terms): (met: readonly CompiledRule[]) => Verdict {
  const known = new Map<CompiledRule, Verdict>()
  return (met) => {
    const [only] = met
    if (only === undefined || met.length > 1) return verdict(met, terms)
    const made = known.get(only) ?? verdict(met, terms)
    known.set(only, made)
    return made
  }
}

function verdict(met: readonly CompiledRule[], { version, record }: Terms): Verdict {
  const effect = worst(met)
  const deciding = met.filter((rule) => effect === 'allow' || rule.outcome.effect !== 'allow')
  const rows = met.reduce((most, rule) => Math.max(most, rule.recordRows), record)
  return {
    effect,
    matches: ordered(deciding),
    holds: effect === 'hold' ? distinct(deciding.flatMap((rule) => rule.terms ?? [])) : [],
    policyVersion: version,
    ...(rows > 0 && { recordRows: rows }),
  }
}

const GRAVITY: Readonly<Record<RuleEffect, number>> = { allow: 0, hold: 1, deny: 2 }
const SEVERITY: Readonly<Record<RuleMatch['severity'], number>> = { low: 0, medium: 1, high: 2, critical: 3 }

function worst(met: readonly CompiledRule[]): RuleEffect {
  let effect: RuleEffect = 'allow'
  for (const { outcome } of met) if (GRAVITY[outcome.effect] > GRAVITY[effect]) effect = outcome.effect
  return effect
}

function ordered(met: readonly CompiledRule[]): readonly RuleMatch[] {
  const outcomes = distinct(met.map((rule) => rule.outcome))
  if (outcomes.length < 2) return outcomes
  return outcomes.sort((a, b) => GRAVITY[b.effect] - GRAVITY[a.effect] || SEVERITY[b.severity] - SEVERITY[a.severity])
}

const distinct = <T extends RuleMatch | HoldTerms>(items: readonly T[]): T[] => [...new Set(items)]

function leastShown(masks: readonly MaskEntry[], name: ClassName): MaskShape {
  const shown = masks.filter((mask) => mask.class === name).map((mask) => SHAPES.indexOf(mask.show))
  return SHAPES[Math.max(...shown)] ?? 'hide'
}

function versionOf(packs: readonly Pack[]): string {
  const hash = createHash('sha256')
  const sorted = packs.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  for (const { name, text } of sorted) hash.update(JSON.stringify([name, text]))
  return hash.digest('hex').slice(0, 16)
}
