import { existsSync, realpathSync } from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import type { NoteValue } from '../model/ledger.ts'
import { systemClock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { openStore } from '../store/open-store.ts'
import { RefusedError } from './command.ts'

/** What somebody on the machine itself does with recordings. */
export interface LocalReading {
  readonly kind: 'recording.viewed' | 'recording.exported' | 'recording.verified'
  /** The recording's folder, or the folder of all of them. */
  readonly folder: string
  readonly resource: string
  readonly detail?: Readonly<Record<string, NoteValue>>
}

const STORE = 'countersign.db'

/**
 * Writes down who looks, before anything is shown (PCI DSS 10.2.1.3): into the store of the installation that the folder belongs to, whose node moves it into its
 * ledger, now or at its next start. A copy taken elsewhere belongs to none, and there is nothing to write to. Throws `RefusedError` where it belongs to one and
 * nothing can be written.
 */
export async function noteReading({ kind, folder, resource, detail = {} }: LocalReading): Promise<void> {
  const file = storeOf(folder)
  if (file === undefined) return
  const note = { kind, at: systemClock.now(), by: `local:${userInfo().username}`, origin: 'local', outcome: 'done' }
  try {
    const store = await openStore({ path: file, onFailure: () => undefined })
    try {
      await store.journal.append({ note: { ...note, resource, detail } })
    } finally {
      await store.close()
    }
  } catch (thrown) {
    throw new RefusedError(`looking at recordings is recorded, and this could not be: ${asError(thrown).message}`)
  }
}

/** `data/countersign.db` for `data/recordings` and for each recording in it. */
function storeOf(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined
  const real = realpathSync(folder)
  const files = [path.dirname(real), path.dirname(path.dirname(real))].map((data) => path.join(data, STORE))
  return files.find((file) => existsSync(file))
}
