import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../std/clock.ts'
import { createChainFile, type ChainFile } from './chain-file.ts'
import type { CastEvent, RecordedEvent } from './event.ts'
import type { FileDigest, RecordingFiles } from './files.ts'
import type { Ledger } from './ledger.ts'
import type { Unended } from './ledger-scan.ts'
import { createStamps, LineWriter } from './line.ts'
import { castDigests, endedCasts } from './recover-cast.ts'
import { scanSession, type SessionScan } from './session-scan.ts'
import { sealText, type Signer } from './seal.ts'
import { EVENTS_FILE, SESSION_FILE, SUMMARY_FILE, TORN_FILE, sha256 } from './session-file.ts'
import { parseSummary } from './verify-summary.ts'
import { signedSummary, writeSummary, type Summary } from './summary.ts'

export interface RecoverDeps {
  readonly folder: string
  readonly files: RecordingFiles
  readonly clock: Clock
  readonly signer: Signer
  readonly ledger: Ledger
}

/** What became of one session that had no end. */
export interface Recovered {
  readonly session: string
  /**
   * `crashed`: ended now, by a crash event. `ended`: it had its end, only the ledger's word was missing. `damaged`: broken in its midst and
   * left untouched. `lost`: no folder.
   */
  readonly outcome: 'crashed' | 'ended' | 'damaged' | 'lost'
  /** Statements without a result. */
  readonly unknown: readonly number[]
}

/** Gives every session that an earlier run left without an end one that tells of the crash. Run before the first `open`. */
export async function recover(deps: RecoverDeps, unended: readonly Unended[]): Promise<readonly Recovered[]> {
  const recovered: Recovered[] = []
  for (const session of unended) recovered.push(await recoverSession(deps, session))
  return recovered
}

async function recoverSession(deps: RecoverDeps, entry: Unended): Promise<Recovered> {
  const folder = path.join(deps.folder, entry.session)
  if (!existsSync(path.join(folder, EVENTS_FILE)) || !existsSync(path.join(folder, SESSION_FILE))) {
    await tellLedger(deps, entry, { outcome: 'lost', end: NO_END })
    return { session: entry.session, outcome: 'lost', unknown: [] }
  }
  const headerText = readFileSync(path.join(folder, SESSION_FILE))
  const scan = await scanSession(folder, headerText)
  await dropBrokenSummary(deps, folder)
  const isEndLost = !scan.closed && existsSync(path.join(folder, SUMMARY_FILE))
  if (scan.damage !== undefined || isEndLost) {
    await tellLedger(deps, entry, {
      outcome: 'damaged',
      end: { ...NO_END, events: scan.head.seq, head: scan.head.hash },
    })
    return { session: entry.session, outcome: 'damaged', unknown: scan.unknown }
  }
  const end = await endOf(deps, { folder, scan })
  await finish(deps, { folder, entry, headerText, end })
  return {
    session: entry.session,
    outcome: scan.closed ? 'ended' : 'crashed',
    unknown: scan.closed ? [] : scan.unknown,
  }
}

// A power cut may leave a file without its bytes; what the ledger has not named yet can be written again.
async function dropBrokenSummary({ files }: RecoverDeps, folder: string): Promise<void> {
  const file = path.join(folder, SUMMARY_FILE)
  await files.remove(`${file}.part`)
  if (existsSync(file) && parseSummary(readFileSync(file)) === undefined) await files.remove(file)
}

interface End {
  readonly scan: SessionScan
  readonly endedAt: string
  readonly events: number
  readonly head: string
  readonly counts: Readonly<Record<string, number>>
  readonly casts: Readonly<Record<string, FileDigest>>
}

const NO_END = { reason: 'crash', events: 0, head: '', summary: null }

async function endOf(deps: RecoverDeps, { folder, scan }: { folder: string; scan: SessionScan }): Promise<End> {
  const known = castDigests([...scan.casts.values()])
  if (scan.closed && scan.sealed) {
    const { head, counts, lastAt: endedAt } = scan
    return { scan, endedAt, events: head.seq, head: head.hash, counts, casts: known }
  }
  const casts = scan.closed ? [] : await endedCasts(deps.files, folder, scan)
  const file = path.join(folder, EVENTS_FILE)
  const torn = cutTorn(folder, scan)
  const appending = deps.files.append(file)
  const chain = createChainFile({ file: appending, head: scan.head, onBroken: () => undefined })
  try {
    const end = await writeEnd(deps, { scan, torn, chain, casts })
    return { ...end, casts: { ...known, ...castDigests(casts) } }
  } finally {
    chain.close()
  }
}

