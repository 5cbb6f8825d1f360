import { NET, profileClient, type Client, type Net } from './client.ts'
import { COMMON, parsed, PROFILE, running } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { scriptText } from './script-text.ts'
import { terminalLine } from './terminal.ts'
import { watched } from './watch.ts'

const USAGE = 'scripts [ID | withdraw ID] [--state open] [--watch] [--profile NAME] [--json]'
const OPTIONS = { ...COMMON, ...PROFILE, state: { type: 'string' }, watch: { type: 'boolean' } } as const

/** `scripts`: what was submitted ahead of time and what became of it; `scripts ID` shows one whole. `--watch` goes on telling until Ctrl-C or the end of the login. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 0, most: 2 } })
    const client = await profileClient(values.profile, io, net)
    const [first, second] = positionals
    const json = values.json === true
    if (first === 'withdraw' && second !== undefined) return withdraw(client, second, { io, json })
    if (first !== undefined) return show(client, first, { io, json })
    const list = () => client.scripts.list(values.state)
    if (values.watch === true)
      return watched(client, {
        kind: 'script',
        list,
        print: (one) => io.out(json ? `${JSON.stringify(one)}\n` : `${line(one)}\n`),
      })
    const found = await list()
    if (json) io.out(`${JSON.stringify(found)}\n`)
    else if (found.length === 0) io.out('nothing\n')
    else for (const one of found) io.out(`${line(one)}\n`)
    return 0
  })
}

interface Out {
  readonly io: Io
  readonly json: boolean
}

async function show(client: Client, id: string, { io, json }: Out): Promise<ExitCode> {
  const detail = await client.scripts.find(id)
  io.out(json ? `${JSON.stringify(detail)}\n` : scriptText(detail, io.isTty))
  return 0
}

async function withdraw(client: Client, id: string, { io, json }: Out): Promise<ExitCode> {
  const after = await client.scripts.withdraw(id)
  io.out(json ? `${JSON.stringify(after)}\n` : `${line(after)}\n`)
  return 0
}

type Summary = Awaited<ReturnType<Client['scripts']['list']>>[number]

function line({ id, state, person, target, statements, position, expiresAt, detail, ended, reason }: Summary): string {
  const why = detail ?? ended?.reason ?? reason
  return terminalLine(
    `${id}  ${state.padEnd(9)}  ${person}@${target}  ${position}/${statements} until ${expiresAt}  ${why}`,
  )
}
