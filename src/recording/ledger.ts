import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import type { LedgerNote } from '../model/ledger.ts'
import type { Clock } from '../std/clock.ts'
import { createChainFile, type ChainFile, type ChainHead } from './chain-file.ts'
import type { RecordingFiles } from './files.ts'
import { LEDGER_FILE, ledgerChain, LEDGER_START, scanLedger, type LedgerScan, type Unended } from './ledger-scan.ts'
import { createStamps, type Stamp } from './line.ts'
import type { RecorderError } from './recorder-error.ts'
import { sealText, type Signer } from './seal.ts'

/** A checkpoint at least every so many entries. */
const SEAL_EVERY = 64
/** And at least so long after the first entry that has none. */
const SEAL_AFTER_MS = 30_000

/** The chain of one node: its starts and stops, every session's start and end, every act on people, credentials and approvals. */
export interface Ledger {
  /** Handed to the kernel when it returns; gives where the chain stands then. Throws `RecorderError`. */
  append(note: LedgerNote): ChainHead
  /** Sealed and on the disk when it resolves: before anything that the note tells of is acknowledged. Several notes, one flush. */
  record(...notes: readonly LedgerNote[]): Promise<void>
  head(): ChainHead
  /** The last entry of an orderly stop. */
  stop(reason: string): Promise<void>
  /** Set once an entry could not be written; nothing may run from then on. */
  readonly broken: RecorderError | undefined
}

export interface LedgerDeps {
  /** The recordings' root; made if absent. */
  readonly folder: string
  readonly files: RecordingFiles
  readonly clock: Clock
  readonly signer: Signer
  readonly node: string
  readonly version: string
  readonly onFailure: (error: RecorderError) => void
}

export interface OpenedLedger {
  readonly ledger: Ledger
  /** Sessions that an earlier run started and never ended, for recovery. */
  readonly unended: readonly Unended[]
  /** What is wrong with the lines that were there, for a loud log; `verify` tells more. */
  readonly damage: string | undefined
}

/** Opens the node's ledger, reads it through, marks a half-written last line and writes `node.start`. */
export async function openLedger(deps: LedgerDeps): Promise<OpenedLedger> {
  mkdirSync(deps.folder, { recursive: true, mode: 0o700 })
  const file = path.join(deps.folder, LEDGER_FILE)
  const isNew = !existsSync(file)
  const scan = isNew ? LEDGER_START : await scanLedger(file)
  if (scan.needsNewline) appendFileSync(file, '\n')
  const opened = isNew ? deps.files.create(file) : deps.files.append(file)
  const chain = createChainFile({ file: opened, head: scan.head, onBroken: deps.onFailure })
  const ledger = new NodeLedger(deps, chain)
  await ledger.record(...startNotes(deps, scan))
  await deps.files.sync(deps.folder)
  return { ledger, unended: scan.unended, damage: scan.damage }
}

function startNotes(deps: LedgerDeps, scan: LedgerScan): readonly LedgerNote[] {
  const own = { at: deps.clock.now(), by: 'system', origin: 'local', outcome: 'done' }
  const detail = { version: deps.version, key: deps.signer.keyId }
  const start = { ...own, kind: 'node.start', resource: `node:${deps.node}`, detail }
  if (scan.torn === undefined) return [start]
  return [{ ...own, kind: 'torn', outcome: 'unknown', resource: 'ledger', detail: { ...scan.torn } }, start]
}

class NodeLedger implements Ledger {
  readonly #deps: LedgerDeps
  readonly #chain: ChainFile
  readonly #stamps: () => Stamp
  #unsealed = 0
  #cancelSeal: (() => void) | undefined

  constructor(deps: LedgerDeps, chain: ChainFile) {
    this.#deps = deps
    this.#chain = chain
    this.#stamps = createStamps(deps.clock)
  }

  get broken(): RecorderError | undefined {
    return this.#chain.broken
  }

  head(): ChainHead {
    return { seq: this.#chain.seq, hash: this.#chain.hash }
  }

  append(note: LedgerNote): ChainHead {
    this.#write(note, this.#stamps())
    this.#unsealed += 1
    if (this.#unsealed >= SEAL_EVERY) this.#seal()
    this.#chain.handOver()
    if (this.#unsealed > 0) this.#cancelSeal ??= this.#deps.clock.after(SEAL_AFTER_MS, () => this.#sealLate())
    return this.head()
  }

  async record(...notes: readonly LedgerNote[]): Promise<void> {
    for (const note of notes) this.#write(note, this.#stamps())
    this.#seal()
    await this.#chain.settle()
  }

  async stop(reason: string): Promise<void> {
    const { clock, node } = this.#deps
    const resource = `node:${node}`
    await this.record({
      kind: 'node.stop',
      at: clock.now(),
      by: 'system',
      origin: 'local',
      outcome: 'done',
      resource,
      detail: { reason },
    })
    this.#chain.close()
  }

  #write(note: LedgerNote, stamp: Stamp): void {
    const { kind, at, by, origin, outcome, resource, detail } = note
    const happenedAt = new Date(at).toISOString()
    const fields = { kind, outcome, by, origin, resource, node: this.#deps.node, happenedAt, detail }
    this.#chain.append(`${place(this.#chain.seq, stamp)}${JSON.stringify(fields).slice(1, -1)}`)
  }

  #seal(): void {
    this.#cancelSeal?.()
    this.#cancelSeal = undefined
    this.#unsealed = 0
    const { signer, node, clock } = this.#deps
    const stamp = this.#stamps()
    const { seq, hash: prev } = this.#chain
    const signature = signer.sign(sealText({ chain: ledgerChain(node), seq, at: stamp.at, mono: stamp.mono, prev }))
    const own = { kind: 'seal', at: clock.now(), by: 'system', origin: 'local', outcome: 'noted', resource: 'ledger' }
    this.#write({ ...own, detail: { key: signer.keyId, signature } }, stamp)
  }

  #sealLate(): void {
    this.#cancelSeal = undefined
    if (this.#unsealed === 0 || this.broken !== undefined) return
    this.#seal()
    try {
      this.#chain.handOver()
    } catch {
      // onFailure has told it; whoever writes next meets the broken chain.
    }
  }
}

const place = (seq: number, stamp: Stamp): string => `{"seq":${seq},"at":"${stamp.at}","mono":${stamp.mono},`
