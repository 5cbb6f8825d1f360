import type { Scrubbed } from '../../model/scrubbed.ts'
import { u16At } from '../../bytes/peek.ts'
import { mayHoldPan } from '../../mask/prefilter.ts'
import { backendFrame, type BackendFrame } from '../../protocol/postgres/framing.ts'
import { decodeBackend } from '../../protocol/postgres/decode.ts'
import type { BackendName, TransactionStatus } from '../../protocol/postgres/messages.ts'
import { ProtocolError } from '../../protocol/postgres/protocol-error.ts'
import type { Expected, Turn } from '../../protocol/postgres/replies.ts'
import { rewriteRow } from '../../protocol/postgres/rows.ts'
import type { FrameScanner } from '../../protocol/postgres/scanner.ts'
import { Spans } from '../../protocol/postgres/spans.ts'
import { BACKEND_TAGS } from '../../protocol/postgres/tags.ts'
import type { Outlet } from '../outlet.ts'
import type { Completions } from './completions.ts'
import type { Copies } from './copies.ts'
import type { Plans } from './plans.ts'
import type { Execution, Run } from './run.ts'
import type { Speech } from './speech.ts'
import type { Tracking } from './tracking.ts'

export interface ResponsesDeps {
  readonly scanner: FrameScanner<'backend'>
  readonly client: Outlet
  readonly tracking: Tracking
  readonly plans: Plans
  readonly copies: Copies
  readonly speech: Speech
  readonly completions: Completions
  readonly scrub: (text: string) => Scrubbed
}

/** Bytes of a DataRow in front of its first cell: tag, length, number of cells. */
const ROW_HEADER = 7
/** Where that number stands. */
const CELL_COUNT = 5

/**
 * The pump from the upstream to the client: synchronous, so that no message overtakes another. Frames that pass unchanged leave as slices of the chunk they
 * came in.
 */
export class Responses {
  readonly #deps: ResponsesDeps
  readonly #out = new Spans()

  constructor(deps: ResponsesDeps) {
    this.#deps = deps
  }

  /** Takes what the upstream's socket gave. Throws ProtocolError when the upstream is out of step. */
  read(chunk: Buffer): void {
    const { scanner, tracking } = this.#deps
    scanner.push(chunk)
    try {
      while (scanner.next()) this.#frame()
    } finally {
      this.flush()
      tracking.noteProgress()
    }
  }

  /** Sends our own answers whose turn has come, and everything that is ready. */
  flush(): void {
    if (this.#deps.tracking.replies.head?.kind === 'local') this.#answer()
    for (const piece of this.#out.take()) this.#deps.client.write(piece)
  }

  #frame(): void {
    const { scanner } = this.#deps
    if (scanner.tag === BACKEND_TAGS.dataRow) this.#row()
    else this.#message(backendFrame(scanner.tag, scanner.buffer.subarray(scanner.start, scanner.end)))
    if (this.#deps.tracking.replies.head?.kind === 'local') this.#answer()
  }

  #answer(): void {
    for (const answer of this.#deps.tracking.replies.localAnswers()) this.#out.put(answer)
  }

  #row(): void {
    const { scanner, plans } = this.#deps
    const run = this.#running()
    const plan = (run.plan ??= plans.planOf(run))
    const { buffer, start, end } = scanner
    if (end - start < ROW_HEADER || u16At(buffer, start + CELL_COUNT) !== plan.columns.length)
      throw new ProtocolError('a row that does not fit its description')
    run.rows += 1
    run.bytes += end - start
    if (!plan.everyRow && !mayHoldPan(buffer, start + ROW_HEADER, end)) {
      this.#out.keep(buffer, start, end)
      if (run.kept?.isFull === false) run.kept.keep(buffer.subarray(start, end), plan.columns, this.#deps.scrub)
      return
    }
    const shown = rewriteRow(buffer.subarray(start, end), plan.masks)
    plans.countInto(run)
    if (run.kept?.isFull === false) run.kept.keep(shown, plan.columns, this.#deps.scrub)
    this.#out.put(shown)
  }

  /** The work whose rows these are; anything else is a server out of step. */
  #running(): Execution {
    const head = this.#deps.tracking.replies.head
    if ((head?.kind === 'execute' || head?.kind === 'query') && head.run.kind === 'execution') return head.run
    throw new ProtocolError('a row that nothing asked for')
  }

  #message(frame: BackendFrame): void {
    const { tracking } = this.#deps
    const head = tracking.replies.head
    const status = frame.name === 'readyForQuery' ? statusOf(frame) : undefined
    // What a message means for the work in front must be done before that work leaves the queue.
    const shown = this.#shown(frame, head)
    const turn = tracking.replies.take(frame.name, status)
    if (turn.fate === 'out-of-step') throw new ProtocolError(`${frame.name} out of turn`)
    this.#after(turn, frame.name)
    if (turn.fate === 'forward') this.#out.put(shown)
    else if (turn.fate === 'replace') this.#out.put(turn.answer)
  }

  /** The frame as the client may see it, and its effect on what we know. */
  #shown(frame: BackendFrame, head: Expected<Run> | undefined): Buffer {
    const { plans, copies, speech, completions } = this.#deps
    switch (frame.name) {
      case 'rowDescription':
      case 'noData':
      case 'parameterDescription':
        return plans.describe(frame, head)
      case 'copyInResponse':
      case 'copyOutResponse':
      case 'copyData':
      case 'copyDone':
        return copies.shown(frame, head)
      case 'errorResponse':
        return speech.error(named(frame, 'errorResponse'), head)
      case 'noticeResponse':
        return speech.notice(named(frame, 'noticeResponse'))
      case 'notificationResponse':
        return speech.notification(named(frame, 'notificationResponse'))
      case 'parameterStatus':
        return speech.parameter(named(frame, 'parameterStatus'))
      case 'commandComplete':
      case 'emptyQueryResponse':
      case 'portalSuspended':
        completions.completed(frame, head)
        return frame.name === 'commandComplete' ? speech.tag(named(frame, 'commandComplete')) : frame.bytes
      default:
        return frame.bytes
    }
  }

  #after(turn: Exclude<Turn<Run>, { fate: 'out-of-step' }>, name: BackendName): void {
    const { completions, tracking } = this.#deps
    if (turn.fate !== 'swallow') for (const owed of turn.dropped) completions.dropped(owed)
    if (name !== 'readyForQuery' || turn.fate === 'replace') return
    const { expected } = turn
    if (expected?.kind !== 'sync' && expected?.kind !== 'query') return
    if (expected.kind === 'query') completions.queryEnded(expected.run)
    tracking.segmentEnded(expected.segment)
  }
}

const statusOf = (frame: BackendFrame): TransactionStatus => decodeBackend(named(frame, 'readyForQuery')).status

/** Narrows a frame by its own name; a wrong one is our bug. */
function named<Name extends BackendName>(frame: BackendFrame, name: Name): BackendFrame<Name> {
  if (frame.name !== name) throw new Error(`a ${frame.name} where ${name} was meant`)
  return { ...frame, name }
}
