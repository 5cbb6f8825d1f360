/** What is wrong with a recording, in a word that programs may rely on. */
export type ProblemCode =
  | 'changed' /* a line is not the one that was written */
  | 'unreadable' /* a line is no event */
  | 'dropped'
  | 'reordered'
  | 'duplicated'
  | 'spliced' /* lines of another session */
  | 'appended' /* lines after the end */
  | 'cut' /* the end is missing and something proves that there was one */
  | 'unended' /* no end, and nothing says that there was one */
  | 'session-changed' /* session.json */
  | 'summary-changed'
  | 'summary-missing'
  | 'torn-changed' /* events.torn is not what the crash event names */
  | 'cast-changed' /* what a channel showed */
  | 'cast-cut'
  | 'cast-missing'
  | 'folder' /* lies under another session's name */
  | 'extra-file'
  | 'missing' /* a session of the ledger without a folder */
  | 'unlisted' /* a folder that the ledger does not know */
  | 'ledger-differs' /* the ledger tells another end */
  | 'ledger-cut'
  | 'ledger-missing'
  | 'signature'
  | 'foreign-key' /* signed, but not by the key that it should be */
  | 'unknown-key' /* no public key to check with */
  | 'unsigned'

/** One finding of `verify`. */
export interface Problem {
  readonly code: ProblemCode
  /** Session or `ledger`. */
  readonly where: string
  /** From 1, in the file that `text` names or in `events.ndjson`. */
  readonly line?: number
  /** First byte of that line, or the very byte where it is known, from 0 in the file. */
  readonly byte?: number
  readonly text: string
}
