import type { TargetName } from './ids.ts'

/** The tag of a card-data environment. Floors that no pack lowers hang on it. */
export const CDE = 'cde'

/** A configured upstream, as policy and recordings see it: no address of a secret, no secret. */
export interface Target {
  readonly name: TargetName
  readonly protocol: 'postgres'
  /** The database that is used where the client names none. */
  readonly database: string
  /** The upstream's own account that every session of this target shares. */
  readonly account: string
  readonly tags: readonly string[]
}

/** Whether the floors of a card-data environment apply. */
export const isCde = (target: Pick<Target, 'tags'>): boolean => target.tags.includes(CDE)
