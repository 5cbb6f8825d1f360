import assert from 'node:assert/strict'
import type { Catalog, Relation } from '../../src/model/catalog.ts'
import type { SqlFacts, FunctionUse, RelationUse } from '../../src/model/facts.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import type { Principal } from '../../src/model/principal.ts'
import type { Target } from '../../src/model/target.ts'
import { createPolicy, type PolicySet } from '../../src/policy/decide.ts'
import { loadPack, type Pack } from '../../src/policy/load.ts'

/** SqlFacts of a complete `SELECT 1`, changed where the test says so. */
export const facts = (changes: Partial<SqlFacts> = {}): SqlFacts => ({
  kind: 'sql',
  verb: 'select',
  verbs: [changes.verb ?? 'select'],
  effects: [],
  reads: [],
  writes: [],
  columns: [],
  functions: [],
  settings: [],
  names: [],
  copy: undefined,
  filtered: true,
  classes: [],
  probes: [],
  output: { kind: 'clear' },
  changesCatalog: false,
  complete: true,
  gaps: [],
  span: { start: 0, end: 0 },
  clearLiterals: 'all',
  clearParameters: 'all',
  ...changes,
})

export function relationUse(name: string, changes: Partial<RelationUse> = {}): RelationUse {
  const [schema = '', table = ''] = name.split('.')
  return { oid: 20_000, schema, name: table, kind: 'table', classes: [], system: false, via: undefined, ...changes }
}

export function functionUse(name: string): FunctionUse {
  const [schema = '', bare = ''] = name.split('.')
  return { schema, name: bare, oids: [1], builtin: schema === 'pg_catalog' }
}

export const person = (changes: Partial<Principal> = {}): Principal => ({
  person: personName('alice'),
  roles: ['engineer'],
  service: false,
  ...changes,
})

export const target = (tags: readonly string[] = []): Target => ({
  name: targetName('shop'),
  protocol: 'postgres',
  database: 'shop',
  account: 'app',
  tags,
})

export const request = (statements: readonly SqlFacts[], tags: readonly string[] = []) => ({
  facts: statements,
  principal: person(),
  target: target(tags),
})

/** A pack from its text; the text must be right. */
export function pack(text: string, file = 'test.yaml'): Pack {
  const loaded = loadPack(text, file)
  assert.deepEqual(loaded.problems, [])
  assert.ok(loaded.pack)
  return loaded.pack
}

/** A policy of one pack named `t` with these rules; each gets what every rule needs and a test does not care for. */
export function policyOf(...rules: readonly string[]): PolicySet {
  return createPolicy([pack(['name: t', 'rules:', ...rules.map(filled)].join('\n'))])
}

const filled = (rule: string): string =>
  `  - { severity: low, description: d, message: m, examples: { catches: [SELECT 1], spares: [SELECT 2] }, ${rule} }`

export function relation(
  oid: number,
  name: string,
  changes: Partial<Relation> & { names?: readonly string[] } = {},
): Relation {
  const [schema = '', table = ''] = name.split('.')
  const { names = ['id', 'pan'], ...rest } = changes
  return {
    oid,
    schema,
    name: table,
    kind: 'table',
    columns: names.map((column, index) => ({ attnum: index + 1, name: column, typeOid: 25, classes: [] })),
    definition: undefined,
    hasRules: false,
    parents: [],
    estimatedRows: -1,
    system: false,
    ...rest,
  }
}

export const catalog = (relations: readonly Relation[]): Catalog => ({
  epoch: 'e1',
  serverVersion: 180_000,
  searchPath: ['public'],
  relations,
  functions: [],
  operators: new Set(),
  types: new Set(),
})
