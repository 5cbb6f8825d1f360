import type { Catalog, CatalogFunction, Relation } from '../../model/catalog.ts'
import type { Effect, FunctionUse, RelationUse } from '../../model/facts.ts'
import type { ClassName } from '../../model/ids.ts'
import { classesOf, NO_CLASSES, union, type Column, type Shape } from './column.ts'
import { harmlessColumns, readingEffects } from './system-relations.ts'

/** A relation of the catalog with everything that reading it means, views expanded. */
export interface Entity {
  readonly relation: Relation
  readonly use: RelationUse
  /** Effects of reading it beyond `read`. */
  readonly effects: readonly Effect[]
  /** They come with certain columns alone. */
  readonly isGuarded: boolean
  readonly columns: ReadonlyMap<string, Column>
  readonly order: readonly Column[]
  readonly view: ViewFacts | undefined
}

/** What lies behind a view. */
export interface ViewFacts {
  /** Relations under it, each with `via`. */
  readonly uses: readonly RelationUse[]
  readonly shape: Shape
  /** Its own definition is clear by the rule for statements. */
  readonly clear: boolean
  readonly effects: readonly Effect[]
  readonly functions: readonly FunctionUse[]
  readonly gaps: readonly string[]
}

export type ExpandView = (relation: Relation, entities: Entities) => ViewFacts

/** A catalog made ready for look-ups by name. Built once for each catalog; relations are worked out when first asked for. */
export class Entities {
  readonly catalog: Catalog
  readonly functions: ReadonlyMap<string, readonly CatalogFunction[]>
  readonly #byName = new Map<string, Map<string, Relation>>()
  readonly #made = new Map<Relation, Entity>()
  readonly #families: Families
  readonly #expand: ExpandView

  constructor(catalog: Catalog, expand: ExpandView) {
    this.catalog = catalog
    this.functions = Map.groupBy(catalog.functions, (one) => one.name)
    this.#expand = expand
    this.#families = new Families(catalog.relations)
    for (const relation of catalog.relations) {
      const schema = this.#byName.get(relation.schema) ?? new Map<string, Relation>()
      this.#byName.set(relation.schema, schema.set(relation.name, relation))
    }
  }

  find(schema: string, name: string): Entity | undefined {
    const relation = this.#byName.get(schema)?.get(name)
    return relation && (this.#made.get(relation) ?? this.#make(relation))
  }

  #make(relation: Relation): Entity {
    const view = isExpandable(relation) ? this.#expand(relation, this) : undefined
    const order = relation.columns.map((column, at) => this.#column(relation, { view, column, at }))
    const classes = union(classesOf(order), this.#families.classes(relation))
    const { oid, schema, name, kind, system } = relation
    const use: RelationUse = { oid, schema, name, kind, classes, system, via: undefined }
    const effects: Effect[] = [...readingEffects(schema, name)]
    if (kind === 'foreign-table') effects.push('network')
    const isGuarded = harmlessColumns(schema, name) !== undefined
    const columns = new Map(order.map((one) => [one.name, one]))
    const made: Entity = { relation, use, effects, isGuarded, order, columns, view }
    this.#made.set(relation, made)
    return made
  }

  #column(relation: Relation, { view, column, at }: Placed): Column {
    const own = union(column.classes, this.#families.columnClasses(relation, column.name))
    const under = view === undefined ? NO_CLASSES : behind(view.shape, at)
    const classes = union(own, under)
    const use = { schema: relation.schema, table: relation.name, column: column.name, classes }
    return {
      name: column.name,
      classes,
      clear: classes.length === 0 && view?.clear !== false,
      typeOid: column.typeOid,
      use,
      ...secretsOf(relation, column.name),
    }
  }
}

interface Placed {
  readonly view: ViewFacts | undefined
  readonly column: Relation['columns'][number]
  readonly at: number
}

function secretsOf({ schema, name }: Relation, column: string): Pick<Column, 'effects'> {
  const harmless = harmlessColumns(schema, name)
  return harmless === undefined || harmless.has(column) ? {} : { effects: readingEffects(schema, name) }
}

const isExpandable = ({ kind, system }: Relation): boolean =>
  !system && (kind === 'view' || kind === 'materialized-view')

const behind = (shape: Shape, at: number): readonly ClassName[] =>
  shape.ordered ? (shape.columns[at]?.classes ?? NO_CLASSES) : classesOf(shape.columns)

/** Inheritance and partitions: what lies in one member may be read through, or lie under, any other. */
class Families {
  readonly #rootOf = new Map<number, number>()
  readonly #columns = new Map<number, Map<string, readonly ClassName[]>>()

  constructor(relations: readonly Relation[]) {
    for (const { oid, parents } of relations) for (const parent of parents) this.#join(oid, parent)
    if (this.#rootOf.size === 0) return
    for (const { oid, columns } of relations) {
      if (!this.#rootOf.has(oid)) continue
      const family = this.#family(this.#root(oid))
      for (const { name, classes } of columns) family.set(name, union(family.get(name) ?? NO_CLASSES, classes))
    }
  }

  columnClasses({ oid }: Relation, name: string): readonly ClassName[] {
    if (!this.#rootOf.has(oid)) return NO_CLASSES
    return this.#columns.get(this.#root(oid))?.get(name) ?? NO_CLASSES
  }

  classes({ oid }: Relation): readonly ClassName[] {
    if (!this.#rootOf.has(oid)) return NO_CLASSES
    let classes = NO_CLASSES
    for (const more of this.#family(this.#root(oid)).values()) classes = union(classes, more)
    return classes
  }

  #family(root: number): Map<string, readonly ClassName[]> {
    const family = this.#columns.get(root) ?? new Map<string, readonly ClassName[]>()
    this.#columns.set(root, family)
    return family
  }

  #root(oid: number): number {
    let root = oid
    for (let up = this.#rootOf.get(root); up !== undefined && up !== root; up = this.#rootOf.get(root)) root = up
    return root
  }

  #join(child: number, parent: number): void {
    if (!this.#rootOf.has(child)) this.#rootOf.set(child, child)
    if (!this.#rootOf.has(parent)) this.#rootOf.set(parent, parent)
    this.#rootOf.set(this.#root(child), this.#root(parent))
  }
}
