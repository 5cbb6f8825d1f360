import type { Ledger } from '../recording/ledger.ts'
import type { Clock } from '../std/clock.ts'

/** Somebody whom the API did not let in. */
export interface TurnedAway {
  readonly by: string | undefined
  readonly address: string
  readonly route: string
  readonly why: 'token' | 'role'
}

export interface TurnedNotesDeps {
  readonly ledger: Pick<Ledger, 'append'>
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

/** One line for the first, and one a minute for those that follow: a client that goes on asking with an old token must not fill the disk. */
const QUIET_MS = 60_000
/** Places that are told apart; more at once are told as they come. */
const MAX_PLACES = 1000

/** Invalid attempts at the API as lines of the ledger (PCI DSS 10.2.1.4). */
export function createTurnedNotes({ ledger, clock, onError }: TurnedNotesDeps): (turned: TurnedAway) => void {
  const places = new Map<string, { until: number; untold: number }>()
  return ({ by = 'unknown', address, route, why }) => {
    const now = clock.now()
    const key = JSON.stringify([by, address, route, why])
    const place = places.get(key)
    if (place !== undefined && now < place.until) {
      place.untold += 1
      return
    }
    if (places.size >= MAX_PLACES) forget(places, now)
    places.set(key, { until: now + QUIET_MS, untold: 0 })
    const detail = { why, since: place?.untold ?? 0 }
    try {
      ledger.append({
        ...{ kind: 'access.refused', at: now, by, origin: address, outcome: 'refused', resource: `api:${route}` },
        detail,
      })
    } catch (thrown) {
      onError(thrown)
    }
  }
}

function forget(places: Map<string, { readonly until: number }>, now: number): void {
  for (const [key, { until }] of places) if (until <= now) places.delete(key)
  if (places.size >= MAX_PLACES) places.clear()
}
