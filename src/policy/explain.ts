import type { ActionFacts } from '../model/action-facts.ts'
import type { Facts, RelationUse, SqlFacts } from '../model/facts.ts'
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
    `${facts.kind === 'command' ? 'command' : 'statement'} ${index + 1} of ${request.facts.length}: ${nameOf(facts)}`,
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

/** What a person would call it. */
function nameOf(facts: Facts): string {
  switch (facts.kind) {
    case 'sql':
      return facts.verb
    case 'command':
      return facts.program ?? facts.word ?? 'no program'
    case 'shell':
      return 'an open shell'
    case 'file':
      return `${facts.by} ${facts.operation}`
    case 'forward':
      return `${facts.direction} forward of ${facts.host}:${facts.port}`
  }
}

const explainFacts = (facts: Facts): readonly string[] => [
  ...(facts.kind === 'sql' ? explainSql(facts) : explainAction(facts)),
  `${'complete'.padEnd(WIDTH)}${facts.complete ? 'yes' : 'no'}`,
  ...facts.gaps.map((gap) => `${'  gap'.padEnd(WIDTH)}${gap}`),
]

/** Arguments are left out: they are the line's own words, and the line is known to whoever asks. */
function explainAction(facts: ActionFacts): readonly string[] {
  const effects = row('effects', facts.effects)
  if (facts.kind !== 'command' && facts.kind !== 'file') return effects
  const paths = row(
    'paths',
    facts.paths.map(({ does, path }) => `${does} ${path}`),
  )
  if (facts.kind === 'file') return [...effects, ...paths]
  return [
    ...effects,
    ...row('options', facts.options),
    ...paths,
    ...row('through', facts.via),
    ...row('runs as', facts.account === undefined ? [] : [facts.account]),
    ...row('reads from', facts.readsFrom),
    ...row('writes to', facts.writesTo),
  ]
}

function explainSql(facts: SqlFacts): readonly string[] {
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
  ]
}

function explainMasks(facts: readonly Facts[], policy: PolicySet): readonly string[] {
  const classes = [...new Set(facts.flatMap((one) => (one.kind === 'sql' ? one.classes : [])))]
  if (classes.length === 0) return []
  return ['', 'masks', ...classes.map((name) => `  ${name.padEnd(WIDTH)}${policy.maskOf(name)}`)]
}

const WIDTH = 13

const row = (title: string, values: readonly string[]): readonly string[] =>
  values.length === 0 ? [] : [`${title.padEnd(WIDTH)}${values.join(', ')}`]

const relation = (use: RelationUse): string =>
  `${use.schema}.${use.name}${tagged(use.classes)}${use.via === undefined ? '' : ` through ${use.via}`}`

const tagged = (classes: readonly string[]): string => (classes.length === 0 ? '' : ` [${classes.join(', ')}]`)
