import { scrub } from '../../mask/scrub.ts'
import type { HeldNotice, Refused, RefusalKind } from '../../session/ruling.ts'

/** What a shell says of a command that may not be run. POSIX, "Exit Status for Commands". */
const NOT_RUN = 126
/** What a shell says of a command that Ctrl-C ended. */
const INTERRUPTED = 130
/** What ssh itself says where the connection, and not the command, failed. */
export const LOST = 255

/** Characters of one line for a client that shows it whole. */
const LONGEST = 1000

/** The exit status by which a client learns that its command was refused. */
export const statusOf = (kind: RefusalKind): number => (kind === 'withdrawn' ? INTERRUPTED : NOT_RUN)

/** Why it was refused, a line each. Names and reasons in it are typed by people, so its card numbers are cut down. */
export const refusalLines = ({
  message,
  detail,
  hint,
}: Pick<Refused, 'message' | 'detail' | 'hint'>): readonly string[] =>
  [message, detail, hint].filter((line) => line !== undefined)

/** What the person reads while their command waits. */
export const heldLines = (held: HeldNotice, withdrawnBy = 'Ctrl-C withdraws it'): readonly string[] => [
  `this is held: ${held.message}`,
  `approval ${held.approval}, rule ${held.rules.join(', ')}, needs ${held.needs} before ${clock(held.expiresAt)} UTC; ${withdrawnBy}`,
  `countersign at ${held.link} or with: countersign approve ${held.approval}`,
]

/** Lines of ours for a terminal or for error output: each named as ours, none with a control character of somebody else. */
export const spoken = (lines: readonly string[], isTerminal: boolean): Buffer =>
  Buffer.from(lines.map((line) => `countersign: ${inert(scrub(line))}${isTerminal ? '\r\n' : '\n'}`).join(''))

/** The same where there is room for one line only. */
export const asOneLine = (lines: readonly string[]): string =>
  `countersign: ${inert(scrub(lines.join(' ')))}`.slice(0, LONGEST)

/** What could move a cursor or turn text round becomes a question mark. */
const inert = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')

const clock = (millis: number): string => new Date(millis).toISOString().slice(11, 19)
