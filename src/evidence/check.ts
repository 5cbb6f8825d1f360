import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Problem } from '../recording/problem.ts'
import { verify, type Report } from '../recording/verify.ts'
import { verifySession, type SessionReport } from '../recording/verify-session.ts'
import { Lru } from '../std/lru.ts'

/** What is to be verified. */
export interface CheckWanted {
  readonly root: string
  /** Sessions that the ledger places outside the period; everything else is looked at, so also what the ledger does not know. */
  readonly outside: readonly string[]
  /** Reads every byte again; otherwise a closed recording whose files have not changed since they were found whole is believed. */
  readonly fresh: boolean
  /** This session alone, and what the ledger says of it. */
  readonly only?: string | undefined
}

/** What verification found, as far as reports tell it. */
export interface Checked {
  readonly ok: boolean
  readonly sessions: readonly CheckedSession[]
  /** At most `MAX_PROBLEMS` of them. */
  readonly problems: readonly Problem[]
  readonly problemCount: number
  readonly ledger: { readonly events: number; readonly head: string; readonly running: boolean } | undefined
  readonly keys: readonly string[]
}

export type CheckedSession = Pick<SessionReport, 'session' | 'status' | 'events' | 'head' | 'ended'>

const MAX_PROBLEMS = 2000
/** Verdicts that are remembered. */
const REMEMBERED = 20_000
/** A running node writes while it is read: what looks wrong is looked at again before it is said. */
const LOOKS = 3

/** Verifies recordings and remembers what it found whole. */
export class Check {
  readonly #whole = new Lru<string, { readonly stamp: string; readonly report: SessionReport }>(REMEMBERED)

  async run({ root, outside, fresh, only }: CheckWanted): Promise<Checked> {
    const beyond = new Set(outside)
    const isAsked = (session: string): boolean => (only === undefined ? !beyond.has(session) : session === only)
    const readSession = fresh ? verifySession : this.#remembering()
    const first = await verify(root, { only: isAsked, readSession })
    let again = first
    for (let look = 1; look < LOOKS && !again.ok && isLive(again); look += 1) again = await second(root, again)
    return checkedOf(first, again)
  }

  #remembering(): typeof verifySession {
    return async (folder, trusted) => {
      const stamp = stampOf(folder)
      const known = this.#whole.get(folder)
      if (known?.stamp === stamp) return known.report
      const report = await verifySession(folder, trusted)
      if (report.ended && report.problems.length === 0) this.#whole.set(folder, { stamp, report })
      return report
    }
  }
}

const isLive = ({ ledger }: Report): boolean => ledger?.running === true

/** Only what was wrong, against the ledger as it is now. */
function second(root: string, before: Report): Promise<Report> {
  const wrong = new Set(before.problems.map(({ where }) => where))
  return verify(root, { only: (session) => wrong.has(session) })
}

function checkedOf(first: Report, last: Report): Checked {
  const later = new Map(last.sessions.map((session) => [session.session, session]))
  const sessions = first.sessions.map((session) => later.get(session.session) ?? session)
  return {
    ok: last.problems.length === 0,
    sessions: sessions.map(({ session, status, events, head, ended }) => ({ session, status, events, head, ended })),
    problems: last.problems.slice(0, MAX_PROBLEMS),
    problemCount: last.problems.length,
    ledger: last.ledger && { events: last.ledger.events, head: last.ledger.head, running: last.ledger.running },
    keys: [...new Set([...first.keys, ...last.keys])].sort(),
  }
}

/** Changes whenever a file of the folder is written, replaced, added or removed; the time of change is the kernel's own. */
function stampOf(folder: string): string {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const { ino, size, mtimeNs, ctimeNs } = statSync(path.join(folder, name), { bigint: true })
      return `${name} ${ino} ${size} ${mtimeNs} ${ctimeNs}`
    })
    .join('\n')
}
