import type { Duplex } from 'node:stream'
import type { ActionFacts } from '../../model/action-facts.ts'
import type { Scrubbed } from '../../model/scrubbed.ts'
import type { FileStatement } from '../../model/statement.ts'
import type { SessionEvent } from '../../recording/event.ts'
import type { Clearance } from '../../session/clearance.ts'
import type { Cleared, HeldNotice, Refused, Ruling } from '../../session/ruling.ts'
import type { Clock } from '../../std/clock.ts'
import type { ChannelOutlet } from './channel-outlet.ts'

/** A request of a file transfer that names a path: the packet that will be sent and what it means. */
export interface FileWork {
  readonly frame: Uint8Array
  readonly statement: FileStatement
}

export interface FileWaiting {
  /** Fires when nobody waits for an answer any more: the hold is void. */
  readonly gone: AbortSignal
  /** To be called when a hold begins: requests behind this one wait for that, or for the ruling, and a transfer program shows no notice by itself. */
  readonly onHeld: (notice: HeldNotice) => void
}

/** What the file transfer of one SFTP channel needs of the session around it. */
export interface FilesSeat {
  /** The client's channel, from which nothing was read yet. It is read here and written to by nobody but `answers`. */
  readonly client: Duplex
  readonly answers: Pick<ChannelOutlet, 'out' | 'fedBy'>
  /** The target's channel. It is read here; it is written to by `send` and `sendRiding` alone, and asked whether it wants to drain. */
  readonly upstream: Duplex
  /** Fires when the session ends. */
  readonly gone: AbortSignal
  readonly clock: Clock
  /** Judges and records one request; a hold waits in it. */
  judge(work: FileWork, waiting: FileWaiting): Promise<Ruling<ActionFacts>>
  /** A judged request leaves for the target: the very frame that was judged, once. */
  send(frame: Uint8Array, clearance: Clearance): void
  /** What needs no clearance leaves: reads and writes of an open handle, closing, questions for names and limits, and our own REALPATH. */
  sendRiding(frame: Uint8Array): void
  /** How a cleared request ended, once for each ruling that cleared one: its approval is settled with it. */
  settle(cleared: Cleared<ActionFacts>, end: FileEnd): void
  record(event: SessionEvent): void
  scrub(text: string): Scrubbed
  /** A refusal in words beside the transfer (error output): transfer programs show a status, and keep its text to themselves. */
  tell(refusal: Refused): void
}

/** `unknown`: the target or the session ended before there was an answer. */
export type FileEnd = 'done' | 'failed' | 'unknown'

/** Why a file transfer is over. `error`: a peer broke the protocol. */
export interface FilesEnd {
  readonly by: 'client' | 'target' | 'session' | 'broken-client' | 'broken-target'
  readonly error: Error | undefined
}
