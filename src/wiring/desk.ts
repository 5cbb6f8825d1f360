import path from 'node:path'
import { createChecker } from '../evidence/check-thread.ts'
import { createScreens } from '../evidence/screen-thread.ts'
import { createEvidenceDesk, type EvidenceDesk } from '../evidence/desk.ts'
import { openIndex } from '../evidence/index-thread.ts'
import { scrub } from '../mask/scrub.ts'
import type { Clock } from '../std/clock.ts'
import type { Store } from '../store/open-store.ts'
import type { Evidence } from './evidence.ts'
import type { Log } from './log.ts'

export interface DeskWiring {
  /** The data folder, which exists. */
  readonly data: string
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  readonly evidence: Evidence
  readonly store: Store
  readonly policy: { readonly current: () => { readonly version: string } }
  /** Moves what waits for the ledger into it. */
  readonly settled: () => Promise<void>
}

export interface OpenDesk {
  readonly desk: EvidenceDesk
  close(): Promise<void>
}

/** Opens the index of recordings and the desk that answers from it. Nothing that relays or records waits for either. */
export function openDesk({ data, clock, log, version, evidence, store, policy, settled }: DeskWiring): OpenDesk {
  const onTrouble = (message: string): void =>
    log.error({ message }, 'recordings cannot be indexed; searches may miss some')
  const index = openIndex({ path: path.join(data, 'index.db'), root: evidence.folder, onTrouble })
  const checker = createChecker()
  const screens = createScreens(evidence.folder)
  const desk = createEvidenceDesk({
    ...{ index, checker, screens, clock, version, scrub, settled },
    store: store.evidence,
    root: evidence.folder,
    node: evidence.node,
    policyVersion: () => policy.current().version,
    record: (note) => evidence.ledger.record(note),
  })
  return {
    desk,
    async close() {
      await Promise.all([index.close(), checker.close(), screens.close()])
    },
  }
}
