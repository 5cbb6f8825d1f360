import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { SessionId } from '../../src/model/ids.ts'
import { personName, targetName } from '../../src/model/ids.ts'
import { scrubbedBy } from '../../src/model/scrubbed.ts'
import type { ResultEvent, SessionHeader, StatementEvent } from '../../src/recording/event.ts'
import { nodeFiles, type RecordingFiles } from '../../src/recording/files.ts'
import { openSigner } from '../../src/recording/keys.ts'
import { openLedger, type OpenedLedger } from '../../src/recording/ledger.ts'
import type { RecorderError } from '../../src/recording/recorder-error.ts'
import { signerOf, type Signer } from '../../src/recording/seal.ts'
import { createRecorder, type Recorder } from '../../src/recording/writer.ts'
import type { Clock } from '../../src/std/clock.ts'

export const clean = scrubbedBy((text) => text)

/** A clock that stands still until told, with its timers. */
export interface FakeClock extends Clock {
  /** Moves both clocks and fires what is due, in order. */
  pass(ms: number): void
}

export function fakeClock(startMs = Date.UTC(2026, 10, 22, 1, 2, 3)): FakeClock {
  let micros = startMs * 1000
  let timers: { due: number; callback: () => void }[] = []
  return {
    nowMicros: () => BigInt(micros),
    now: () => Math.floor(micros / 1000),
    monoMicros: () => micros - startMs * 1000,
    after(ms, callback) {
      const timer = { due: micros + ms * 1000, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    pass(ms) {
      const end = micros + ms * 1000
      for (;;) {
        const [next] = timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)
        if (next === undefined) break
        micros = next.due
        timers = timers.filter((timer) => timer !== next)
        next.callback()
      }
      micros = end
    },
  }
}

export const sessionId = (text: string): SessionId => text as SessionId

export const header = (session = 's_00000000000000000001', more: Partial<SessionHeader> = {}): SessionHeader => ({
  session: sessionId(session),
  person: personName('alice'),
  account: clean('alice@cards'),
  upstreamAccount: 'app',
  roles: ['engineer'],
  service: false,
  address: '127.0.0.1:55012',
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', clientCertificate: undefined },
  target: targetName('cards'),
  protocol: 'postgres',
  database: clean('cards'),
  tags: ['cde'],
  grant: undefined,
  credential: undefined,
  application: clean('psql'),
  policyVersion: '0123456789abcdef',
  ...more,
})

export const statement = (number: number, more: Partial<StatementEvent> = {}): StatementEvent => ({
  kind: 'statement',
  statement: number,
  message: 'query',
  text: ['SELECT holder FROM cards WHERE id = ', { withheld: 'number', bytes: 2, tag: '0a1b2c3d4e5f' }, ';'],
  values: [],
  facts: [
    {
      verbs: ['select'],
      effects: ['read'],
      tables: [clean('public.cards')],
      columns: [],
      classes: ['pan'],
      complete: true,
      gaps: [],
    },
  ],
  verdict: { effect: 'allow', rules: ['reads'], policyVersion: '0123456789abcdef' },
  ...more,
})

export const result = (number: number, more: Partial<ResultEvent> = {}): ResultEvent => ({
  kind: 'result',
  statement: number,
  end: 'done',
  sqlstate: undefined,
  tag: clean('SELECT 3'),
  rows: 3,
  bytes: 120,
  ms: 12,
  masked: 6,
  pans: 0,
  ...more,
})

export interface TestNode extends OpenedLedger {
  readonly folder: string
  readonly clock: FakeClock
  readonly signer: Signer
  readonly recorder: Recorder
  readonly failures: RecorderError[]
}

/** A scratch folder that goes with the test. */
export function scratch(test: TestContext): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-recording-'))
  test.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

/** Starts a node on a data folder; the second start on the same folder is a restart. */
export async function startNode(
  data: string,
  more: { files?: RecordingFiles; clock?: FakeClock } = {},
): Promise<TestNode> {
  const { files = nodeFiles, clock = fakeClock() } = more
  const folder = path.join(data, 'recordings')
  const signer = openSigner({ keys: path.join(data, 'keys'), recordings: folder })
  const failures: RecorderError[] = []
  const own = { folder, files, clock, signer, node: 'n1', version: '0.1.0' }
  const opened = await openLedger({ ...own, onFailure: (error) => void failures.push(error) })
  const { ledger } = opened
  const recorder = createRecorder({ ...own, ledger, onFailure: ({ error }) => void failures.push(error) })
  return { ...opened, folder, clock, signer, recorder, failures }
}

/** One whole session with `statements` statements; gives its folder. */
export async function recordSession(node: TestNode, session: string, statements = 3): Promise<string> {
  const recording = node.recorder.open(header(session))
  for (let number = 1; number <= statements; number += 1) {
    node.clock.pass(7)
    recording.append(statement(number))
    recording.handOver()
    node.clock.pass(12)
    recording.append(result(number))
  }
  await recording.close({ reason: 'client-left' })
  return recording.folder
}

export const freshSigner = (): Signer => signerOf(generateKeyPairSync('ed25519').privateKey)

/** Lines of a file with their newlines. */
export const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split(/(?<=\n)/)

export function rewrite(file: string, change: (lines: string[]) => string[]): void {
  writeFileSync(file, change(linesOf(file)).join(''))
}
