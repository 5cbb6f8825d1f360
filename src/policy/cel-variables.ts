/** Variables of `when:` that every kind of statement has. Lists carry the plural of the match key's name. */
const COMMON = {
  kind: 'string',
  effects: 'list<string>',
  tags: 'list<string>',
  roles: 'list<string>',
  gaps: 'list<string>',
  complete: 'bool',
  protocol: 'string',
  person: 'string',
  target: 'string',
  service: 'bool',
} as const

/** Variables that are about SQL; empty for anything else. */
const SQL = {
  verbs: 'list<string>',
  tables: 'list<string>',
  reads: 'list<string>',
  writes: 'list<string>',
  columns: 'list<string>',
  classes: 'list<string>',
  probes: 'list<string>',
  functions: 'list<string>',
  settings: 'list<string>',
  filtered: 'bool',
  output: 'string',
  copy: 'string',
} as const

/** Variables that are about what is done over SSH; empty for SQL. */
const ACTION = {
  program: 'string',
  arguments: 'list<string>',
  options: 'list<string>',
  paths: 'list<string>',
  via: 'list<string>',
  runs_as: 'string',
  background: 'bool',
  operation: 'string',
  by: 'string',
  direction: 'string',
  host: 'string',
  port: 'int',
} as const

/** The variables of a `when:` expression with their CEL types. */
export const CEL_VARIABLES = { ...COMMON, ...SQL, ...ACTION } as const

/** A value for each variable. */
export type CelFacts = Record<keyof typeof CEL_VARIABLES, unknown>

const NOTHING: readonly string[] = []

export const NO_SQL: Record<keyof typeof SQL, unknown> = {
  verbs: NOTHING,
  tables: NOTHING,
  reads: NOTHING,
  writes: NOTHING,
  columns: NOTHING,
  classes: NOTHING,
  probes: NOTHING,
  functions: NOTHING,
  settings: NOTHING,
  filtered: true,
  output: 'none',
  copy: '',
}

export const NO_ACTION: Record<keyof typeof ACTION, unknown> = {
  program: '',
  arguments: NOTHING,
  options: NOTHING,
  paths: NOTHING,
  via: NOTHING,
  runs_as: '',
  background: false,
  operation: '',
  by: '',
  direction: '',
  host: '',
  port: 0n,
}
