import { NET, profileClient, type Net } from './client.ts'
import { COMMON, parsed, PROFILE, running, UsageError } from './command.ts'
import { secondsOf } from './credential.ts'
import type { ExitCode, Io } from './io.ts'
import { readScriptFile } from './script-file.ts'
import { rememberScript } from './script-memory.ts'
import { terminalLine } from './terminal.ts'

const USAGE = 'submit FILE --target T --reason TEXT [--ticket T] [--expires 4h] [--profile NAME] [--json]'
const OPTIONS = {
  ...COMMON,
  ...PROFILE,
  target: { type: 'string' },
  reason: { type: 'string' },
  ticket: { type: 'string' },
  expires: { type: 'string' },
} as const

/** `submit FILE`: asks for the countersignature of this exact script ahead of time; `run ID` runs it once it is approved. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 1 } })
    const [file = ''] = positionals
    const { target, reason, ticket } = values
    if (target === undefined) throw new UsageError('--target is needed')
    if (reason === undefined || reason.trim() === '')
      throw new UsageError('--reason is needed; whoever approves reads it')
    const forSeconds = secondsOf(values.expires ?? '4h', '--expires')
    const text = await readScriptFile(file)
    const client = await profileClient(values.profile, io, net)
    const more = ticket === undefined ? {} : { ticket }
    const script = await client.scripts.submit({ target, text, reason, forSeconds, ...more })
    await rememberScript(script.id, file, io.env)
    io.out(values.json === true ? `${JSON.stringify(script)}\n` : told(script))
    return 0
  })
}

type Script = Awaited<ReturnType<Awaited<ReturnType<typeof profileClient>>['scripts']['submit']>>

function told({ id, state, statements, needs, expiresAt, link }: Script): string {
  const asked = needs.map(({ need, from, rule }) => `${need} of ${from.join(' or ')} for ${rule}`)
  const lines = [
    `${id}: ${statements} ${statements === 1 ? 'statement' : 'statements'}, ${state} until ${expiresAt}`,
    ...(asked.length === 0 ? ['no rule holds any of them'] : asked.map((one) => `needs ${one}`)),
    ...(state === 'open' ? [`countersign at ${link} or with: countersign approve ${id}`] : []),
    `then: countersign run ${id}`,
  ]
  return lines.map((line) => `${terminalLine(line)}\n`).join('')
}
