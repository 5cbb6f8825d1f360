import { createInterface, type Interface } from 'node:readline/promises'
import type { Dial } from '../proxy/postgres/dial.ts'
import { CodedError } from '../std/errors.ts'
import { RefusedError } from './command.ts'
import { isFinished } from './sql-finished.ts'
import { SqlTable } from './sql-table.ts'
import { openStatementLine, type StatementEnd, type StatementLine, type Words } from './statement-line.ts'
import { terminalLine, terminalText } from './terminal.ts'

export interface SqlPrompt {
  readonly dial: Dial
  /** What stands before the cursor, e.g. the target's name. */
  readonly name: string
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** A person types; otherwise statements are read from a pipe, and the first error ends it. */
  readonly isTty: boolean
}

const HELP = 'Statements end with a semicolon. Ctrl-C cancels one that runs or waits; \\q or Ctrl-D leaves.\n'
const STATUS = { idle: '=', transaction: '=*', failed: '=!' } as const

/**
 * A small SQL prompt, for machines without psql: statements over several lines, rows in a table, notices of what waits, Ctrl-C. It has no commands besides `\q`
 * and `\?`. Answers the exit code: 0, or 1 after an error in a pipe or an end by the server. Throws RefusedError where it does not get in.
 */
export async function sqlPrompt(given: SqlPrompt): Promise<number> {
  const table = new SqlTable(given.out)
  const line = await opened(given, table)
  const lines = createInterface({ input: given.input, output: given.output, terminal: given.isTty })
  const session = new Session(given, { line, lines, table })
  try {
    return await session.run()
  } finally {
    lines.close()
    await line.close()
  }
}

async function opened({ dial, out, err }: SqlPrompt, table: SqlTable): Promise<StatementLine> {
  try {
    return await openStatementLine(dial, {
      notice: (words) => err(said(words)),
      columns: (names) => table.begin(names),
      row: (cells) => table.row(cells),
      copied: (bytes) => out(terminalText(bytes.toString('utf8'))),
      tag(tag) {
        table.end()
        if (!tag.startsWith('SELECT')) out(`${terminalLine(tag)}\n`)
      },
    })
  } catch (thrown) {
    if (thrown instanceof CodedError) throw new RefusedError(thrown.clientMessage)
    throw thrown
  }
}

interface Held {
  readonly line: StatementLine
  readonly lines: Interface
  readonly table: SqlTable
}

class Session {
  readonly #given: SqlPrompt
  readonly #held: Held
  #typed = ''
  #isRunning = false
  #transaction: StatementEnd['transaction'] = 'idle'

  constructor(given: SqlPrompt, held: Held) {
    this.#given = given
    this.#held = held
  }

  async run(): Promise<number> {
    const { line, lines } = this.#held
    if (this.#given.isTty) this.#given.err(HELP)
    lines.on('SIGINT', () => this.#interrupt())
    this.#show()
    for await (const text of lines) {
      if (this.#typed === '' && text.trim() === '\\q') return 0
      const end = await this.#take(text)
      if (line.isOver || (end?.error !== undefined && !this.#given.isTty)) return 1
      this.#show()
    }
    return 0
  }

  async #take(text: string): Promise<StatementEnd | undefined> {
    if (this.#typed === '' && text.trim() === '\\?') {
      this.#given.err(HELP)
      return undefined
    }
    this.#typed += this.#typed === '' ? text : `\n${text}`
    if (this.#typed.trim() === '') this.#typed = ''
    if (!isFinished(this.#typed)) return undefined
    const whole = this.#typed
    this.#typed = ''
    return this.#execute(whole)
  }

  async #execute(text: string): Promise<StatementEnd> {
    const { line, table } = this.#held
    this.#isRunning = true
    const end = await line.run(text)
    this.#isRunning = false
    table.end()
    this.#transaction = end.transaction
    if (end.error !== undefined) this.#given.err(said(end.error))
    return end
  }

  /** While something runs, it is cancelled; while somebody types, what was typed is dropped. */
  #interrupt(): void {
    if (this.#isRunning) {
      this.#held.line.cancel().catch(() => this.#given.err('the cancel did not get through\n'))
      return
    }
    this.#typed = ''
    // The line under the cursor is the editor's: to its end, and all before it away.
    for (const name of ['e', 'u']) this.#held.lines.write(null, { ctrl: true, name })
    this.#given.err('\n')
    this.#show()
  }

  #show(): void {
    if (!this.#given.isTty) return
    const { name } = this.#given
    this.#held.lines.setPrompt(`${name}${this.#typed === '' ? STATUS[this.#transaction] : '-'}> `)
    this.#held.lines.prompt()
  }
}

const said = ({ severity, message, code, detail, hint }: Words): string =>
  [
    `${severity}:  ${message}${severity === 'ERROR' || severity === 'FATAL' ? ` (${code})` : ''}`,
    ...(detail === undefined ? [] : [`DETAIL:  ${detail}`]),
    ...(hint === undefined ? [] : [`HINT:  ${hint}`]),
  ]
    .map((text) => `${terminalText(text)}\n`)
    .join('')
