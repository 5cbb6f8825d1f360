import type { Scrubbed } from '../../model/scrubbed.ts'
import { u16At, u8At } from '../../bytes/peek.ts'
import { mayHoldPan } from '../../mask/prefilter.ts'
import { backendFrame, type BackendFrame } from '../../protocol/postgres/framing.ts'
import type { BackendName, TransactionStatus } from '../../protocol/postgres/messages.ts'
import { ProtocolError } from '../../protocol/postgres/protocol-error.ts'
import type { Expected, Turn } from '../../protocol/postgres/replies.ts'
import { patchRow, rewriteRow } from '../../protocol/postgres/rows.ts'
import type { FrameScanner } from '../../protocol/postgres/scanner.ts'
import { BACKEND_TAGS } from '../../protocol/postgres/tags.ts'
import type { Outlet } from '../outlet.ts'
import { CommandTags } from './command-tags.ts'
import type { Completions } from './completions.ts'
import type { Copies } from './copies.ts'
import type { Plans } from './plans.ts'
import type { RowPlan } from './row-plan.ts'
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
/** Bytes of a ReadyForQuery. */
const READY = 6

/**
 * The pump from the upstream to the client: synchronous, so that no message overtakes another. Frames that pass unchanged leave as slices of the chunk they
 * came in, and the five messages that every query has are read where they lie.
 */
export class Responses {
  readonly #deps: ResponsesDeps
  readonly #tags: CommandTags

  constructor(deps: ResponsesDeps) {
    this.#deps = deps
    this.#tags = new CommandTags(deps.scrub)
  }

  /** Takes what the upstream's socket gave. Throws ProtocolError when the upstream is out of step. */
  read(chunk: Buffer): void {
    const { scanner, tracking } = this.#deps
    scanner.push(chunk)
    try {
      while (scanner.next()) {
        this.#frame()
        this.#answer()
      }
    } finally {
      this.#deps.client.leave()
      tracking.noteProgress()
    }
  }

  /** Sends our own answers whose turn has come, and everything that is ready. */
  flush(): void {
    this.#answer()
    this.#deps.client.leave()
  }

