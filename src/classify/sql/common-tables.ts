import type { CommonTableExpr, WithClause } from '@pgsql/types'
import { EMPTY_SHAPE, OPAQUE, relabelled, union, type Column, type Shape } from './column.ts'
import { type Cte, type Env } from './env.ts'
import { expression } from './expressions.ts'
import { query } from './select.ts'
import { words } from './tree.ts'
import type { Walk } from './walk.ts'

/** Reads a WITH clause, every query of it, named later or not, and returns the level that sees its names. */
export function commonTables(walk: Walk, clause: WithClause, env: Env): Env {
  const ctes: Cte[] = []
  const level: Env = { sources: env.sources, ctes, parent: { sources: [], ctes: env.ctes, parent: env.parent } }
  const made: Lazy[] = []
  for (const node of clause.ctes ?? []) {
    if (!('CommonTableExpr' in node)) {
      walk.found.gap('a part of WITH is not known')
      continue
    }
    const cte = new Lazy({ walk, body: node.CommonTableExpr, level: { ...level, sources: [] } })
    if (clause.recursive !== true) cte.shape()
    ctes.push(cte)
    made.push(cte)
  }
  for (const cte of made) cte.shape()
  return level
}

interface CteParts {
  readonly walk: Walk
  readonly body: CommonTableExpr
  readonly level: Env
}

class Lazy implements Cte {
  readonly name: string
  readonly query: CommonTableExpr['ctequery']
  readonly #parts: CteParts
  #shape: Shape | undefined
  #started = false

  constructor(parts: CteParts) {
    this.name = parts.body.ctename ?? ''
    this.query = parts.body.ctequery
    this.#parts = parts
  }

  /** The first call reads the query; a call from inside it gets what the non-recursive branch gives. */
  shape(): Shape {
    if (this.#shape !== undefined) return this.#shape
    if (this.#started) {
      this.#parts.walk.found.gap('a recursive query refers to itself in an unknown way')
      return EMPTY_SHAPE
    }
    this.#started = true
    const seed = (left: Shape): void => {
      this.#shape = this.#labelled(left)
    }
    this.#shape = this.#labelled(query(this.#parts.walk, this.query, { ...this.#parts.level, seed }))
    return this.#shape
  }

  #labelled(shape: Shape): Shape {
    const { body, walk, level } = this.#parts
    const named = relabelled(shape, words(body.aliascolnames))
    const { search_clause: search, cycle_clause: cycle } = body
    if (search === undefined && cycle === undefined) return named
    expression(walk, cycle?.cycle_mark_value, level)
    expression(walk, cycle?.cycle_mark_default, level)
    const extra = [search?.search_seq_column, cycle?.cycle_mark_column, cycle?.cycle_path_column]
    return {
      ordered: named.ordered,
      columns: [...named.columns, ...extra.filter((name) => name !== undefined).map((name) => pathColumn(name, named))],
    }
  }
}

/** SEARCH and CYCLE columns collect values of the columns that they follow. */
function pathColumn(name: string, shape: Shape): Column {
  const classes = shape.columns.reduce((all, column) => union(all, column.classes), OPAQUE.classes)
  return { ...OPAQUE, name, classes, clear: classes.length === 0 }
}
