import type { LedgerNote } from '../model/ledger.ts'
import type { Ledger } from '../recording/ledger.ts'
import type { Clock } from '../std/clock.ts'
import { createQuiet } from '../std/quiet.ts'

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

/**
 * Lines of the ledger for what may be tried again and again (PCI DSS 10.2.1.4): a client that goes on asking with an old token must not fill the disk. Those
 * that are the same but for their time are counted in the next one, as `since`.
 */
export function createQuietNotes({ ledger, clock, onError }: QuietNotesDeps): (note: Omit<LedgerNote, 'at'>) => void {
  const quiet = createQuiet({ now: () => clock.now() })
  return (note) => {
    const told = quiet(JSON.stringify(note))
    if (told === undefined) return
    try {
      ledger.append({ ...note, at: clock.now(), detail: { ...note.detail, ...told } })
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
