import type { Facts, FunctionUse, RelationUse, SqlFacts } from '../model/facts.ts'
import type { Principal } from '../model/principal.ts'
import type { Rights } from '../model/rights.ts'
import type { Target } from '../model/target.ts'
import { NO_ACTION, type CelFacts } from './cel-variables.ts'
import { EFFECT_BIT } from './vocabulary.ts'

/** What a verdict is asked about: the facts of every statement of a frame, who sent it and where it would run. */
export interface Request {
  readonly facts: readonly Facts[]
  readonly principal: Principal
  readonly target: Target
  /** What the grant is for; where nobody is connected, as in `explain`, nothing narrows what the rules say. */
  readonly rights?: Rights
}

/** A dotted name in its parts. An empty schema is a name that did not resolve. */
export interface Name {
  readonly schema: string
  readonly name: string
  /** Only for columns. */
  readonly column?: string
}

/**
 * One statement as rules see it. What only few rules ask for is worked out when the first one asks: most statements never need it, and a
 * verdict stands between every new text and the database.
 */
export class SqlSubject {
  readonly facts: SqlFacts
  readonly principal: Principal
  readonly target: Target
  readonly effects: number
  #tables: readonly Name[] | undefined
  #classes: readonly string[] | undefined
  #cel: CelFacts | undefined

  constructor(facts: SqlFacts, principal: Principal, target: Target) {
    this.facts = facts
    this.principal = principal
    this.target = target
    let bits = 0
    for (const effect of facts.effects) bits |= EFFECT_BIT[effect]
    this.effects = bits
  }

  get verbs(): readonly string[] {
    return this.facts.verbs.length === 0 ? [this.facts.verb] : this.facts.verbs
  }

  get tables(): readonly Name[] {
    return (this.#tables ??= [...this.facts.reads, ...this.facts.writes])
  }

  get columns(): readonly Name[] {
    return this.facts.columns.map(({ schema, table, column }) => ({ schema, name: table, column }))
  }

  /** Classes of everything that is read or written, named or not. */
  get classes(): readonly string[] {
    return (this.#classes ??= classesOf(this.facts))
  }

  /** The words for what a COPY does, or none. */
  get copy(): readonly string[] {
    const { copy } = this.facts
    if (copy === undefined) return []
    if (copy.direction === 'in') return ['in-table']
    const what = copy.table === undefined ? 'out-query' : 'out-table'
    return copy.standardOptions ? [what] : [what, 'out-custom']
  }

  /** The same facts under the names that `when:` uses. */
  get cel(): CelFacts {
    return (this.#cel ??= celFacts(this))
  }
}

function celFacts(subject: SqlSubject): CelFacts {
  const { facts, principal, target } = subject
  return {
    ...NO_ACTION,
    kind: facts.kind,
    verbs: subject.verbs,
    effects: facts.effects,
    tables: subject.tables.map(dotted),
    reads: facts.reads.map(dotted),
    writes: facts.writes.map(dotted),
    columns: subject.columns.map((use) => `${dotted(use)}.${use.column ?? ''}`),
    classes: subject.classes,
    probes: facts.probes,
    functions: facts.functions.map(dotted),
    settings: facts.settings.map((setting) => setting.name),
    tags: target.tags,
    roles: principal.roles,
    gaps: facts.gaps,
    complete: facts.complete,
    filtered: facts.filtered,
    output: facts.output.kind,
    copy: subject.copy[0] ?? '',
    protocol: target.protocol,
    person: principal.person,
    target: target.name,
    service: principal.service,
  }
}

const dotted = (use: RelationUse | FunctionUse | Name): string => `${use.schema}.${use.name}`

function classesOf(facts: SqlFacts): readonly string[] {
  const written = facts.writes.flatMap((relation) => relation.classes)
  const named = facts.columns.flatMap((column) => column.classes)
  if (written.length === 0 && named.length === 0) return facts.classes
  return [...new Set([...facts.classes, ...written, ...named])]
}
