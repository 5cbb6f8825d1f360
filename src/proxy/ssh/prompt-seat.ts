import type { Duplex } from 'node:stream'

import type { ShellStatement } from '../../model/statement.ts'
import type { HeldNotice, Refused } from '../../session/ruling.ts'

/** A line for the target: what is judged, and the exact text that the exec request carries. */
export interface PromptWork {
  readonly statement: ShellStatement
  /** The wrapped line; its UTF-8 bytes are the frame that is judged and sent. */
  readonly sent: string
}

/** How a line that was given to the target ended. */
export type LineEnd =
  | { readonly kind: 'exit'; readonly code: number }
  /** Without the `SIG`: `INT`, `TERM`. */
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'refused'; readonly refusal: Refused }
  /** The target went away in the middle. */
  | { readonly kind: 'lost' }

/** What a question to the target brought. */
export type AskEnd =
  | { readonly kind: 'done'; readonly code: number | undefined; readonly stdout: Buffer; readonly cut: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refused }
  | { readonly kind: 'lost' }

/** The open end of `listen`. */
export interface Listening {
  close(): void
}

/** What comes of a line while it waits and when it starts. */
export interface RunWatch {
  /** Withdraws the line while it waits; without effect once it runs. */
  readonly cancelled: AbortSignal
  /** The line begins to wait for a person, and again each time that this is to be said. */
  readonly onHeld: (notice: HeldNotice) => void
  /**
   * The line is cleared and about to start. Until now the prompt has read the channel (Ctrl-C withdraws); it stops within this call and leaves the channel
   * paused. From here to the end of `run` the seat is its only reader, and has paused it and taken its listeners off again when `run` settles.
   */
  readonly onStart: () => void
}

/** What the interactive prompt of one channel needs of the session around it. */
export interface PromptSeat {
  /**
   * The client's shell channel: keys come in, the screen goes out. What the prompt writes here is masked and recorded like the output of a program; what
   * it reads here is the person's own doing, for the idle clock.
   */
  readonly channel: Duplex
  /** The terminal takes no sequences: nothing but text and line ends is written to it. */
  readonly isPlain: boolean
  /** Window of the client's terminal, each 1 to 1000. */
  size(): { readonly columns: number; readonly rows: number }
  /** Returns how to stop listening. */
  onResize(listener: () => void): () => void
  readonly person: string
  readonly target: string
  /** Fires when the client is gone, or the session ends. */
  readonly gone: AbortSignal
  /**
   * Judges, records and, once cleared, runs `sent` as an exec channel of its own with a terminal. The person's keys go to it and its masked output to the
   * channel until it ends; all of its output is written before the promise settles. Never rejects for what the target or the client does.
   */
  run(work: PromptWork, watch: RunWatch): Promise<LineEnd>
  /**
   * The same without a terminal and without the person's keys; standard output is collected up to `limit` bytes, the program is ended where it says more.
   * Nobody is asked for it: what a rule holds is refused. `cancelled` ends it.
   */
  ask(work: PromptWork & { readonly limit: number; readonly cancelled: AbortSignal }): Promise<AskEnd>
  /**
   * A long-lived exec without a terminal whose standard output is read as it comes. Its standard input stays open and empty until `close`: the end of input
   * is what ends it. Nobody is asked for it: what a rule holds is refused.
   */
  listen(work: PromptWork, onChunk: (chunk: Buffer) => void): Promise<Listening | Refused>
  /** Notes in the recording what the person's keys were about. */
  mark(kind: 'paste' | 'interrupt' | 'suspend-declined' | 'echo-off', detail?: string): void
}
