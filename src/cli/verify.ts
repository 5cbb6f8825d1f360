import path from 'node:path'
import { readPublicKey } from '../recording/keys.ts'
import type { Problem } from '../recording/problem.ts'
import { verify, type Report } from '../recording/verify.ts'
import { visible } from '../recording/visible.ts'
import { COMMON, parsed, running } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { noteReading } from './local-reading.ts'

const USAGE = 'verify DIR… [--key PUBLIC.pem]… [--json]'

const OPTIONS = { ...COMMON, key: { type: 'string', multiple: true } } as const

/** Checks recordings and names every fault; 0 where there is none, 1 where there is one. */
export function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, () => verifyAll(argv, io))
}

async function verifyAll(argv: readonly string[], io: Io): Promise<ExitCode> {
  const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 1000 } })
  const pinned = values.key?.map(readPublicKey)
  let ok = true
  for (const folder of positionals) {
    await noteReading({ kind: 'recording.verified', folder, resource: `recordings:${path.basename(folder)}` })
    const report = await verify(folder, pinned === undefined ? {} : { pinned })
    ok &&= report.ok
    if (values.json === true) io.out(`${JSON.stringify(forPrograms(report))}\n`)
    else for (const line of forPeople(report)) io.out(`${line}\n`)
  }
  return ok ? 0 : 1
}

function forPrograms({ folder, ok, pinned, keys, problems, sessions, ledger }: Report): unknown {
  const told = sessions.map(({ session, status, events, head }) => ({ session, status, events, head }))
  const chain = ledger && { events: ledger.events, head: ledger.head, running: ledger.running }
  return { folder, ok, keys, pinned, sessions: told, ledger: chain ?? null, problems }
}

function* forPeople(report: Report): Generator<string> {
  for (const problem of report.problems)
    yield visible(`${problem.where}: ${place(problem)}${problem.text} [${problem.code}]`)
  yield `${report.ok ? 'ok' : 'NOT OK'}: ${counted(report)}`
  for (const key of report.keys) {
    yield visible(
      `signed by ${key}, ${report.pinned ? 'checked against the given key' : 'key found beside the recordings'}`,
    )
  }
  if (report.ledger !== undefined) yield visible(`ledger: ${report.ledger.events} entries, head ${report.ledger.head}`)
}

// Most texts name their line themselves; the place is for those that do not.
const place = ({ line, text }: Problem): string =>
  line === undefined || text.includes('line ') ? '' : `line ${line}: `

function counted({ sessions, problems }: Report): string {
  const of = (status: string): number => sessions.filter((session) => session.status === status).length
  const events = sessions.reduce((sum, session) => sum + session.events, 0)
  const parts = [`${sessions.length} ${sessions.length === 1 ? 'recording' : 'recordings'}`, `${events} events`]
  for (const status of ['crashed', 'open', 'broken']) if (of(status) > 0) parts.push(`${of(status)} ${status}`)
  if (problems.length > 0) parts.push(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`)
  return parts.join(', ')
}
