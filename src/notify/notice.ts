/** One thing that people are told. Every text in it is inert already: see `inert.ts`. */
export interface Notice {
  /** E.g. `approval.opened`. */
  readonly kind: string
  /** What it is about, e.g. `approval:a_…`; its deliveries are found by it. */
  readonly subject: string | undefined
  readonly weight: Weight
  /** One sentence of fixed words, names and ids, which lies on locked screens and in subject lines. */
  readonly headline: string
  readonly lines: readonly Line[]
  /** Shows what it is about; decides nothing. */
  readonly link: string
  /** What a generic webhook is sent. */
  readonly payload: object
}

/**
 * `asks` somebody to act, and one person may cause only so many of those an hour; `follows` on an asking, and goes where that went; `always` goes out: nobody may
 * be spared it.
 */
export type Weight =
  { readonly kind: 'asks'; readonly person: string } | { readonly kind: 'follows' } | { readonly kind: 'always' }

export interface Line {
  readonly label: string
  readonly text: string
}

/** A notice as a letter: one line a fact, the link last. */
export const plainText = ({ lines, link }: Pick<Notice, 'lines' | 'link'>): string =>
  [...lines.map(({ label, text }) => `${label}: ${text}`), '', link].join('\n')
