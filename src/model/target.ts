import type { TargetName } from './ids.ts'

/** The tag of a card-data environment. Floors that no pack lowers hang on it. */
export const CDE = 'cde'

/** What a client and a target speak. */
export const PROTOCOLS = ['postgres', 'ssh'] as const
export type Protocol = (typeof PROTOCOLS)[number]

/**
 * `commands`: our own prompt, each finished line judged as text. `open`: an ordinary shell, held and approved as a whole. `deny`: no shell, single commands
 * alone.
 */
export type ShellMode = 'commands' | 'open' | 'deny'

/** A configured upstream, as policy and recordings see it: no address of a secret, no secret. */
export interface Target {
  readonly name: TargetName
  readonly protocol: Protocol
  /** The database that is used where the client names none; empty where the protocol has none. */
  readonly database: string
  /** The upstream's own account that every session of this target shares. */
  readonly account: string
  readonly tags: readonly string[]
  /** What a client gets that asks for an interactive shell; only where the protocol has one. */
  readonly shell?: ShellMode | undefined
}

/** Whether the floors of a card-data environment apply. */
export const isCde = (target: Pick<Target, 'tags'>): boolean => target.tags.includes(CDE)
