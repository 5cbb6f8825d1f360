import type { Brand } from './ids.ts'

/** Free text that has been through the card scanner: it may be written to disk, logged or shown. */
export type Scrubbed = Brand<string, 'Scrubbed'>

/** The only maker of `Scrubbed`: `scrub` is the scanner that replaces every card number by what may be shown of it. */
export const scrubbedBy =
  (scrub: (text: string) => string) =>
  (text: string): Scrubbed =>
    scrub(text) as Scrubbed
