/** Stands where a literal or value was withheld. Equal values of one node give equal tags; the key never leaves the node. */
export interface ValueToken {
  /** What stood there: `text`, `number`, `bits`, `comment`, `binary`, `pan`. */
  readonly withheld: 'text' | 'number' | 'bits' | 'comment' | 'binary' | 'pan'
  /** Length of the original in UTF-8 bytes. */
  readonly bytes: number
  /** 12 hex characters of HMAC-SHA-256 under the node's key. Absent where `shown` is present: the two never stand together. */
  readonly tag?: string
  /** For a PAN: its BIN and last four, e.g. `411111******1111`. */
  readonly shown?: string
}

/**
 * Text that may be written to disk or shown: pieces of the original and typed tokens where something was withheld. Tokens are objects, so
 * that nobody can type one into a statement.
 */
export type RedactedText = readonly (string | ValueToken)[]

/** A redacted text as one line for people; tokens appear between guillemets. */
export const plain = (text: RedactedText): string =>
  text.map((piece) => (typeof piece === 'string' ? piece : printed(piece))).join('')

const printed = (token: ValueToken): string => `‹${token.shown ?? `${token.withheld} ${token.bytes}`}›`
