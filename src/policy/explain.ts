import type { Facts, RelationUse } from '../model/facts.ts'
import type { HoldTerms, Verdict } from '../model/verdict.ts'
import { printDuration } from '../std/duration.ts'
import type { PolicySet } from './decide.ts'
import type { Request } from './subject.ts'
import { visible } from './visible.ts'

/**
 * What the policy makes of a frame, as lines for a terminal: the verdict and who decided it, then the facts of each statement and the masks
 * of the classes that it touches. No literal of the statement is among them, and nothing that a terminal would act on.
 */
export function explain(request: Request, policy: PolicySet): readonly string[] {
  const verdict = policy.decide(request)
  const rules = policy.matching(request)
  const statements = request.facts.flatMap((facts, index) => [
    '',
    `statement ${index + 1} of ${request.facts.length}: ${facts.verb}`,
    ...explainFacts(facts).map((line) => `  ${line}`),
    ...row('rules', rules[index] ?? []).map((line) => `  ${line}`),
  ])
  return [...explainVerdict(verdict), ...statements, ...explainMasks(request.facts, policy)].map(visible)
}

/** The verdict alone: its effect, each rule with its message, what a hold asks for. */
export function explainVerdict(verdict: Verdict): readonly string[] {
  const matches = verdict.matches.map(
    (match) => `  ${match.effect.padEnd(5)} ${match.rule} (${match.severity}): ${match.message}`,
  )
  const nobody = verdict.matches.length === 0 ? ['  no rule matches'] : []
  return [
    `verdict: ${verdict.effect}`,
    ...matches,
    ...nobody,
    ...verdict.holds.map(explainTerms),
    `policy: ${verdict.policyVersion}`,
  ].map(visible)
}

function explainTerms({ rule, from, need, withinMs, notify, escalation = [] }: HoldTerms): string {
  const who = `${need} ${from.join(' or ')}${need > 1 ? 's' : ''}`
  const told = notify.length === 0 ? '' : `, tells ${notify.join(', ')}`
  const later = escalation.map((step) => `, after ${printDuration(step.afterMs)} also ${step.from.join(' or ')}`)
  return `  needs ${who} within ${printDuration(withinMs)} for ${rule}${told}${later.join('')}`
}

function explainFacts(facts: Facts): readonly string[] {
  return [
    ...row('verbs', facts.verbs),
    ...row('effects', facts.effects),
    ...row('reads', facts.reads.map(relation)),
    ...row('writes', facts.writes.map(relation)),
    ...row(
      'columns',
      facts.columns.map((use) => `${use.schema}.${use.table}.${use.column}${tagged(use.classes)}`),
    ),
    ...row(
      'functions',
      facts.functions.map((use) => `${use.schema}.${use.name}${use.builtin ? '' : ' (not built in)'}`),
    ),
    // Names only: a setting's value is the statement's literal.
    ...row(
      'settings',
      facts.settings.map((use) => `${use.name} (${use.scope})`),
    ),
    ...row('classes', facts.classes),
    ...row('computes on', facts.probes),
    ...(facts.writes.length > 0 ? [`${'filtered'.padEnd(WIDTH)}${facts.filtered ? 'yes' : 'no'}`] : []),
    `${'output'.padEnd(WIDTH)}${facts.output.kind}`,
    `${'complete'.padEnd(WIDTH)}${facts.complete ? 'yes' : 'no'}`,
    ...facts.gaps.map((gap) => `${'  gap'.padEnd(WIDTH)}${gap}`),
  ]
}

function explainMasks(facts: readonly Facts[], policy: PolicySet): readonly string[] {
  const classes = [...new Set(facts.flatMap((one) => one.classes))]
  if (classes.length === 0) return []
  return ['', 'masks', ...classes.map((name) => `  ${name.padEnd(WIDTH)}${policy.maskOf(name)}`)]
}

const WIDTH = 13

const row = (title: string, values: readonly string[]): readonly string[] =>
  values.length === 0 ? [] : [`${title.padEnd(WIDTH)}${values.join(', ')}`]

const relation = (use: RelationUse): string =>
  `${use.schema}.${use.name}${tagged(use.classes)}${use.via === undefined ? '' : ` through ${use.via}`}`

const tagged = (classes: readonly string[]): string => (classes.length === 0 ? '' : ` [${classes.join(', ')}]`)
