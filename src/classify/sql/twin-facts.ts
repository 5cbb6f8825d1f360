import type { SqlFacts } from '../../model/facts.ts'
import type { Entities } from './entities.ts'
import type { Scope } from './scope.ts'
import type { Twin } from './twin-texts.ts'

interface Kept {
  readonly facts: readonly SqlFacts[]
  readonly searchPath: Scope['searchPath']
  readonly dirty: boolean
}

/**
 * Facts of texts that share a tree: made once for all of them, where nothing that made them looked at the numbers in which they differ and nothing of them stands
 * behind a name of the session. Then the tree, the catalog, the path and `dirty` are all that they come from.
 */
export class TwinFacts {
  #entities: Entities | undefined
  #kept = new WeakMap<Twin, Kept>()

  /** The same array for as long as it stands. `make` reads the tree. */
  of(twin: Twin, { searchPath, dirty, entities }: Reading, make: () => readonly SqlFacts[]): readonly SqlFacts[] {
    this.#forgetUnless(entities)
    const kept = this.#kept.get(twin)
    if (kept !== undefined && kept.searchPath === searchPath && kept.dirty === dirty) return kept.facts
    const { made: facts, isBlind } = twin.watch(make)
    if (isBlind && facts.every(({ names }) => names.length === 0)) this.#kept.set(twin, { facts, searchPath, dirty })
    return facts
  }

  /** Another catalog, even of the same definitions, makes everything stale; the last one is not kept alive by it. */
  #forgetUnless(entities: Entities | undefined): void {
    if (this.#entities === entities) return
    this.#entities = entities
    this.#kept = new WeakMap()
  }
}

type Reading = Pick<Scope, 'searchPath' | 'dirty'> & { readonly entities: Entities | undefined }
