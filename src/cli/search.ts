import type { z } from 'zod'
import type { FoundStatements } from '../http/evidence-schemas.ts'
import { NET, profileClient } from './client.ts'
import type { Net } from './client.ts'
import { COMMON, parsed, PROFILE, running } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { terminalLine } from './terminal.ts'

const USAGE =
  'search [TEXT] [--person NAME] [--target NAME] [--session ID] [--table NAME] [--column NAME] [--class NAME] [--verdict allow|hold|deny|cleared|refused] [--from DAY|TIME] [--to DAY|TIME] [--limit N] [--cursor NEXT] [--profile NAME] [--json]'

const FILTERS = {
  person: { type: 'string' },
  target: { type: 'string' },
  session: { type: 'string' },
  table: { type: 'string' },
  column: { type: 'string' },
  class: { type: 'string' },
  verdict: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' },
} as const

/** `search`: recorded statements that you may see, newest first. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, {
      options: { ...COMMON, ...PROFILE, ...FILTERS },
      words: { least: 0, most: 1 },
    })
    const asked = Object.entries({ ...values, text: positionals[0] }).flatMap(([name, value]) =>
      (name in FILTERS || name === 'text') && typeof value === 'string' ? [[name, value] as const] : [],
    )
    const client = await profileClient(values.profile, io, net)
    const found = await client.evidence.search(Object.fromEntries(asked))
    if (values.json === true) io.out(`${JSON.stringify(found)}\n`)
    else for (const line of linesOf(found)) io.out(`${terminalLine(line)}\n`)
    return 0
  })
}

function* linesOf({ statements, next, complete }: z.infer<typeof FoundStatements>): Generator<string> {
  if (statements.length === 0) yield 'nothing'
  for (const one of statements) {
    const became = one.ruling === null ? one.verdict : `${one.verdict}, ${one.ruling} by ${one.ruledBy.join(', ')}`
    const text = one.text.replace(/\s+/gu, ' ')
    yield `${one.at}  ${one.person}@${one.target}  ${one.session} ${one.statement}  ${became}  ${one.end ?? '-'}  ${text}${one.cut ? '…' : ''}${one.bound === null ? '' : `  with ${one.bound.replace(/\s+/gu, ' ')}`}`
  }
  if (next !== null) yield `there is more: --cursor ${next}`
  if (!complete) yield 'older recordings are still being read; ask again for all of them'
}
