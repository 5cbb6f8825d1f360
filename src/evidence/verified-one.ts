import type { Checked } from './check.ts'

/** What verification says of one recording. */
export interface VerifiedOne {
  /** A `SessionStatus`. */
  readonly status: string
  readonly events: number
  /** In words, with the code of each. */
  readonly findings: readonly string[]
}

/** The part of a check that is about one session; undefined where it has no recording. */
export function verifiedOne(session: string, { sessions, problems }: Checked): VerifiedOne | undefined {
  const found = sessions.find((one) => one.session === session)
  if (found === undefined) return undefined
  const findings = problems.filter(({ where }) => where === session).map(({ code, text }) => `${text} [${code}]`)
  return { status: found.status, events: found.events, findings }
}
