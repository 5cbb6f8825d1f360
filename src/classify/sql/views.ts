import type { Relation } from '../../model/catalog.ts'
import type { RelationUse } from '../../model/facts.ts'
import { EMPTY_SHAPE } from './column.ts'
import type { Entities, ViewFacts } from './entities.ts'
import { inner, ROOT } from './env.ts'
import { Findings, printable } from './findings.ts'
import { isClear } from './output.ts'
import type { ParseOutcome } from './parse.ts'
import type { Scope } from './scope.ts'
import { query } from './select.ts'

/** Views in views deeper than this are not followed. */
const MAX_NESTING = 24

/** Makes the reader of view definitions. They are the database's own text: parsed here, never shown. */
export function viewExpander(
  parse: (text: string) => ParseOutcome,
): (relation: Relation, entities: Entities) => ViewFacts {
  const open = new Set<number>()
  return (relation, entities) => {
    const name = printable(relation.name)
    if (open.has(relation.oid)) return unknown(`the view ${name} refers to itself`)
    if (open.size >= MAX_NESTING) return unknown(`the view ${name} lies too deep in other views`)
    open.add(relation.oid)
    try {
      return read(relation, entities, parse)
    } finally {
      open.delete(relation.oid)
    }
  }
}

function read(relation: Relation, entities: Entities, parse: (text: string) => ParseOutcome): ViewFacts {
  const name = printable(relation.name)
  if (relation.definition === undefined) return unknown(`the definition of the view ${name} is not known`)
  const outcome = parse(relation.definition)
  const node = outcome.kind === 'parsed' && outcome.statements.length === 1 ? outcome.statements[0]?.stmt : undefined
  if (node === undefined || !('SelectStmt' in node)) return unknown(`the definition of the view ${name} was not read`)
  const found = new Findings()
  const shape = query({ found, entities, scope: scopeOf(entities), taint: [], depth: 0 }, node, inner(ROOT))
  found.settle()
  const gaps = found.gaps.map((gap) => `in the view ${name}: ${gap}`)
  return {
    uses: [...found.reads, ...found.writes].map((use) => under(use, relation)),
    shape,
    clear: isClear(found),
    effects: found.effects.filter((effect) => effect !== 'read' && effect !== 'rowlock'),
    functions: found.functions,
    gaps,
  }
}

const under = (use: RelationUse, view: Relation): RelationUse => ({ ...use, via: `${view.schema}.${view.name}` })

/** pg_get_viewdef leaves out a schema only where the path of the connection that asked makes it needless. */
const scopeOf = ({ catalog }: Entities): Scope => ({
  catalog,
  searchPath: catalog.searchPath,
  dirty: false,
  names: () => undefined,
})

const unknown = (gap: string): ViewFacts => ({
  uses: [],
  shape: EMPTY_SHAPE,
  clear: false,
  effects: [],
  functions: [],
  gaps: [gap],
})
