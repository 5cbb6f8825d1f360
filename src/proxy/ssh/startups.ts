/** Connections that have not logged in yet, counted so that they cannot crowd out those that have. */
export interface Startups {
  /** Takes a place; the returned function gives it back, once. Undefined where there is none left. */
  enter(source: string): (() => void) | undefined
}

export interface StartupLimits {
  readonly total: number
  /** Of one address. */
  readonly perSource: number
}

/** Some dozens type their code at the same time; whoever opens more does not mean to log in. */
export const STARTUP_LIMITS: StartupLimits = { total: 128, perSource: 32 }

/** Counts in memory: what it counts ends with the process. */
export function createStartups({ total, perSource }: StartupLimits): Startups {
  const counts = new Map<string, number>()
  let all = 0
  return {
    enter(source) {
      const mine = counts.get(source) ?? 0
      if (all >= total || mine >= perSource) return undefined
      all += 1
      counts.set(source, mine + 1)
      let left = false
      return () => {
        if (left) return
        left = true
        all -= 1
        const now = (counts.get(source) ?? 1) - 1
        if (now === 0) counts.delete(source)
        else counts.set(source, now)
      }
    },
  }
}
