/** Says whether what comes again and again is to be told now. */
export type Quiet = (key: string) => { readonly since: number } | undefined

export interface QuietDeps {
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** One for the first, and one a minute for those that follow. */
const QUIET_MS = 60_000
/** Keys that are told apart; more at once are told as they come. */
const MAX_KEYS = 1000

/** For lines that anybody can cause: those of the same key are counted in the next one that is told, as `since`. */
export function createQuiet({ now }: QuietDeps): Quiet {
  const keys = new Map<string, { readonly until: number; untold: number }>()
  return (key) => {
    const at = now()
    const known = keys.get(key)
    // A clock that was set back must not keep it quiet for longer.
    if (known !== undefined && at < known.until && known.until - at <= QUIET_MS) {
      known.untold += 1
      return undefined
    }
    if (keys.size >= MAX_KEYS) forget(keys, at)
    keys.set(key, { until: at + QUIET_MS, untold: 0 })
    return { since: known?.untold ?? 0 }
  }
}

function forget(keys: Map<string, { readonly until: number }>, now: number): void {
  for (const [key, { until }] of keys) if (until <= now) keys.delete(key)
  if (keys.size >= MAX_KEYS) keys.clear()
}
