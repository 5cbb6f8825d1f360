import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { z } from 'zod'
import { REPORTS } from '../evidence/report.ts'
import { shownCell } from '../evidence/shown.ts'
import type { ReportAnswer } from '../http/evidence-schemas.ts'
import { NET, profileClient } from './client.ts'
import type { Net } from './client.ts'
import { COMMON, parsed, PROFILE, running, UsageError } from './command.ts'
import type { Download } from './evidence-calls.ts'
import type { ExitCode, Io } from './io.ts'
import { terminalLine } from './terminal.ts'

const USAGE = `evidence ${REPORTS.join('|')} [--from DAY|TIME] [--to DAY|TIME] [--person NAME] [--table NAME] [--column NAME] [--class NAME] [--format csv|html|json] [--output FILE] [--profile NAME] [--json]`

const QUESTION = {
  from: { type: 'string' },
  to: { type: 'string' },
  person: { type: 'string' },
  table: { type: 'string' },
  column: { type: 'string' },
  class: { type: 'string' },
} as const
const OPTIONS = { ...COMMON, ...PROFILE, ...QUESTION, format: { type: 'string' }, output: { type: 'string' } } as const

/** `evidence`: a report for a period, to read here or to keep; 1 where its verification named problems. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 1 } })
    const name = REPORTS.find((one) => one === positionals[0])
    if (name === undefined) throw new UsageError(`reports are ${REPORTS.join(', ')}`)
    const format = formatOf(values.json === true ? 'json' : values.format)
    const asked = Object.entries(values).flatMap(([option, value]) =>
      option in QUESTION && typeof value === 'string' ? [[option, value] as const] : [],
    )
    const filter = Object.fromEntries(asked)
    const client = await profileClient(values.profile, io, net)
    if (format === undefined && values.output === undefined) {
      const report = await client.evidence.report(name, filter)
      for (const line of linesOf(report)) io.out(`${terminalLine(line)}\n`)
      return report.front.verification.ok ? 0 : 1
    }
    const download = await client.evidence.written(name, filter, format ?? 'csv')
    await keep(download, values.output, io)
    return download.verified ? 0 : 1
  })
}

function formatOf(text: string | undefined): 'csv' | 'html' | 'json' | undefined {
  if (text === undefined || text === 'csv' || text === 'html' || text === 'json') return text
  throw new UsageError('--format is csv, html or json')
}

/** Never over a file that is there, and for its owner alone. */
async function keep({ pieces }: Download, output: string | undefined, io: Io): Promise<void> {
  if (output === undefined) {
    for await (const piece of pieces) io.out(piece)
    return
  }
  const stream = createWriteStream(output, { flags: 'wx', mode: 0o600 })
  await once(stream, 'open')
  for await (const piece of pieces) if (!stream.write(piece)) await once(stream, 'drain')
  stream.end()
  await once(stream, 'finish')
}

/** For people at a terminal: the front, then one line a row. */
function* linesOf({ front, table }: z.infer<typeof ReportAnswer>): Generator<string> {
  const { verification } = front
  yield front.title
  yield `period    ${front.from ?? 'the beginning'} to ${front.to ?? 'now'}`
  yield `node      ${front.node}, Countersign ${front.version}, policy ${front.policyVersion}`
  yield `verified  ${verification.ok ? 'everything is as it was written' : `NOT OK: ${verification.codes.join(', ')}`}`
  yield `          ${verification.recordings} recordings, ${verification.events} events, ledger of ${verification.ledgerEntries} entries, head ${verification.ledgerHead}`
  for (const { name, value } of front.facts) yield `${name}: ${shownCell(value)}`
  yield ''
  if (table.rows.length === 0) yield 'nothing in this period'
  for (const row of table.rows) yield row.map((cell) => shownCell(cell).replaceAll('\n', ' ')).join('  ')
  if (table.cut) yield `there is more: these are the newest ${table.rows.length} rows; ask for a shorter period`
}
