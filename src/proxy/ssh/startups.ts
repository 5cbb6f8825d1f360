/** Connections that have not logged in yet, counted so that they cannot crowd out those that have. */
export interface Startups {
  /** Takes a place; the returned function gives it back, once. Undefined where there is none left. */
  enter(source: string): Leave | undefined
}

/** `hasLoggedIn`: it came to something. */
export type Leave = (hasLoggedIn: boolean) => void

export interface StartupLimits {
  readonly total: number
  /** Of one address. */
  readonly perSource: number
  /** Connections of one address that may come to nothing, one soon after the other; so much later, in milliseconds, it may have one more. */
  readonly vain: number
  readonly vainMs: number
}

/**
 * Some dozens type their code at the same time; whoever opens more does not mean to log in. A key exchange costs everybody some milliseconds, so that an address which only ever
 * exchanges keys is slowed down.
 */
export const STARTUP_LIMITS: StartupLimits = { total: 128, perSource: 32, vain: 100, vainMs: 500 }
/** Addresses that are remembered for what came to nothing. */
const MOST_SOURCES = 10_000

interface Source {
  waiting: number
  /** Connections that came to nothing, less what time has taken off. */
  vain: number
  at: number
}

/** Counts in memory: what it counts ends with the process. `now`: milliseconds. */
export function createStartups(limits: StartupLimits, now: () => number): Startups {
  const sources = new Map<string, Source>()
  let all = 0
  return {
    enter(source) {
      const known = sources.get(source) ?? { waiting: 0, vain: 0, at: now() }
      cool(known, now(), limits)
      if (all >= limits.total || known.waiting >= limits.perSource || known.vain > limits.vain) return undefined
      all += 1
      known.waiting += 1
      sources.set(source, known)
      if (sources.size > MOST_SOURCES) forget(sources, now(), limits)
      let hasLeft = false
      return (hasLoggedIn) => {
        if (hasLeft) return
        hasLeft = true
        all -= 1
        known.waiting -= 1
        cool(known, now(), limits)
        if (!hasLoggedIn) known.vain += 1
        if (known.waiting === 0 && known.vain === 0) sources.delete(source)
      }
    },
  }
}

function cool(source: Source, now: number, { vainMs }: StartupLimits): void {
  source.vain = Math.max(0, source.vain - Math.max(0, now - source.at) / vainMs)
  source.at = now
}

function forget(sources: Map<string, Source>, now: number, limits: StartupLimits): void {
  for (const [name, source] of sources) {
    cool(source, now, limits)
    if (source.waiting === 0 && source.vain < 1) sources.delete(name)
  }
}
