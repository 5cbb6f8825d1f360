import { personName, targetName } from '../model/ids.ts'
import type { AccessExample } from '../policy/access-entry.ts'
import type { AccessInput } from '../policy/access-rules.ts'
import type { PolicySet } from '../policy/decide.ts'
import type { Pack, PackProblem } from '../policy/load.ts'

/** Runs every example of the pack's access rules. Each one that does not behave is a problem at its own line. */
export function accessExamples(pack: Pack, policy: Pick<PolicySet, 'matchingAccess'>): readonly PackProblem[] {
  return pack.access.flatMap((rule, index) =>
    (['catches', 'spares'] as const).flatMap((kind) =>
      rule.examples[kind].flatMap((example, at) => {
        const caught = policy.matchingAccess(inputOf(pack, example)).includes(`${pack.name}/${rule.id}`)
        if (caught === (kind === 'catches')) return []
        const fault = caught ? 'should spare but catches' : 'should catch but spares'
        const path = ['access', index, 'examples', kind, at]
        return [pack.problem(path, `access rule "${rule.id}" ${fault} this: ${summary(inputOf(pack, example))}`)]
      }),
    ),
  )
}

/** A Wednesday at noon. */
const NOON = Date.UTC(2026, 0, 7, 12)
const HALF_HOUR = 1_800_000

const inputOf = (pack: Pack, example: AccessExample): AccessInput => ({
  principal: {
    person: personName(example.person ?? 'someone'),
    roles: example.roles ?? ['engineer'],
    service: false,
  },
  target: {
    name: targetName(example.target ?? 'example'),
    protocol: 'postgres',
    database: 'example',
    account: 'example',
    tags: example.tags ?? pack.given?.tags ?? [],
  },
  rights: example.rights ?? 'all',
  forMs: example.for ?? HALF_HOUR,
  ticket: example.ticket,
  at: example.at ?? NOON,
})

/** What a rule looks at, what was left out filled in. */
function summary({ principal, target, rights, forMs, ticket, at }: AccessInput): string {
  const parts = [
    `${principal.person} (${principal.roles.join(' ')})`,
    `target ${target.name}`,
    `tags ${target.tags.join(' ') || 'none'}`,
    ...(rights === 'all' ? [] : [`rights ${rights}`]),
    `for ${Math.ceil(forMs / 60_000)}m`,
    ticket === undefined ? 'no ticket' : `ticket ${ticket}`,
    `at ${new Date(at).toISOString()}`,
  ]
  return parts.join(', ')
}
