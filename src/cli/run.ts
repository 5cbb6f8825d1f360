import type { Dial } from '../proxy/postgres/dial.ts'
import { asError, CodedError } from '../std/errors.ts'
import { NET, profileClient, type Client, type Net } from './client.ts'
import { COMMON, parsed, PROFILE, RefusedError, running, UsageError } from './command.ts'
import type { ExitCode, Io } from './io.ts'
import { ownDial } from './own-dial.ts'
import { readScriptFile } from './script-file.ts'
import { recallScript } from './script-memory.ts'
import { openStatementLine, type StatementEnd, type StatementLine } from './statement-line.ts'
import { terminalLine } from './terminal.ts'

const USAGE = 'run ID [--file FILE] [--ca FILE] [--profile NAME] [--json]'
const OPTIONS = { ...COMMON, ...PROFILE, file: { type: 'string' }, ca: { type: 'string' } } as const
/** A credential is needed at the login alone. */
const CREDENTIAL_SECONDS = 300

/** `run ID`: runs an approved script, statement by statement, and stops at the first error. It is approved for one run. */
export function run(argv: readonly string[], io: Io, net: Net = NET): Promise<ExitCode> {
  return running({ usage: USAGE, argv, io }, async () => {
    const { values, positionals } = parsed(argv, { options: OPTIONS, words: { least: 1, most: 1 } })
    const [id = ''] = positionals
    const file = values.file ?? (await recallScript(id, io.env))
    if (file === undefined) throw new UsageError(`${terminalLine(id)} was not submitted from here: name it with --file`)
    const text = await readScriptFile(file)
    const client = await profileClient(values.profile, io, net)
    const plan = await client.scripts.check(id, text)
    const minted = await client.mint({ target: plan.target, forSeconds: CREDENTIAL_SECONDS })
    const tell = (line: string): void => (values.json === true ? undefined : io.out(`${terminalLine(line)}\n`))
    const line = await openLine({ client, plan, minted, ca: values.ca, tell })
    try {
      const ends = await runAll(line, { plan, text, tell })
      return finished(ends, { plan, io, json: values.json === true })
    } finally {
      await line.close()
    }
  })
}

type Plan = Awaited<ReturnType<Client['scripts']['check']>>
type Minted = Awaited<ReturnType<Client['mint']>>

interface Opening {
  readonly client: Client
  readonly plan: Plan
  readonly minted: Minted
  readonly ca: string | undefined
  readonly tell: (line: string) => void
}

async function openLine({ client, plan, minted, ca, tell }: Opening): Promise<StatementLine> {
  try {
    return await openStatementLine(dialOf(plan, minted, ca), {
      notice: ({ message }) => tell(`NOTICE: ${message}`),
    })
  } catch (thrown) {
    // The session's farewell is in the server's log; what became of the script the API can say.
    const { state, ended, detail } = await client.scripts.find(plan.id)
    const why = ended?.reason ?? detail
    if (state !== 'approved')
      throw new RefusedError(`${plan.id} is ${state}${why === null ? '' : `: ${why}`}`, { state })
    throw new RefusedError(thrown instanceof CodedError ? thrown.clientMessage : asError(thrown).message)
  }
}

const dialOf = ({ parameter, database }: Plan, minted: Minted, ca: string | undefined): Dial =>
  ownDial({
    ...{ minted, database, ca },
    parameters: new Map([
      ['application_name', 'countersign run'],
      [parameter.name, parameter.value],
    ]),
  })

interface Work {
  readonly plan: Plan
  readonly text: string
  readonly tell: (line: string) => void
}

async function runAll(line: StatementLine, { plan, text, tell }: Work): Promise<readonly StatementEnd[]> {
  const bytes = Buffer.from(text)
  const ends: StatementEnd[] = []
  for (const { start, end } of plan.statements) {
    const done = await line.run(bytes.subarray(start, end).toString('utf8'))
    ends.push(done)
    const { tag, error } = done
    tell(
      `${ends.length}/${plan.statements.length} ${error === undefined ? (tag ?? 'nothing') : `ERROR ${error.code}: ${error.message}`}`,
    )
    if (error !== undefined) break
  }
  return ends
}

function finished(
  ends: readonly StatementEnd[],
  { plan, io, json }: { readonly plan: Plan; readonly io: Io; readonly json: boolean },
): ExitCode {
  const failed = ends.find(({ error }) => error !== undefined)?.error
  const told = { id: plan.id, statements: plan.statements.length, tags: ends.flatMap(({ tag }) => tag ?? []) }
  if (failed !== undefined) {
    const at = `stopped at statement ${ends.length} of ${plan.statements.length}`
    const detail = failed.detail === undefined ? '' : ` ${failed.detail}`
    throw new RefusedError(`${at}: ${failed.message}${detail}`, { ...told, code: failed.code })
  }
  if (json) io.out(`${JSON.stringify(told)}\n`)
  return 0
}
