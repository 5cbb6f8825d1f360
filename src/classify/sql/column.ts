import type { ColumnUse, Effect } from '../../model/facts.ts'
import type { ClassName } from '../../model/ids.ts'

/** A column that a name in the text may resolve to: of a relation, a view, a subquery, a CTE or a function. */
export interface Column {
  readonly name: string
  /** Classes of data that may be in it. */
  readonly classes: readonly ClassName[]
  /** Naming it proves nothing against the statement's output: no class, and no part of a view that is not clear. */
  readonly clear: boolean
  /** pg_type OID, 0 where it is not known. */
  readonly typeOid: number
  /** Where it belongs to a relation of the catalog. */
  readonly use: ColumnUse | undefined
  /** What naming it does beyond `read`: one column of a system view may tell what the others do not. */
  readonly effects?: readonly Effect[]
}

export const NO_CLASSES: readonly ClassName[] = []

/** A column of something whose columns are not known, but which carries nothing of a relation. */
export const OPAQUE: Column = { name: '?', classes: NO_CLASSES, clear: true, typeOid: 0, use: undefined }

/** Columns that a query gives, in order. */
export interface Shape {
  readonly columns: readonly Column[]
  /** False where a merged join or an unknown function made the positions uncertain. */
  readonly ordered: boolean
}

export const EMPTY_SHAPE: Shape = { columns: [], ordered: true }

export function union(a: readonly ClassName[], b: readonly ClassName[]): readonly ClassName[] {
  if (b.length === 0 || a === b) return a
  if (a.length === 0) return b
  const more = b.filter((name) => !a.includes(name))
  return more.length === 0 ? a : [...a, ...more]
}

export const classesOf = (columns: Iterable<Column>): readonly ClassName[] => {
  let classes = NO_CLASSES
  for (const column of columns) classes = union(classes, column.classes)
  return classes
}

/** One column that stands for several of which any may be meant. */
export function either(columns: readonly Column[]): Column | undefined {
  const [first] = columns
  if (first === undefined || columns.length === 1) return first
  const clear = columns.every((column) => column.clear)
  return {
    name: first.name,
    classes: classesOf(columns),
    clear,
    typeOid: 0,
    use: columns.find((column) => column.classes.length > 0)?.use,
    ...effectsOf(columns),
  }
}

const effectsOf = (columns: readonly Column[]): Pick<Column, 'effects'> => {
  const effects = columns.flatMap((column) => column.effects ?? [])
  return effects.length > 0 ? { effects } : {}
}

/** A column under a new name, as a subquery, CTE or alias list hands it on. */
export const renamed = (column: Column, name: string): Column =>
  column.name === name && column.use === undefined
    ? column
    : { ...column, name, use: undefined, typeOid: column.typeOid }

/** The shape under a list of new names for its first columns. */
export function relabelled(shape: Shape, names: readonly string[]): Shape {
  if (names.length === 0) return shape
  if (shape.ordered) {
    return { ordered: true, columns: shape.columns.map((column, at) => renamed(column, names[at] ?? column.name)) }
  }
  // Which column a name stands for is not known, so each may be any.
  const any: Column = {
    ...OPAQUE,
    classes: classesOf(shape.columns),
    clear: shape.columns.every((column) => column.clear),
    ...effectsOf(shape.columns),
  }
  return { ordered: false, columns: [...names.map((name) => ({ ...any, name })), ...shape.columns] }
}

/** The columns of two branches of a set operation, by position. */
export function merged(left: Shape, right: Shape): Shape {
  const rightAll = classesOf(right.columns)
  const sure = left.ordered && right.ordered
  const columns = left.columns.map((column, at) => {
    const classes = union(column.classes, sure ? (right.columns[at]?.classes ?? NO_CLASSES) : rightAll)
    return { ...OPAQUE, name: column.name, classes, clear: classes.length === 0 }
  })
  return { columns, ordered: sure }
}