  #frame(): void {
    const { scanner } = this.#deps
    switch (scanner.tag) {
      case BACKEND_TAGS.dataRow:
        this.#row()
        break
      case BACKEND_TAGS.copyData:
        this.#deps.copies.pass(scanner, this.#deps.tracking.replies.head, this.#deps.client)
        break
      case BACKEND_TAGS.bindComplete:
        this.#forward(this.#take('bindComplete'))
        break
      case BACKEND_TAGS.commandComplete:
        this.#complete()
        break
      case BACKEND_TAGS.readyForQuery:
        this.#ready()
        break
      default:
        this.#message(backendFrame(scanner.tag, scanner.buffer.subarray(scanner.start, scanner.end)))
    }
  }

  #answer(): void {
    const { tracking, client } = this.#deps
    if (tracking.replies.head?.kind !== 'local') return
    for (const answer of tracking.replies.localAnswers()) client.pass(answer, 0, answer.length)
  }

  #row(): void {
    const { scanner, plans, client } = this.#deps
    const run = this.#running()
    const plan = (run.plan ??= plans.planOf(run))
    const { buffer, start, end } = scanner
    if (end - start < ROW_HEADER || u16At(buffer, start + CELL_COUNT) !== plan.columns.length)
      throw new ProtocolError('a row that does not fit its description')
    run.rows += 1
    run.bytes += end - start
    if (!plan.everyRow && !mayHoldPan(buffer, start + ROW_HEADER, end)) {
      client.pass(buffer, start, end)
      if (run.kept?.isFull === false) run.kept.keep(buffer.subarray(start, end), plan.columns, this.#deps.scrub)
      return
    }
    this.#maskedRow(run, plan)
  }

  #maskedRow(run: Execution, plan: RowPlan): void {
    const { scanner, plans, client, scrub } = this.#deps
    const { buffer, start, end } = scanner
    if (run.kept?.isFull === false) {
      const shown = rewriteRow(buffer.subarray(start, end), plan.masks)
      run.kept.keep(shown, plan.columns, scrub)
      client.pass(shown, 0, shown.length)
    } else {
      patchRow(scanner, plan, client.patchFrom(buffer, start))
      client.pass(buffer, start, end)
    }
    plans.countInto(run)
  }

  /** The work whose rows these are; anything else is a server out of step. */
  #running(): Execution {
    const head = this.#deps.tracking.replies.head
    if ((head?.kind === 'execute' || head?.kind === 'query') && head.run.kind === 'execution') return head.run
    throw new ProtocolError('a row that nothing asked for')
  }

  #complete(): void {
    const { scanner, tracking, completions } = this.#deps
    const tag = this.#tags.read(scanner.buffer, scanner.start, scanner.end)
    // What a message means for the work in front must be done before that work leaves the queue.
    completions.completed(tag, tracking.replies.head)
    this.#forward(this.#take('commandComplete'), tag.shown)
  }

  #ready(): void {
    const { scanner, tracking, completions } = this.#deps
    const turn = this.#take('readyForQuery', statusIn(scanner))
    const expected = turn.fate === 'replace' ? undefined : turn.expected
    if (expected?.kind === 'query') completions.queryEnded(expected.run)
    if (expected?.kind === 'sync' || expected?.kind === 'query') tracking.segmentEnded(expected.segment)
    if (tracking.approvedPortals.length > 0) completions.portalsEnded()
    this.#forward(turn)
  }

  #message(frame: BackendFrame): void {
    const { tracking } = this.#deps
    const shown = this.#shown(frame, tracking.replies.head)
    // What is shown as it came stays one piece with its neighbours.
    this.#forward(this.#take(frame.name), shown === frame.bytes ? undefined : shown)
  }

  /** Accounts for the message, and for what an error kept from running. */
  #take(name: BackendName, status?: TransactionStatus): Exclude<Turn<Run>, { fate: 'out-of-step' }> {
    const { tracking, completions } = this.#deps
    const turn = tracking.replies.take(name, status)
    if (turn.fate === 'out-of-step') throw new ProtocolError(`${name} out of turn`)
    if (turn.fate !== 'swallow') for (const owed of turn.dropped) completions.dropped(owed)
    return turn
  }

  /** `shown` stands for the frame that was read last; without it, its own bytes do. */
  #forward(turn: Exclude<Turn<Run>, { fate: 'out-of-step' }>, shown?: Buffer): void {
    const { client, scanner } = this.#deps
    if (turn.fate === 'swallow') return
    const bytes = turn.fate === 'replace' ? turn.answer : shown
    if (bytes === undefined) client.pass(scanner.buffer, scanner.start, scanner.end)
    else client.pass(bytes, 0, bytes.length)
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
      case 'emptyQueryResponse':
        completions.empty(head)
        return frame.bytes
      case 'portalSuspended':
        completions.suspended(head)
        return frame.bytes
      default:
        return frame.bytes
    }
  }
}

/** Narrows a frame by its own name; a wrong one is our bug. */
function named<Name extends BackendName>(frame: BackendFrame, name: Name): BackendFrame<Name> {
  if (frame.name !== name) throw new Error(`a ${frame.name} where ${name} was meant`)
  return { ...frame, name }
}

const STATUS: Readonly<Record<number, TransactionStatus>> = { 0x49: 'idle', 0x54: 'transaction', 0x45: 'failed' }

/** The one byte of a ReadyForQuery: I, T or E. */
function statusIn({ buffer, start, end }: FrameScanner<'backend'>): TransactionStatus {
  const status = end - start === READY ? STATUS[u8At(buffer, end - 1)] : undefined
  if (status === undefined) throw new ProtocolError('readyForQuery: no status that is known')
  return status
}
