import type { Catalog, Relation } from '../model/catalog.ts'
import type { SqlFacts, RelationUse } from '../model/facts.ts'

/** Facts as two readings of one statement compare: where it stood in its text does not count. */
export const sameFacts = (one: SqlFacts, other: SqlFacts): boolean => comparable(one) === comparable(other)

const OFFSETS: ReadonlySet<string> = new Set(['span', 'clearLiterals', 'clearParameters'])

const comparable = (facts: SqlFacts): string =>
  JSON.stringify(facts, (key, value: unknown) => (OFFSETS.has(key) ? undefined : value))

/** What the relations that some statements touch are defined as, by OID. Statistics are left out. */
export function definitionsOf(all: readonly SqlFacts[], catalog: Catalog): Readonly<Record<string, string>> {
  const oids = new Set(all.flatMap(usesOf).map((use) => use.oid))
  const touched = catalog.relations.filter((relation) => oids.has(relation.oid) && !relation.system)
  return Object.fromEntries(touched.map((relation) => [String(relation.oid), definitionOf(relation)]))
}

const definitionOf = ({ schema, name, kind, columns, definition, hasRules, parents }: Relation): string =>
  JSON.stringify([schema, name, kind, columns, definition ?? null, hasRules, [...parents].sort((a, b) => a - b)])

/** Every relation that a statement reads or writes. */
export const usesOf = ({ reads, writes }: SqlFacts): readonly RelationUse[] => [...reads, ...writes]

/** From here on names may mean something new: definitions changed, or code ran that nobody has read. */
export const movesNames = (facts: SqlFacts): boolean =>
  facts.changesCatalog ||
  !facts.complete ||
  facts.effects.includes('reading-setting') ||
  facts.verbs.includes('do') ||
  facts.verbs.includes('call')

/** Whether a session counts it as a change of its settings. */
export const changesSettings = ({ effects }: SqlFacts): boolean =>
  effects.includes('setting') || effects.includes('reading-setting')

/** What the statements of a script that ran already made of definitions, by the names that they used. */
export class OwnChanges {
  readonly #changed = new Set<string>()
  readonly #replaced = new Set<string>()
  #code = false

  note(facts: SqlFacts): void {
    if (facts.effects.includes('code') || !facts.complete) this.#code = true
    if (!facts.changesCatalog) return
    for (const use of usesOf(facts)) {
      this.#changed.add(keyOf(use))
      if (use.oid === 0 || facts.verbs.includes('drop')) this.#replaced.add(keyOf(use))
    }
  }

  /** Its columns may differ from what they were. */
  changed(use: RelationUse): boolean {
    return has(this.#changed, use)
  }

  /** It was made, or dropped, so that another relation may bear its name. */
  replaced(use: RelationUse): boolean {
    return has(this.#replaced, use)
  }

  /** Functions may have been made or replaced. */
  get code(): boolean {
    return this.#code
  }
}

const keyOf = ({ schema, name }: Pick<RelationUse, 'schema' | 'name'>): string => `${schema}\0${name}`

/** What was made without a schema is found under whichever one the server chose. */
const has = (keys: ReadonlySet<string>, use: RelationUse): boolean =>
  keys.has(keyOf(use)) || keys.has(keyOf({ schema: '', name: use.name }))

export interface Compared {
  readonly approved: SqlFacts
  readonly now: SqlFacts
  readonly own: OwnChanges
  readonly definitions: {
    readonly approved: Readonly<Record<string, string>>
    readonly now: Readonly<Record<string, string>>
  }
}

/**
 * For a statement behind others of its script that changed definitions: how it differs from what was approved beyond what those made of it, in words; undefined
 * where it does not.
 */
export function strayed({ approved, now, own, definitions }: Compared): string | undefined {
  if (!sameShape(approved, now)) return 'it would do something else'
  const known = new Map(usesOf(approved).map((use) => [keyOf(use), use]))
  for (const use of usesOf(now)) {
    if (use.system || use.via !== undefined) continue
    const then = known.get(keyOf(use)) ?? known.get(keyOf({ schema: '', name: use.name }))
    if (then === undefined || then.oid === 0) {
      if (use.oid !== 0 && !own.replaced(use)) return `${nameOf(use)} was not there when it was approved`
    } else if (!own.replaced(use)) {
      if (use.oid !== then.oid || use.kind !== then.kind) return `${nameOf(use)} is another relation now`
      if (!own.changed(use) && definitions.now[String(use.oid)] !== definitions.approved[String(use.oid)])
        return `${nameOf(use)} is defined differently now`
    }
  }
  return sameFunctions({ approved, now, own }) ? undefined : 'it would call other functions'
}

const sameShape = (approved: SqlFacts, now: SqlFacts): boolean =>
  SYNTAX.every((key) => JSON.stringify(approved[key]) === JSON.stringify(now[key])) &&
  (now.filtered || !approved.filtered) &&
  now.names.length === approved.names.length

const SYNTAX = ['verb', 'verbs', 'settings', 'copy'] as const

function sameFunctions({ approved, now, own }: Pick<Compared, 'approved' | 'now' | 'own'>): boolean {
  if (own.code) return true
  const printed = ({ functions }: SqlFacts): string =>
    JSON.stringify(functions.map(({ schema, name, oids, builtin }) => [schema, name, [...oids], builtin]).sort())
  return printed(approved) === printed(now)
}

const nameOf = ({ schema, name }: RelationUse): string => (schema === '' ? name : `${schema}.${name}`)
