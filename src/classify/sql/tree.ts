import type { Node, RawStmt } from '@pgsql/types'

type Union = Node extends infer One ? (One extends object ? (one: One) => void : never) : never
type Every = Union extends (every: infer All) => void ? All : never

/** Every kind of node of the server's parse tree by its tag. */
export type NodeMap = { readonly [Tag in keyof Every]: Every[Tag] }
export type Tag = keyof NodeMap

/** A statement of a text with its place, in UTF-8 bytes. */
export type Raw = RawStmt

/** The tag of a node, which is its only key. */
export function tagOf(node: Node): string {
  for (const tag in node) return tag
  return ''
}

/** Whether a value of the tree is a tagged node: tags begin with a capital, fields never do. */
export function isNode(value: unknown): value is Node {
  if (typeof value !== 'object' || value === null) return false
  for (const key in value) return key.charCodeAt(0) < 91
  return false
}

/** The words of a qualified name (`[schema, name]`), or of a list of strings. */
export function words(nodes: readonly Node[] | undefined): string[] {
  const found: string[] = []
  for (const node of nodes ?? []) found.push('String' in node ? (node.String.sval ?? '') : '')
  return found
}

/** The items of a list node; a node that is no list is its own only item. */
export const items = (node: Node): readonly Node[] => ('List' in node ? (node.List.items ?? []) : [node])

export const isStar = (node: Node | undefined): boolean => node !== undefined && 'A_Star' in node