interface Unfinished {
  readonly scan: SessionScan
  readonly torn: Buffer
  readonly chain: ChainFile
  readonly casts: readonly CastEvent[]
}

async function writeEnd(deps: RecoverDeps, { scan, torn, chain, casts }: Unfinished): Promise<Omit<End, 'casts'>> {
  const counts: Record<string, number> = { ...scan.counts }
  const stamps = createStamps(deps.clock)
  const lines = new LineWriter(scan.constant)
  const write = (event: RecordedEvent, stamp = stamps()): void => {
    lines.write(event, stamp, chain)
    counts[event.kind] = (counts[event.kind] ?? 0) + 1
  }
  if (!scan.closed) {
    for (const cast of casts) write(cast)
    const tornHash = torn.length === 0 ? undefined : sha256(torn)
    write({ kind: 'crash', torn: torn.length, tornHash, unknown: scan.unknown })
    write({ kind: 'close', reason: 'crash', text: undefined })
  }
  const stamp = stamps()
  const text = sealText({ chain: scan.session, seq: chain.seq, at: stamp.at, mono: stamp.mono, prev: chain.hash })
  write({ kind: 'seal', key: deps.signer.keyId, signature: deps.signer.sign(text) }, stamp)
  await chain.settle()
  return { scan, endedAt: stamp.at, events: chain.seq, head: chain.hash, counts }
}

// Moved, not dropped: whoever doubts the crash can look at the bytes. Written before they are cut, so that a second crash loses nothing.
function cutTorn(folder: string, scan: SessionScan): Buffer {
  const file = path.join(folder, EVENTS_FILE)
  const torn = readFileSync(file).subarray(scan.goodBytes)
  const kept = path.join(folder, TORN_FILE)
  if (torn.length === 0) return scan.counts['crash'] === undefined && existsSync(kept) ? readFileSync(kept) : torn
  // Behind `close` stands only a checkpoint of ours, and it is about to be written anew.
  if (!scan.closed) writeFileSync(freeName(kept, torn), torn, { mode: 0o600, flush: true })
  truncateSync(file, scan.goodBytes)
  return torn
}

function freeName(kept: string, torn: Buffer): string {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? kept : `${kept}.${count}`
    if (!existsSync(name) || readFileSync(name).equals(torn)) return name
  }
}

async function finish(
  deps: RecoverDeps,
  input: { folder: string; entry: Unended; headerText: Buffer; end: End },
): Promise<void> {
  const { folder, entry, headerText, end } = input
  const summaryFile = path.join(folder, SUMMARY_FILE)
  if (!existsSync(summaryFile)) {
    const summary = await summaryOf(deps, { folder, headerText, end })
    await writeSummary(deps.files, folder, signedSummary(summary, deps.signer))
  }
  await deps.files.sync(folder)
  const { events, head, scan } = end
  const reason = scan.closed ? scan.reason : 'crash'
  const detail = { reason, events, head, summary: sha256(readFileSync(summaryFile)) }
  await tellLedger(deps, entry, { outcome: scan.closed ? 'closed' : 'unknown', end: detail })
}

async function summaryOf(deps: RecoverDeps, input: { folder: string; headerText: Buffer; end: End }): Promise<Summary> {
  const { folder, headerText, end } = input
  const header = { bytes: headerText.length, sha256: sha256(headerText) }
  return {
    format: 'countersign.summary/1',
    session: end.scan.session,
    startedAt: end.scan.startedAt,
    endedAt: end.endedAt,
    reason: end.scan.closed ? end.scan.reason : 'crash',
    events: end.events,
    head: end.head,
    counts: end.counts,
    files: {
      [SESSION_FILE]: header,
      [EVENTS_FILE]: await deps.files.digest(path.join(folder, EVENTS_FILE)),
      ...end.casts,
    },
    key: deps.signer.keyId,
  }
}

async function tellLedger(
  { ledger, clock }: RecoverDeps,
  { session, by, origin, resource }: Unended,
  { outcome, end }: { outcome: string; end: { reason: string; events: number; head: string; summary: string | null } },
): Promise<void> {
  await ledger.record({
    kind: 'session.end',
    at: clock.now(),
    by,
    origin,
    outcome,
    resource,
    detail: { session, ...end },
  })
}
