import path from 'node:path'
import type { WatchPort } from '../http/ports.ts'
import { openTail } from '../recording/tail.ts'
import type { SessionIndex } from '../model/session-entry.ts'
import type { Clock } from '../std/clock.ts'
import type { Evidence } from './evidence.ts'

export interface WatchingDeps {
  readonly evidence: Evidence
  readonly sessions: Pick<SessionIndex, 'find'>
  readonly clock: Clock
}

/** Follows recordings of live sessions from the disk. Who watches stands in the ledger before the first line is shown (PCI 10.2.1.3). */
export const createWatching = ({ evidence, sessions, clock }: WatchingDeps): WatchPort => ({
  async begin({ session, by, origin }) {
    const entry = await sessions.find({ id: session })
    if (entry === undefined) return undefined
    const note = {
      kind: 'recording.watched',
      at: clock.now(),
      by,
      origin,
      outcome: 'done',
      resource: `session:${session}`,
    }
    await evidence.ledger.record({ ...note, detail: {} })
    return openTail(path.join(evidence.folder, entry.recording))
  },
})
