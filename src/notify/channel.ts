import type { Notice } from './notice.ts'

/** What became of one attempt to deliver. `reason` is our own word for it, never a text of the receiver. */
export type Sent =
  | { readonly outcome: 'delivered' }
  /** Worth another try: the receiver is busy, away or broken. */
  | { readonly outcome: 'later'; readonly reason: string }
  /** Another try would end the same way. */
  | { readonly outcome: 'refused'; readonly reason: string }

/** A way to tell people. */
export interface Channel {
  readonly name: string
  /** The body of the letter of that id in the channel's own format, made once and then stored. */
  compose(notice: Notice, id: string): string
  /** One attempt. Never rejects. */
  send(letter: Letter): Promise<Sent>
}

/** One message on its way through one channel. */
export interface Letter {
  /** The same at every attempt, so that a receiver can drop repetitions. */
  readonly id: string
  /** As `compose` made it. */
  readonly body: string
}
