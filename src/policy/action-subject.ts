import type { ActionFacts, CommandFacts, FileFacts, ForwardFacts, PathUse } from '../model/action-facts.ts'
import type { Principal } from '../model/principal.ts'
import type { Target } from '../model/target.ts'
import { NO_ACTION, NO_SQL, type CelFacts } from './cel-variables.ts'
import { ACTION_EFFECT_BIT } from './vocabulary.ts'

/** Values of one key; undefined among them is one that nobody can know before it runs. */
export type Known = readonly (string | undefined)[]

const NONE: readonly string[] = []

/** One thing that is done over SSH as rules see it. */
export class ActionSubject {
  readonly facts: ActionFacts
  readonly principal: Principal
  readonly target: Target
  readonly effects: number

  constructor(facts: ActionFacts, principal: Principal, target: Target) {
    this.facts = facts
    this.principal = principal
    this.target = target
    this.effects = facts.effects.reduce((bits, effect) => bits | ACTION_EFFECT_BIT[effect], 0)
  }

  /** Nothing where no program runs; unknown where its name is known only at run time. */
  get programs(): Known {
    const { facts } = this
    if (facts.kind !== 'command') return NONE
    return facts.program === undefined && facts.effects.includes('hidden') ? [undefined] : present(facts.program)
  }

  get words(): Known {
    return this.facts.kind === 'command' ? this.facts.arguments : NONE
  }

  get options(): Known {
    const { facts } = this
    if (facts.kind !== 'command') return NONE
    // An argument that nobody knows yet may be an option.
    return facts.arguments.includes(undefined) ? [...facts.options, undefined] : facts.options
  }

  get via(): Known {
    return this.facts.kind === 'command' ? this.facts.via : NONE
  }

  get accounts(): Known {
    return this.facts.kind === 'command' ? present(this.facts.account) : NONE
  }

  get operations(): Known {
    return this.facts.kind === 'file' ? [this.facts.operation] : NONE
  }

  get means(): Known {
    return this.facts.kind === 'file' ? [this.facts.by] : NONE
  }

  get directions(): Known {
    return this.facts.kind === 'forward' ? [this.facts.direction] : NONE
  }

  get hosts(): Known {
    return this.facts.kind === 'forward' ? [this.facts.host] : NONE
  }

  get ports(): Known {
    return this.facts.kind === 'forward' ? [String(this.facts.port)] : NONE
  }

  /** Paths that something of this sort is done to; unknown where it depends on a directory that nobody knows here. */
  paths(does: readonly PathUse['does'][] | undefined): Known {
    const { facts } = this
    if (facts.kind !== 'command' && facts.kind !== 'file') return NONE
    const uses = does === undefined ? facts.paths : facts.paths.filter((use) => does.includes(use.does))
    return uses.map(({ path, absolute }) => (absolute || path.startsWith('~/') || path === '~' ? path : undefined))
  }

  /** The same facts under the names that `when:` uses. */
  get cel(): CelFacts {
    const { facts, principal, target } = this
    return {
      ...NO_SQL,
      ...NO_ACTION,
      kind: facts.kind,
      effects: facts.effects,
      gaps: facts.gaps,
      complete: facts.complete,
      tags: target.tags,
      roles: principal.roles,
      protocol: target.protocol,
      person: principal.person,
      target: target.name,
      service: principal.service,
      ...kindFacts(facts),
    }
  }
}

const present = (value: string | undefined): readonly string[] => (value === undefined ? NONE : [value])

function kindFacts(facts: ActionFacts): Partial<CelFacts> {
  switch (facts.kind) {
    case 'command':
      return ofCommand(facts)
    case 'file':
      return ofFile(facts)
    case 'forward':
      return ofForward(facts)
    case 'shell':
      return {}
  }
}

const ofCommand = (facts: CommandFacts): Partial<CelFacts> => ({
  program: facts.program ?? '',
  arguments: facts.arguments.map((word) => word ?? ''),
  options: facts.options,
  paths: facts.paths.map(({ path }) => path),
  via: facts.via,
  runs_as: facts.account ?? '',
  background: facts.background,
})

const ofFile = (facts: FileFacts): Partial<CelFacts> => ({
  paths: facts.paths.map(({ path }) => path),
  operation: facts.operation,
  by: facts.by,
})

const ofForward = ({ direction, host, port }: ForwardFacts): Partial<CelFacts> => ({
  direction,
  host,
  port: BigInt(port),
})
