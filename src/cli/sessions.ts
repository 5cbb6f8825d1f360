import { NET, profileClient } from './client.ts'
import type { Net } from './client.ts'
import { COMMON, parsed, PROFILE, running } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { terminalLine } from './terminal.ts'

const USAGE =
  'sessions [--person NAME] [--target NAME] [--state open|closed] [--table NAME] [--column NAME] [--class NAME] [--text TEXT] [--verdict allow|hold|deny|cleared|refused] [--from DAY|TIME] [--to DAY|TIME] [--profile NAME] [--json]'

const FILTERS = {
  person: { type: 'string' },
  target: { type: 'string' },
  state: { type: 'string' },
  table: { type: 'string' },
  column: { type: 'string' },
  class: { type: 'string' },
  text: { type: 'string' },
  verdict: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
} as const

/** `sessions`: your own, or all of them for those who watch. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values } = parsed(argv, { options: { ...COMMON, ...PROFILE, ...FILTERS }, words: { least: 0, most: 0 } })
    const client = await profileClient(values.profile, io, net)
    const asked = Object.entries(values).flatMap(([name, value]) =>
      name in FILTERS && typeof value === 'string' ? [[name, value] as const] : [],
    )
    const found = await client.sessions(Object.fromEntries(asked))
    if (values.json === true) io.out(`${JSON.stringify(found)}\n`)
    else if (found.length === 0) io.out('nothing\n')
    else
      for (const one of found)
        io.out(
          `${terminalLine(`${one.id}  ${one.state.padEnd(6)}  ${one.person}@${one.target}  ${one.startedAt}  ${one.endedAt ?? '-'}  ${one.statements} statements  from ${one.address}`)}\n`,
        )
    return 0
  })
}
