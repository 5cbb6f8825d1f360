import type { Relation } from '../model/catalog.ts'
import type { ClassName } from '../model/ids.ts'

/**
 * Spreads classes over inheritance trees: a partition holds the rows of its parent and the parent shows those of its partitions, so a column
 * name is tagged in all of them as soon as it is in one.
 */
export function families(relations: readonly Relation[]): readonly Relation[] {
  if (!relations.some((relation) => relation.parents.length > 0)) return relations
  const rootOf = roots(relations)
  const shared = new Map<string, Set<ClassName>>()
  for (const relation of relations) {
    for (const { name, classes } of relation.columns) {
      if (classes.length > 0) add(shared, `${rootOf(relation.oid)} ${name}`, classes)
    }
  }
  return relations.map((relation) => ({
    ...relation,
    columns: relation.columns.map((column) => {
      const classes = shared.get(`${rootOf(relation.oid)} ${column.name}`)
      return classes === undefined ? column : { ...column, classes: [...classes] }
    }),
  }))
}

function add(shared: Map<string, Set<ClassName>>, key: string, classes: readonly ClassName[]): void {
  const known = shared.get(key) ?? new Set()
  shared.set(key, known)
  for (const name of classes) known.add(name)
}

/** One OID that stands for everybody who is related (union-find with halved paths; a table may have several parents). */
function roots(relations: readonly Relation[]): (oid: number) => number {
  const above = new Map<number, number>()
  const rootOf = (oid: number): number => {
    let at = oid
    for (let next = above.get(at); next !== undefined && next !== at; next = above.get(at)) {
      above.set(at, above.get(next) ?? next)
      at = next
    }
    return at
  }
  for (const relation of relations) {
    for (const parent of relation.parents) {
      const [child, elder] = [rootOf(relation.oid), rootOf(parent)]
      if (child !== elder) above.set(child, elder)
    }
  }
  return rootOf
}
