import type { Effect, FunctionUse } from '../../model/facts.ts'
import { printable } from './findings.ts'
import { builtinFunction, isInformationSchemaFunction, oidsFor, type BuiltinFunction } from './functions.ts'
import { trustNames, type Walk } from './walk.ts'

/** Notes the call of a function by its name (`[name]` or `[schema, name]`) with its effects; returns whether it is a known built-in. */
export function functionUse(walk: Walk, path: readonly string[]): boolean {
  const name = path.at(-1) ?? ''
  const schema = path.at(-2)
  const builtin = schema === undefined || schema === 'pg_catalog' ? builtinFunction(name) : undefined
  if (builtin !== undefined && isCertain(walk, builtin, schema)) return builtinUse(walk, builtin)
  if (schema === 'information_schema' && isInformationSchemaFunction(name)) {
    walk.found.call({ schema, name, oids: [], builtin: true })
    return true
  }
  userUse(walk, { schema, name, builtin })
  return false
}

/** Whether the name can mean nothing but the function of pg_catalog. Overloads are chosen over the whole search path. */
function isCertain(walk: Walk, builtin: BuiltinFunction, schema: string | undefined): boolean {
  const { entities, scope } = walk
  if (schema === 'pg_catalog')
    return entities === undefined || oidsFor(builtin, entities.catalog.serverVersion).length > 0
  if (entities === undefined || scope.searchPath === undefined) return false
  if (oidsFor(builtin, entities.catalog.serverVersion).length === 0) return false
  const { searchPath } = scope
  return !entities.functions.get(builtin.name)?.some((one) => searchPath.includes(one.schema))
}

function builtinUse(walk: Walk, builtin: BuiltinFunction): boolean {
  const { found, entities } = walk
  const oids = entities === undefined ? [] : oidsFor(builtin, entities.catalog.serverVersion)
  found.call({ schema: 'pg_catalog', name: builtin.name, oids, builtin: true })
  for (const effect of builtin.effects) found.effect(effect)
  if (!builtin.reviewed) found.gap(`the function ${builtin.name} has not been reviewed`)
  return true
}

interface Called {
  readonly schema: string | undefined
  readonly name: string
  readonly builtin: BuiltinFunction | undefined
}

function userUse(walk: Walk, { schema, name, builtin }: Called): void {
  const { found } = walk
  const known = walk.entities?.functions.get(name)?.filter((one) => schema === undefined || one.schema === schema) ?? []
  const use: FunctionUse = {
    schema: schema ?? known[0]?.schema ?? '',
    name,
    oids: known.map((one) => one.oid),
    builtin: false,
  }
  found.call(use)
  for (const effect of effectsByName(name)) found.effect(effect)
  if (builtin !== undefined) for (const effect of builtin.effects) found.effect(effect)
  found.gap(`the function ${printable(name)} is not known`)
  trustNames(walk)
}

/** Functions of well-known extensions that reach out or run text; the rest are unknown all the same. */
function effectsByName(name: string): readonly Effect[] {
  if (name.startsWith('dblink')) return ['network', 'code']
  if (/^(crosstab|connectby|xpath_table)/.test(name)) return ['code', 'read']
  if (/^(get_raw_page|heap_page|bt_page|page_header|pg_buffercache|fsm_page|hash_page|gin_page|brin_page)/.test(name))
    return ['file']
  if (/^(pg_file_|pg_logdir_ls)/.test(name)) return ['file']
  return []
}
