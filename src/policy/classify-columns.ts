import type { Catalog, CatalogColumn, Relation } from '../model/catalog.ts'
import type { ClassName } from '../model/ids.ts'
import type { PolicySet } from './decide.ts'
import { families } from './families.ts'
import { anyOf, isGlob } from './glob.ts'
import { columnParts } from './names.ts'

/** Which columns belong to a class: patterns of one to three dotted parts, compared without regard to case. */
export interface ColumnRule {
  readonly class: ClassName
  readonly columns: readonly string[]
  readonly except: readonly string[]
}

/**
 * The catalog with `classes` of every column as the packs' masks say; what stood there before is forgotten. Partitions and inheritance
 * children share the classes of their family's columns of the same name, and what a generated column is computed from hands it its own. The system's own tables are tagged only by a pattern that names
 * their schema. The epoch stays: whoever keeps verdicts must key them by the policy's version as well.
 */
export const classifyCatalog = (catalog: Catalog, policy: Pick<PolicySet, 'masks'>): Catalog =>
  tagColumns(catalog, policy.masks)

/** `classifyCatalog` for rules that come from elsewhere. */
export function tagColumns(catalog: Catalog, rules: readonly ColumnRule[]): Catalog {
  const taggers = rules.map(compileTagger)
  const tagged = catalog.relations.map((relation) => tagRelation(relation, taggers))
  const relations = families(tagged)
  const spared = rules.map((rule) => compileTagger({ class: rule.class, columns: rule.except, except: [] }))
  const handedOn = relations.map((relation) => tagGenerated(relation, spared))
  return { ...catalog, relations: handedOn.some((one, at) => one !== relations[at]) ? families(handedOn) : relations }
}

/** The server reports a generated column as its own origin, whatever it is computed from. What a mask excepts by name (`pan_last4`) stays so. */
function tagGenerated(relation: Relation, spared: readonly Tagger[]): Relation {
  if (!relation.columns.some(({ computedFrom }) => computedFrom !== undefined)) return relation
  const exceptions = testsOf(relation, spared)
  const columns = relation.columns.map((column): CatalogColumn => {
    const name = column.name.toLowerCase()
    const sources = relation.columns.filter(({ attnum }) => column.computedFrom?.includes(attnum))
    const behind = sources.flatMap(({ classes }) => classes)
    const handed = behind.filter((one) => !exceptions.some((test) => test.class === one && test.matches(name)))
    return { ...column, classes: [...new Set([...column.classes, ...handed])] }
  })
  return { ...relation, columns }
}

/** Whether the mask's patterns name this column of `schema.table`. For a mask's own examples. */
export function namesColumn(rule: ColumnRule, written: string): boolean {
  const { schema, table, column } = columnParts(written.toLowerCase())
  return compileTagger(rule).tags({ schema, table, system: false })(column)
}

interface Owner {
  readonly schema: string
  readonly table: string
  readonly system: boolean
}

interface Tagger {
  readonly class: ClassName
  /** The test for the columns of one relation. */
  tags(owner: Owner): ColumnTest
}

interface Pattern {
  readonly text: string
  readonly schema: (text: string) => boolean
  readonly table: (text: string) => boolean
  readonly column: string
  readonly namesSchema: boolean
}

function compileTagger(rule: ColumnRule): Tagger {
  const wanted = columnTests(rule.columns.map(compilePattern))
  const spared = columnTests(rule.except.map(compilePattern))
  return {
    class: rule.class,
    tags: (owner) => {
      const named = wanted(owner)
      if (named === undefined) return never
      const except = spared(owner)
      return except === undefined ? named : (column) => named(column) && !except(column)
    },
  }
}

function compilePattern(text: string): Pattern {
  const { schema, table, column } = columnParts(text.toLowerCase())
  return {
    text,
    schema: anyOf([schema]),
    table: anyOf([table]),
    column,
    namesSchema: text.includes('.') && !isGlob(schema),
  }
}

type ColumnTest = (column: string) => boolean

/** Makes the test for one relation's columns. One is compiled for every set of patterns that applies together: most tables meet the same few. */
function columnTests(patterns: readonly Pattern[]): (owner: Owner) => ColumnTest | undefined {
  const compiled = new Map<string, ColumnTest>()
  return (owner) => {
    const fitting = patterns.filter((pattern) => fits(pattern, owner))
    if (fitting.length === 0) return undefined
    const key = fitting.map((pattern) => pattern.text).join(' ')
    const test = compiled.get(key) ?? anyOf(fitting.map((pattern) => pattern.column))
    compiled.set(key, test)
    return test
  }
}

const fits = (pattern: Pattern, owner: Owner): boolean =>
  (!owner.system || pattern.namesSchema) && pattern.table(owner.table) && pattern.schema(owner.schema)

const never = (): boolean => false

function tagRelation(relation: Relation, taggers: readonly Tagger[]): Relation {
  const tests = testsOf(relation, taggers)
  return { ...relation, columns: relation.columns.map((column) => tagColumn(column, tests)) }
}

interface ClassTest {
  readonly class: ClassName
  readonly matches: ColumnTest
}

/** The tests for the columns of one relation that any of them may pass. */
function testsOf({ schema, name, system }: Relation, taggers: readonly Tagger[]): readonly ClassTest[] {
  const owner = { schema: schema.toLowerCase(), table: name.toLowerCase(), system }
  return taggers
    .map((tagger) => ({ class: tagger.class, matches: tagger.tags(owner) }))
    .filter(({ matches }) => matches !== never)
}

function tagColumn(column: CatalogColumn, tests: readonly ClassTest[]): CatalogColumn {
  const name = column.name.toLowerCase()
  const classes = tests.filter(({ matches }) => matches(name)).map((test) => test.class)
  return { ...column, classes: classes.length < 2 ? classes : [...new Set(classes)] }
}
