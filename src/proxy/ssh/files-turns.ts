import { deferred } from '../../std/deferred.ts'

/** A place in the order of requests. */
export interface Turn {
  /** Resolves when those in front that matter have left for the target, were refused, or wait for a person. */
  readonly ready: Promise<unknown>
  /** This one has left, or will not: those behind it may go. May be called twice. */
  release(): void
}

interface Place {
  readonly changes: boolean
  readonly released: Promise<undefined>
}

/**
 * Keeps requests that name paths in the order in which the client sent them, although each of them first asks the target where its path leads. Those that only
 * look do not wait for each other; a change waits for all in front of it, and all behind it wait for a change.
 */
export class Turns {
  readonly #places = new Set<Place>()

  take(changes: boolean): Turn {
    const ahead = [...this.#places].filter((place) => changes || place.changes)
    const released = deferred<undefined>()
    const place: Place = { changes, released: released.promise }
    this.#places.add(place)
    return {
      ready: Promise.all(ahead.map((one) => one.released)),
      release: () => {
        this.#places.delete(place)
        released.resolve(undefined)
      },
    }
  }
}
