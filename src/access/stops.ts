import type { PersonName, TargetName } from '../model/ids.ts'
import type { Actor, LedgerNote } from '../model/ledger.ts'
import type { Clock } from '../std/clock.ts'
import { noted, reasonOf, type Scrub } from './note.ts'

export const STOP_SCOPES = ['session', 'person', 'target', 'everything'] as const
export type StopScope = (typeof STOP_SCOPES)[number]
/** Scopes that let nobody in, mint nothing and grant nothing until they are resumed. */
export const LASTING_SCOPES = ['person', 'target', 'everything'] as const
export type LastingScope = (typeof LASTING_SCOPES)[number]

/** What an order of the kill switch is about: `name` is a session, a person or a target, and undefined for everything. */
export interface Stopped<Scope extends StopScope = StopScope> {
  readonly scope: Scope
  readonly name: string | undefined
}

/** An order of the kill switch. */
export interface Stop extends Stopped {
  readonly by: string
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What an order ended, as counts. */
export interface StopCounts {
  readonly sessions: number
  /** Approvals that were open, or approved and not executed. */
  readonly holds: number
  readonly grants: number
  readonly credentials: number
}

/** What `stops` needs of a store. */
export interface StopStore {
  /**
   * In one transaction: holds become void, grants and credentials are revoked (for a person those of owned accounts too, and API tokens), every session that
   * it reaches gets a note of its own, and the counts go into `note`. Undefined where there is no such live session, or no such person.
   */
  order(input: { stop: Stop; note: LedgerNote }): Promise<StopCounts | undefined>
  /** False where nothing of that scope and name was stopped, or `by` is stopped: nobody lets themselves in again. */
  lift(input: Stopped<LastingScope> & { at: number; by: string; note: LedgerNote }): Promise<boolean>
  /** People and targets, or everything, that are stopped now, newest first. */
  standing(): Promise<readonly Stop[]>
}

/** Whose access: an owner's stop is that of the accounts owned, too. */
export interface Accessing {
  readonly person: PersonName
  readonly owner?: PersonName | undefined
}

/** The kill switch. */
export interface Stops {
  order(wanted: Stopped & { readonly reason: string }, actor: Actor): Promise<StopCounts | undefined>
  /** New logins are let in again; what was revoked stays revoked. */
  resume(wanted: Stopped<LastingScope> & { readonly reason: string }, actor: Actor): Promise<boolean>
  standing(): Promise<readonly Stop[]>
  /** What keeps people, or this one, from a target now, if anything does. */
  of(target: TargetName, who?: Accessing): Promise<Stop | undefined>
}

export interface StopDeps {
  readonly store: StopStore
  readonly clock: Pick<Clock, 'now'>
  readonly scrub: Scrub
}

/** Ends access at once. Live sessions follow within a second (see session/grant-clock.ts), new logins find nothing to stand on. */
export function createStops({ store, clock, scrub }: StopDeps): Stops {
  return {
    order({ scope, name, reason }, actor) {
      const at = clock.now()
      const stop: Stop = { scope, name, at, by: actor.by, reason: reasonOf(reason, scrub) }
      return store.order({ stop, note: noteOf(stop, 'stop.ordered', actor) })
    },
    resume({ scope, name, reason }, actor) {
      const at = clock.now()
      const lifted = { scope, name, at, by: actor.by, reason: reasonOf(reason, scrub) }
      return store.lift({ scope, name, at, by: actor.by, note: noteOf(lifted, 'stop.lifted', actor) })
    },
    standing: () => store.standing(),
    of: async (target, who) => stopOn(await store.standing(), target, who),
  }
}

/** The one of the stops that stand which keeps people, or this one, from a target. */
export const stopOn = (standing: readonly Stop[], target: TargetName, who?: Accessing): Stop | undefined =>
  standing.find(({ scope, name }) => {
    if (scope === 'everything') return true
    return scope === 'target' ? name === target : name !== undefined && (name === who?.person || name === who?.owner)
  })

/** As whoever is kept out reads it. */
export const stopWords = ({ scope, name, by, reason }: Pick<Stop, 'scope' | 'name' | 'by' | 'reason'>): string => {
  const what =
    scope === 'person' ? `the access of ${name ?? ''}` : name === undefined ? 'all access' : `access to ${name}`
  return `${by} stopped ${what}: ${reason}`
}

const noteOf = ({ scope, name, at, reason }: Stop, kind: string, actor: Actor): LedgerNote =>
  noted(actor, { kind, at, resource: resourceOf({ scope, name }), detail: { scope, reason } })

/** As the ledger names it, e.g. `target:cards`. */
export const resourceOf = ({ scope, name }: Stopped): string => (name === undefined ? scope : `${scope}:${name}`)
