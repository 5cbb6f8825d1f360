import type { Clock } from '../std/clock.ts'

const HOUR_MS = 3_600_000
/** Views that are remembered; above that the oldest is written down once more. */
const MAX_KEPT = 10_000

/**
 * Writes the same view down once an hour: whoever reads a long recording asks for hundreds of pages, and hundreds of entries would hide who looked at what. What
 * comes while the first one is being written waits for it; one that could not be written is not taken as written.
 */
export function createViews({ clock }: { readonly clock: Pick<Clock, 'now'> }) {
  const kept = new Map<string, { readonly until: number; readonly written: Promise<void> }>()
  return (view: readonly string[], write: () => Promise<void>): Promise<void> => {
    const key = JSON.stringify(view)
    const before = kept.get(key)
    if (before !== undefined && clock.now() < before.until) return before.written
    kept.delete(key)
    const oldest = kept.keys().next()
    if (kept.size >= MAX_KEPT && !oldest.done) kept.delete(oldest.value)
    const entry = { until: clock.now() + HOUR_MS, written: write() }
    kept.set(key, entry)
    entry.written.catch(() => {
      if (kept.get(key) === entry) kept.delete(key)
    })
    return entry.written
  }
}
