import type { Effect } from '../../model/facts.ts'
import { effectsOf, HARMLESS_VOLATILE, INFORMATION_SCHEMA } from './function-effects.ts'
import { PG_CATALOG_FUNCTIONS } from './pg-catalog-functions.ts'

/** A function name of pg_catalog. The parse tree names no overload, so what is said holds for all of them. */
export interface BuiltinFunction {
  readonly name: string
  /** Of the least tame overload. */
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  /** pg_proc OIDs in a server of version 15, and of version 18. */
  readonly oids15: readonly number[]
  readonly oids18: readonly number[]
  /** What calling it can do beyond computing. */
  readonly effects: readonly Effect[]
  /** False for a volatile function that nobody has reviewed: calling it makes the facts incomplete. */
  readonly reviewed: boolean
}

const VOLATILITIES = { i: 'immutable', s: 'stable', v: 'volatile' } as const
const NO_EFFECTS: readonly Effect[] = []

const table: ReadonlyMap<string, BuiltinFunction> = new Map(
  PG_CATALOG_FUNCTIONS.trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(' ')), parsed(line)]),
)

/** Every row of the shipped table. */
export const builtinFunctions = (): Iterable<BuiltinFunction> => table.values()

/** The built-in function of that name, or undefined. Names are as the server folds them. */
export const builtinFunction = (name: string): BuiltinFunction | undefined => table.get(name)

/** OIDs of the name in a server of that version (server_version_num); between 15 and 18 those of either. */
export function oidsFor(builtin: BuiltinFunction, serverVersion: number): readonly number[] {
  if (serverVersion < 160000) return builtin.oids15
  if (serverVersion >= 180000) return builtin.oids18
  return [...new Set([...builtin.oids15, ...builtin.oids18])]
}

/** The helpers of information_schema that drivers call; all of them immutable or stable SQL over the catalog. */
export const isInformationSchemaFunction = (name: string): boolean => INFORMATION_SCHEMA.has(name)

function parsed(line: string): BuiltinFunction {
  const [name = '', letter = 'v', ...oids] = line.split(' ')
  const volatility = VOLATILITIES[letter === 'i' || letter === 's' ? letter : 'v']
  const effects = effectsOf(name) ?? NO_EFFECTS
  return {
    name,
    volatility,
    oids15: oids.filter((oid) => !oid.startsWith('+')).map(oidOf),
    oids18: oids.filter((oid) => !oid.startsWith('-')).map(oidOf),
    effects,
    reviewed: volatility !== 'volatile' || effects.length > 0 || HARMLESS_VOLATILE.has(name),
  }
}

function oidOf(text: string): number {
  return Number(text.replace(/^[+-]/, ''))
}
