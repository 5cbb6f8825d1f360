import type { CreateTableAsStmt, ViewStmt } from '@pgsql/types'
import type { Shape } from './column.ts'
import { inner, ROOT } from './env.ts'
import { noteCreated } from './relations.ts'
import { query } from './select.ts'
import { statement } from './statements.ts'
import { useTainted, type Walk } from './walk.ts'

/** CREATE TABLE AS and CREATE MATERIALIZED VIEW keep a copy of what the query gives. */
export function createTableAs(walk: Walk, body: CreateTableAsStmt): boolean {
  walk.found.verb('create')
  walk.found.effect('ddl')
  walk.found.changesCatalog = true
  noteCreated(walk, body.into?.rel)
  const { query: node } = body
  if (node === undefined) walk.found.gap('the statement is not known')
  else if ('ExecuteStmt' in node) {
    statement(walk, node)
    walk.found.probe(walk.found.reads.flatMap((use) => use.classes))
  } else copied(walk, query(walk, node, inner(ROOT)))
  return false
}

/** CREATE VIEW hands columns on under other names, for everybody who may read it. */
export function createView(walk: Walk, body: ViewStmt): boolean {
  walk.found.verb('create')
  walk.found.effect('ddl')
  walk.found.changesCatalog = true
  noteCreated(walk, body.view)
  copied(walk, query(walk, body.query, inner(ROOT)))
  return false
}

function copied(walk: Walk, shape: Shape): void {
  for (const column of shape.columns) useTainted(walk, column)
}
