import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { openSigner } from '../recording/keys.ts'
import { nodeFiles } from '../recording/files.ts'
import { openLedger, type Ledger } from '../recording/ledger.ts'
import { recover } from '../recording/recover.ts'
import { createRecorder, type Recorder } from '../recording/writer.ts'
import type { Tallies } from '../session/tallies.ts'
import type { Clock } from '../std/clock.ts'
import type { Log } from './log.ts'

export interface Evidence {
  readonly ledger: Ledger
  readonly recorder: Recorder
  /** The recordings' root. */
  readonly folder: string
  /** This node's name, as recordings and the ledger have it. */
  readonly node: string
}

export interface EvidenceDeps {
  /** The data folder, which exists. */
  readonly data: string
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  /** The ledger or a recording cannot be written: nothing may run. */
  readonly onBroken: (reason: string) => void
  readonly tally: Tallies['recorderFailures']
}

/** Opens the node's ledger, ends what an earlier run left open, and makes the recorder. Rejects where nothing could be recorded. */
export async function openEvidence({ data, clock, log, version, onBroken, tally }: EvidenceDeps): Promise<Evidence> {
  const folder = path.join(data, 'recordings')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const signer = openSigner({ keys: path.join(data, 'keys'), recordings: folder })
  const common = { folder, files: nodeFiles, clock, signer }
  const node = hostname().slice(0, 64)
  const onLedger = (error: Error): void => {
    tally.count('ledger')
    onBroken(error.message)
  }
  const { ledger, unended, damage } = await openLedger({ ...common, node, version, onFailure: onLedger })
  if (damage !== undefined) log.error({ damage }, 'the ledger is damaged: run countersign verify')
  for (const session of await recover({ ...common, ledger }, unended))
    log.warn({ ...session }, 'a session of an earlier run had no end')
  const onFailure = ({ session, error }: { session: string; error: Error }): void => {
    tally.count('recording')
    log.error({ session, err: error }, 'a recording broke: its session ends')
  }
  return { ledger, recorder: createRecorder({ ...common, ledger, node, version, onFailure }), folder, node }
}
