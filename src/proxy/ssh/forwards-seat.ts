import type { Duplex } from 'node:stream'
import type { ActionFacts } from '../../model/action-facts.ts'
import type { Scrubbed } from '../../model/scrubbed.ts'
import type { ForwardStatement } from '../../model/statement.ts'
import type { SessionEvent } from '../../recording/event.ts'
import type { Clearance } from '../../session/clearance.ts'
import type { Cleared, Refused, Ruling } from '../../session/ruling.ts'
import type { Clock } from '../../std/clock.ts'
import type { Route } from './upstream.ts'

/** A port of the target that connections are taken from. */
export interface Bind {
  readonly host: string
  /** 0: the target chooses. */
  readonly port: number
}

/** A connection that came in at a port of the target. */
export interface Incoming {
  /** Where it came in, as the target tells it. */
  readonly at: Bind
  readonly from: Bind
  accept(): Duplex
  reject(): void
}

/** What the forwards of one session need of it. */
export interface ForwardsSeat {
  /** Which directions the target's configuration has switched on. */
  readonly switches: { readonly local: boolean; readonly remote: boolean }
  readonly gone: AbortSignal
  readonly clock: Clock
  /** Judges and records one forward; a hold waits in it. */
  readonly judge: (work: {
    readonly frame: Uint8Array
    readonly statement: ForwardStatement
  }) => Promise<Ruling<ActionFacts>>
  /** Opens a connection from the target on; rejects where it does not. */
  readonly connect: (frame: Uint8Array, route: Route, clearance: Clearance) => Promise<Duplex>
  /** Has the target listen; resolves with the port, rejects where it does not. */
  readonly listen: (frame: Uint8Array, bind: Bind, clearance: Clearance) => Promise<number>
  readonly unlisten: (bind: Bind) => Promise<void>
  /** Connections to ports that the target listens on, from the call on. */
  readonly onIncoming: (listener: (incoming: Incoming) => void) => void
  /** Opens a channel to the client for a connection that came in; rejects where the client does not take it. */
  readonly toClient: (at: Bind, from: Bind) => Promise<Duplex>
  readonly settle: (cleared: Cleared<ActionFacts>, end: 'done' | 'failed') => void
  readonly record: (event: SessionEvent) => void
  /** Records what is refused without a rule: what is switched off, and what nobody offers. */
  readonly object: (what: string, refusal: Refused) => void
  readonly scrub: (text: string) => Scrubbed
  /** The person's side sent something through a forward. */
  readonly onInput: () => void
  /** A refusal in words, wherever the person has a place for them: for what is answered without any. */
  readonly tell: (refusal: Refused) => void
}
