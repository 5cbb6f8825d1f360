import type { CopyStmt, Node } from '@pgsql/types'
import type { CopyUse } from '../../model/facts.ts'
import { booleanOf, constantOf } from './constants.ts'
import { columnOf, inner, ROOT, seeing, type Source } from './env.ts'
import { expression } from './expressions.ts'
import { printable } from './findings.ts'
import { relationSource, targetSource } from './relations.ts'
import { query } from './select.ts'
import { words } from './tree.ts'
import type { Walk } from './walk.ts'

/** COPY between a table or query and the client, a file or a program. */
export function copy(walk: Walk, body: CopyStmt): boolean {
  const { found } = walk
  found.verb('copy')
  const inwards = body.is_from === true
  if (body.is_program === true) found.effect('program')
  else if (body.filename !== undefined) found.effect('file')
  else found.effect(inwards ? 'import' : 'export')
  const source = body.relation === undefined ? undefined : table(walk, body)
  if (body.query !== undefined) query(walk, body.query, inner(ROOT))
  const options = optionsOf(body.options ?? [])
  const direct = body.is_program !== true && body.filename === undefined
  if (direct) found.copy = { direction: inwards ? 'in' : 'out', ...options, table: source && tableUse(source, body) }
  return direct && !inwards
}

function table(walk: Walk, body: CopyStmt): Source {
  const range = body.relation ?? {}
  const source = body.is_from === true ? targetSource(walk, range) : relationSource(walk, range, inner(ROOT))
  for (const name of words(body.attlist)) {
    const column = columnOf(source, name)
    if (column !== undefined) walk.found.column(column)
    else walk.found.gap(`the column ${printable(name)} is not known`)
  }
  // Without a list every column is copied, which is a star.
  if (body.attlist === undefined) walk.found.namesUnclear = true
  expression(walk, body.whereClause, seeing(inner(ROOT), [source]))
  return source
}

/** The columns in the order in which they are copied; generated ones are left out unless they are listed. */
function tableUse({ entity }: Source, body: CopyStmt): CopyUse['table'] {
  if (entity === undefined) return undefined
  const { columns, oid } = entity.relation
  const all = columns.filter((column) => column.generated !== true).map((column) => column.name)
  return { oid, columns: body.attlist === undefined ? all : words(body.attlist) }
}

type Options = Pick<CopyUse, 'format' | 'header' | 'standardOptions'>

function optionsOf(nodes: readonly Node[]): Options {
  let options: Options = { format: 'text', header: false, standardOptions: true }
  for (const node of nodes) {
    if (!('DefElem' in node)) return { ...options, standardOptions: false }
    const { defname, arg } = node.DefElem
    if (defname === 'format') options = withFormat(options, constantOf(arg))
    else if (defname === 'header') options = withHeader(options, arg)
    else options = { ...options, standardOptions: false }
  }
  return options
}

function withFormat(options: Options, format: string | undefined): Options {
  if (format === 'text' || format === 'csv' || format === 'binary') return { ...options, format }
  return { ...options, standardOptions: false }
}

function withHeader(options: Options, arg: Node | undefined): Options {
  const header = constantOf(arg)?.toLowerCase() === 'match' ? true : booleanOf(arg)
  return header === undefined ? { ...options, standardOptions: false } : { ...options, header }
}
