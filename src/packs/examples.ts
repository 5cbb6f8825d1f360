import type { Catalog } from '../model/catalog.ts'
import type { Facts, SqlFacts } from '../model/facts.ts'
import { personName, targetName } from '../model/ids.ts'
import { classifyCatalog, namesColumn, tagColumns } from '../policy/classify-columns.ts'
import { createPolicy, type PolicySet } from '../policy/decide.ts'
import { givenCatalog } from '../policy/given.ts'
import type { Pack, PackProblem } from '../policy/load.ts'
import type { Detector, MaskEntry, Sample } from '../policy/mask-entry.ts'
import { printExample, type Example, type Sent } from '../policy/example.ts'
import type { Rule } from '../policy/pack.ts'
import type { Request } from '../policy/subject.ts'
import { asError } from '../std/errors.ts'
import { accessExamples } from './access-examples.ts'

/** What running examples needs of other organs. */
export interface ExampleTools {
  /** Facts of everything that is sent; names of SQL resolved against `catalog` as a fresh session of it would. */
  explain(sent: Sent, catalog: Catalog): readonly Facts[]
  /** Whether the detector finds something in `text`. */
  detects(detector: Detector, text: string): boolean
}

/** Runs every example of the pack against the pack alone. Each one that does not behave is a problem at its own line. */
export function runExamples(pack: Pack, tools: ExampleTools): readonly PackProblem[] {
  const policy = createPolicy([pack])
  const world: World = { pack, policy, tools, catalog: catalogOf(pack, policy) }
  return [
    ...pack.rules.flatMap((_, index) => ruleExamples(world, index)),
    ...pack.masks.flatMap((_, index) => maskExamples(world, index)),
    ...accessExamples(pack, policy),
  ]
}

interface World {
  readonly pack: Pack
  readonly policy: PolicySet
  readonly tools: ExampleTools
  readonly catalog: Catalog
}

const KINDS = ['catches', 'spares'] as const
type Kind = (typeof KINDS)[number]

function catalogOf(pack: Pack, policy: PolicySet): Catalog {
  const bare = givenCatalog(pack.given)
  const given = Object.entries(pack.given?.classes ?? {})
  if (given.length === 0) return classifyCatalog(bare, policy)
  return tagColumns(bare, [...policy.masks, ...given.map(([name, columns]) => ({ class: name, columns, except: [] }))])
}

function ruleExamples(world: World, index: number): readonly PackProblem[] {
  const rule = world.pack.rules[index]
  if (rule === undefined) return []
  return KINDS.flatMap((kind) =>
    rule.examples[kind].flatMap((example, at) => {
      const fault = ruleFault(world, rule, { kind, example })
      const path = ['rules', index, 'examples', kind, at]
      return fault === undefined
        ? []
        : [world.pack.problem(path, `rule "${rule.id}" ${fault}: ${printExample(example)}`)]
    }),
  )
}

function ruleFault(world: World, rule: Rule, { kind, example }: { kind: Kind; example: Example }): string | undefined {
  const facts = classified(world, example)
  if (facts instanceof Error) return `has an example that cannot be classified (${facts.message})`
  const unread = facts.find((one) => one.gaps.some((gap) => gap.startsWith('syntax error')))
  if (kind === 'spares' && unread !== undefined)
    return `has an example that does not parse and so shows nothing (${unread.gaps.join(', ')})`
  const name = `${world.pack.name}/${rule.id}`
  const caught = world.policy.matching(requestOf(world.pack, example, facts)).some((rules) => rules.includes(name))
  if (caught === (kind === 'catches')) return undefined
  return `${caught ? 'should spare but catches' : 'should catch but spares'} this (${facts.map(summary).join('; ')})`
}

function classified({ tools, catalog }: World, sent: Sent): readonly Facts[] | Error {
  try {
    return tools.explain(sent, catalog)
  } catch (thrown) {
    return asError(thrown)
  }
}

function requestOf(pack: Pack, example: Example, facts: readonly Facts[]): Request {
  return {
    facts,
    principal: {
      person: personName(example.person ?? 'someone'),
      roles: example.roles ?? ['engineer'],
      service: example.service ?? false,
    },
    target: {
      name: targetName(example.target ?? 'example'),
      protocol: 'sql' in example ? 'postgres' : 'ssh',
      database: 'example',
      account: 'example',
      tags: example.tags ?? pack.given?.tags ?? [],
    },
  }
}

/** Enough of the facts to see why a rule does or does not match. */
function summary(facts: Facts): string {
  const parts = [
    ...(facts.kind === 'sql'
      ? ofSql(facts)
      : [facts.kind === 'command' ? (facts.program ?? 'no program') : facts.kind]),
    `effects ${facts.effects.join(' ') || 'none'}`,
    facts.complete ? '' : `incomplete: ${facts.gaps.join(', ')}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

const ofSql = (facts: SqlFacts): readonly string[] => [
  `verbs ${facts.verbs.join(' ')}`,
  facts.classes.length > 0 ? `classes ${facts.classes.join(' ')}` : '',
  facts.probes.length > 0 ? `probes ${facts.probes.join(' ')}` : '',
  facts.filtered ? '' : 'not filtered',
]

function maskExamples(world: World, index: number): readonly PackProblem[] {
  const mask = world.pack.masks[index]
  if (mask === undefined) return []
  return KINDS.flatMap((kind) =>
    mask.examples[kind].flatMap((sample, at) => {
      const caught = inMask(mask, sample, world.tools)
      if (caught === (kind === 'catches')) return []
      const path = ['masks', index, 'examples', kind, at]
      const fault = caught ? 'should spare but hides' : 'should hide but spares'
      return [
        world.pack.problem(
          path,
          `mask of ${mask.class} ${fault} this: ${'column' in sample ? sample.column : 'the value'}`,
        ),
      ]
    }),
  )
}

const inMask = (mask: MaskEntry, sample: Sample, tools: ExampleTools): boolean =>
  'column' in sample
    ? namesColumn(mask, sample.column)
    : mask.detectors.some((detector) => tools.detects(detector, sample.value))
