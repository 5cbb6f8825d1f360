import type { Catalog } from '../model/catalog.ts'
import type { SqlFacts } from '../model/facts.ts'

/** One text for a worker. `same`: the catalog that it was sent last. */
export interface Job {
  readonly id: number
  readonly text: string
  readonly catalog: Catalog | undefined | 'same'
  readonly searchPath: readonly string[] | undefined
  readonly dirty: boolean
}

export interface Answer {
  readonly id: number
  readonly facts: readonly SqlFacts[]
}
