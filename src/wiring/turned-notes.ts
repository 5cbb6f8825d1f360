import type { LedgerNote } from '../model/ledger.ts'
import type { Ledger } from '../recording/ledger.ts'
import type { Clock } from '../std/clock.ts'

/** Somebody whom the API or the console did not let in. */
export interface TurnedAway {
  readonly by: string | undefined
  readonly address: string
  readonly route: string
  readonly why: 'token' | 'role' | 'cross-site' | 'invalid'
}

export interface QuietNotesDeps {
  readonly ledger: Pick<Ledger, 'append'>
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

/** One line for the first, and one a minute for those that follow: a client that goes on asking with an old token must not fill the disk. */
const QUIET_MS = 60_000
/** Places that are told apart; more at once are told as they come. */
const MAX_PLACES = 1000

/** Lines of the ledger for what may be tried again and again (PCI DSS 10.2.1.4): those that are the same but for their time are counted in the next one, as `since`. */
export function createQuietNotes({ ledger, clock, onError }: QuietNotesDeps): (note: Omit<LedgerNote, 'at'>) => void {
  const places = new Map<string, { until: number; untold: number }>()
  return (note) => {
    const now = clock.now()
    const key = JSON.stringify(note)
    const place = places.get(key)
    if (place !== undefined && now < place.until) {
      place.untold += 1
      return
    }
    if (places.size >= MAX_PLACES) forget(places, now)
    places.set(key, { until: now + QUIET_MS, untold: 0 })
    try {
      ledger.append({ ...note, at: now, detail: { ...note.detail, since: place?.untold ?? 0 } })
    } catch (thrown) {
      onError(thrown)
    }
  }
}

/** Invalid attempts at the API and the console. */
export function createTurnedNotes(deps: QuietNotesDeps): (turned: TurnedAway) => void {
  const write = createQuietNotes(deps)
  return ({ by = 'unknown', address: origin, route, why }) =>
    write({
      ...{ kind: 'access.refused', by, origin, outcome: 'refused', detail: { why } },
      resource: route.startsWith('console:') ? route : `api:${route}`,
    })
}

function forget(places: Map<string, { readonly until: number }>, now: number): void {
  for (const [key, { until }] of places) if (until <= now) places.delete(key)
  if (places.size >= MAX_PLACES) places.clear()
}
