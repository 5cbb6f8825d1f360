import { isName } from '../model/ids.ts'
import type { Clock } from '../std/clock.ts'
import type { Scrub } from './note.ts'
import { sourceOf } from './source.ts'

/** How many failures a counter takes, and for how long it then refuses. */
export interface LockRule {
  readonly limit: number
  /** Failures count together while no more than this lies between one and the next. */
  readonly windowMs: number
  readonly lockMs: number
}

/** Ten failures lock a name for half an hour at every door (PCI DSS 8.3.4). */
export const PERSON_RULE: LockRule = { limit: 10, windowMs: 30 * 60_000, lockMs: 30 * 60_000 }
/** Softer, because many people may share an address; it stops one address from trying many names. */
export const SOURCE_RULE: LockRule = { limit: 100, windowMs: 15 * 60_000, lockMs: 15 * 60_000 }

/** One counter of failures and the rule it follows. */
export interface Counter {
  readonly key: string
  readonly rule: LockRule
}

/** What `lockout` needs of a store: counters changed atomically, all of a call or none. */
export interface LockoutStore {
  /** Counts one failure on each, unless one is locked at `now`: then none is counted and the latest end of a lock is the answer. */
  count(input: { counters: readonly Counter[]; now: number }): Promise<number | undefined>
  /** The latest end of a lock among the keys. */
  lockedUntil(input: { keys: readonly string[]; now: number }): Promise<number | undefined>
  /** Takes one failure back from each, and the lock that it caused. */
  forgive(input: { counters: readonly Counter[] }): Promise<void>
  /** Forgets all failures of a key. */
  clear(input: { key: string }): Promise<void>
}

export interface Attempt {
  /** The name as given; names that do not exist are counted in the same way, so that locks tell nothing. */
  readonly person: string
  readonly source: string
}

/** Where one of the two is not known, or is counted already. */
export type Part = Partial<Attempt>

export interface Lockout {
  /** Until when this attempt is refused, in milliseconds since 1970; undefined where it may be made. Counts nothing. */
  lockedUntil(attempt: Attempt): Promise<number | undefined>
  /** A failed attempt at a door where guesses are hopeless (a 120-bit credential). */
  failed(attempt: Attempt): Promise<void>
  /**
   * Counts the attempt as failed before it is looked at, so that parallel guesses cannot outrun the counter; undefined, or until when it is
   * refused. `succeeded` takes it back.
   */
  reserve(attempt: Part): Promise<number | undefined>
  /** Takes back the one failure that `reserve` counted. */
  forgiveOne(attempt: Attempt): Promise<void>
  /** After all factors were right: the name's failures are forgotten, the address's by one. */
  succeeded(attempt: Attempt): Promise<void>
}

export interface LockoutDeps {
  readonly store: LockoutStore
  readonly clock: Clock
  readonly scrub: Scrub
}

/** Failures per name and per address, in the store that all doors share. */
export function createLockout(deps: LockoutDeps): Lockout {
  const { store, clock, scrub } = deps
  // People type card numbers into the name's field, and a card number is a name by its letters.
  const personCounter = ({ person }: Pick<Attempt, 'person'>): Counter => ({
    key: `person:${counted(person, scrub)}`,
    rule: PERSON_RULE,
  })
  const reserve = ({ person, source }: Part): Promise<number | undefined> => {
    const counters = [
      ...(person === undefined ? [] : [personCounter({ person })]),
      ...(source === undefined ? [] : [sourceCounter({ source })]),
    ]
    return store.count({ counters, now: clock.now() })
  }
  return {
    reserve,
    lockedUntil(attempt) {
      return store.lockedUntil({ keys: [personCounter(attempt).key, sourceCounter(attempt).key], now: clock.now() })
    },
    async failed(attempt) {
      await reserve(attempt)
    },
    forgiveOne: (attempt) => store.forgive({ counters: [personCounter(attempt), sourceCounter(attempt)] }),
    async succeeded(attempt) {
      await store.forgive({ counters: [sourceCounter(attempt)] })
      await store.clear({ key: personCounter(attempt).key })
    },
  }
}

/** What is no name shares one counter: garbage must not fill the store. */
const counted = (person: string, scrub: Scrub): string => (isName(person) ? scrub(person) : '?')

const sourceCounter = ({ source }: Pick<Attempt, 'source'>): Counter => ({
  key: `source:${sourceOf(source).slice(0, 64)}`,
  rule: SOURCE_RULE,
})
