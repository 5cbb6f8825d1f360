import type { JournalStore } from '../model/ledger.ts'
import type { Ledger } from '../recording/ledger.ts'
import { asError } from '../std/errors.ts'

export interface JournalDeps {
  readonly store: JournalStore
  readonly ledger: Pick<Ledger, 'record'>
  readonly onError: (error: Error) => void
}

const BATCH = 256

/** Moves notes that committed with their change (also those of other processes) into the ledger, in order, and forgets them only then. */
export function createJournal({ store, ledger, onError }: JournalDeps): { move(): Promise<void> } {
  let last: Promise<void> = Promise.resolve()
  let queued = false
  const drain = async (): Promise<void> => {
    queued = false
    for (let notes = await store.take({ limit: BATCH }); notes.length > 0; notes = await store.take({ limit: BATCH })) {
      await ledger.record(...notes.map((entry) => entry.note))
      await store.drop({ upTo: notes.at(-1)?.sequence ?? 0 })
    }
  }
  return {
    move() {
      if (queued) return last
      queued = true
      last = last.then(drain).catch((error: unknown) => onError(asError(error)))
      return last
    },
  }
}
