import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { KeyObject } from 'node:crypto'
import { readPublicKeys } from './keys.ts'
import { LEDGER_FILE } from './ledger-scan.ts'
import type { Problem, ProblemCode } from './problem.ts'
import { keyIdOf } from './seal.ts'
import { SESSION_FILE } from './session-file.ts'
import { verifyLedger, type LedgerReport, type LedgerSession } from './verify-ledger.ts'
import { verifySession, type SessionReport } from './verify-session.ts'
import type { TrustedKeys } from './verify-keys.ts'

/** The verdict on a recordings folder or on one session's folder. */
export interface Report {
  readonly folder: string
  /** No problem at all; sessions that the running node has open are none. */
  readonly ok: boolean
  readonly problems: readonly Problem[]
  readonly sessions: readonly SessionReport[]
  readonly ledger: LedgerReport | undefined
  /** Keys that signed what was read. */
  readonly keys: readonly string[]
  readonly pinned: boolean
}

export interface VerifyOptions {
  /** Public keys that alone are trusted; without them, those that lie beside the recordings. */
  readonly pinned?: readonly KeyObject[]
  /** Of a recordings folder, the sessions to look at; the ledger is always read whole. */
  readonly only?: (session: string) => boolean
  /** Reads one session's folder; without it each is read now. For whoever remembers verdicts on files that have not changed. */
  readonly readSession?: typeof verifySession
}

/** Verifies a recordings folder whole, or one session's folder with what the ledger beside it says of it. */
export async function verify(folder: string, options: VerifyOptions = {}): Promise<Report> {
  const isSession = existsSync(path.join(folder, SESSION_FILE)) || !hasRecordings(folder)
  const root = isSession ? path.dirname(path.resolve(folder)) : folder
  const trusted = trust(root, options)
  const ledger = await verifyLedger(root, trusted)
  const input = { folder, trusted, ledger, options }
  return isSession ? verifyOne(input) : verifyAll(input)
}

interface Input {
  readonly folder: string
  readonly trusted: TrustedKeys
  readonly ledger: LedgerReport | undefined
  readonly options: VerifyOptions
}

const NOT_SESSIONS = new Set(['keys'])

const hasRecordings = (folder: string): boolean =>
  existsSync(path.join(folder, LEDGER_FILE)) ||
  foldersOf(folder).some((name) => existsSync(path.join(folder, name, SESSION_FILE)))

function trust(root: string, { pinned }: VerifyOptions): TrustedKeys {
  if (pinned !== undefined) return { keys: new Map(pinned.map((key) => [keyIdOf(key), key])), pinned: true }
  return { keys: readPublicKeys(path.join(root, 'keys')), pinned: false }
}

async function verifyOne(input: Input): Promise<Report> {
  const report = await crossChecked(input.folder, input)
  // Faults elsewhere in the ledger are another verification's; what it says of this session counts.
  const ledger = input.ledger && { ...input.ledger, problems: [] }
  return reportOf({ ...input, ledger }, [report])
}

async function verifyAll(input: Input): Promise<Report> {
  const { only = () => true } = input.options
  const names = foldersOf(input.folder).filter((name) => !NOT_SESSIONS.has(name) && only(name))
  const sessions: SessionReport[] = []
  for (const name of names) sessions.push(await crossChecked(path.join(input.folder, name), input))
  const gone = missing(input.ledger, new Set(names)).filter(({ where }) => only(where))
  return reportOf(input, sessions, [...gone, ...ledgerProblems(input, sessions)])
}

async function crossChecked(folder: string, { trusted, ledger, options }: Input): Promise<SessionReport> {
  const { readSession = verifySession } = options
  const report = await readSession(folder, trusted)
  if (ledger === undefined) return report
  const listed = ledger.sessions.get(report.session)
  const found = listed === undefined ? unlisted(report, ledger) : differences(report, listed)
  // The running node has it open, and nothing else is wrong.
  const isLive = report.status === 'open' && found.length === 0 && ledger.running && listed?.live === true
  const kept = isLive ? report.problems.filter(({ code }) => code !== 'unended') : report.problems
  const problems = [...kept, ...found]
  return { ...report, problems, status: found.length > 0 ? 'broken' : report.status }
}

function unlisted(report: SessionReport, ledger: LedgerReport): Problem[] {
  const begun = report.ledger
  if (begun !== undefined && begun.seq >= ledger.events) {
    return [
      problem(
        'ledger-cut',
        report.session,
        `the ledger was cut: this session began at its entry ${begun.seq}, it ends at ${ledger.events - 1}`,
      ),
    ]
  }
  return [problem('unlisted', report.session, 'the ledger knows no such session')]
}

function differences(report: SessionReport, listed: LedgerSession): Problem[] {
  const found: Problem[] = []
  const add = (code: ProblemCode, text: string): void => void found.push(problem(code, report.session, text))
  const has = (code: ProblemCode): boolean => report.problems.some((known) => known.code === code)
  if (report.header !== listed.header && !has('session-changed'))
    add('session-changed', 'session.json is not the one in the ledger')
  const { end } = listed
  if (end === undefined) {
    if (report.ended)
      add('ledger-cut', 'the session ended, the ledger does not say so: it was cut, or the node died at that moment')
    return found
  }
  if (end.outcome === 'damaged')
    add('changed', 'recovery after a crash found this recording damaged and left it as it was')
  else if (!report.ended && !has('cut'))
    add('cut', `cut off: the ledger counts ${end.events} events, there are ${report.events}`)
  else if (report.problems.length === 0 && end.head !== report.head)
    add('ledger-differs', 'the ledger tells another end')
  else if (end.summary !== (report.summary ?? null) && !has('summary-changed') && !has('summary-missing')) {
    add('summary-changed', 'summary.json is not the one in the ledger')
  }
  return found
}

function missing(ledger: LedgerReport | undefined, names: ReadonlySet<string>): Problem[] {
  const gone = [...(ledger?.sessions ?? [])].filter(([session]) => !names.has(session))
  return gone.map(([session, { end }]) => {
    const lost = end?.outcome === 'lost' ? ' (it was not there after a crash, either)' : ''
    return problem('missing', session, `the ledger knows this session, its folder is gone${lost}`)
  })
}

function ledgerProblems({ folder, ledger }: Input, sessions: readonly SessionReport[]): Problem[] {
  if (ledger !== undefined) return []
  if (sessions.length === 0) return [problem('ledger-missing', 'ledger', `${folder} holds no recording and no ledger`)]
  return [problem('ledger-missing', 'ledger', 'there is no ledger: removed sessions cannot be told')]
}

function reportOf(input: Input, sessions: readonly SessionReport[], more: readonly Problem[] = []): Report {
  const problems = [...(input.ledger?.problems ?? []), ...sessions.flatMap((session) => session.problems), ...more]
  const keys = new Set([...(input.ledger?.keys ?? []), ...sessions.flatMap((session) => session.keys)])
  return {
    folder: input.folder,
    ok: problems.length === 0,
    problems,
    sessions,
    ledger: input.ledger,
    keys: [...keys],
    pinned: input.trusted.pinned,
  }
}

const problem = (code: ProblemCode, where: string, text: string): Problem => ({ code, where, text })

const foldersOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => statSync(path.join(folder, name)).isDirectory())
    .sort()
