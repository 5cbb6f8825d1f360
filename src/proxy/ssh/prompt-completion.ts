import type { Completed, EditorAct } from '../../protocol/ssh/line-editor.ts'
import {
  completedWith,
  isProgram,
  namesIn,
  namesQuestion,
  openWord,
  programsIn,
  programsQuestion,
} from '../../protocol/ssh/line-completion.ts'
import type { Clock } from '../../std/clock.ts'
import type { PromptCarrier } from './prompt-carrier.ts'
import type { PromptSeat } from './prompt-seat.ts'

export interface CompletionDeps {
  readonly seat: PromptSeat
  readonly carrier: PromptCarrier
  readonly clock: Clock
}

/** How long a question may take, in milliseconds: nobody waits longer for Tab. */
const ASK_MS = 2_000
/** Bytes of an answer: the names of a folder of some ten thousand files. */
const LIMIT = 262_144
/** How long the programs of a PATH are remembered, in milliseconds. */
const REMEMBERED_MS = 300_000

type Asked = Extract<EditorAct, { kind: 'complete' }>

/** Completion by questions to the target, each judged and recorded like any line. Where a rule is against it, there is none. */
export class PromptCompletion {
  readonly #deps: CompletionDeps
  #programs: { readonly path: string; readonly names: readonly string[]; readonly until: number } | undefined
  #asking: AbortController | undefined

  constructor(deps: CompletionDeps) {
    this.#deps = deps
  }

  /** What goes on with the word before the cursor. Choices are listed at the second press of Tab. */
  async complete({ line, again }: Asked): Promise<Completed | undefined> {
    const word = openWord(line.text, line.cursor)
    if (word === undefined) return undefined
    const names = isProgram(word) ? await this.#programNames() : namesIn(...(await this.#ask(namesQuestion(word).text)))
    const found = completedWith(word, names)
    const isSame = found?.text === line.text.slice(word.start, line.cursor)
    return found === undefined || (again && isSame) ? found : { ...found, choices: [] }
  }

  /** Ctrl-C: whatever is asked right now is no longer waited for. */
  cancel(): void {
    this.#asking?.abort()
  }

  async #programNames(): Promise<readonly string[]> {
    const { carrier, clock } = this.#deps
    const path = carrier.variable('PATH') ?? ''
    if (this.#programs?.path === path && clock.now() < this.#programs.until) return this.#programs.names
    const [answer, cut] = await this.#ask(programsQuestion(path).text)
    const names = programsIn(answer, cut)
    if (answer.length > 0) this.#programs = { path, names, until: clock.now() + REMEMBERED_MS }
    return names
  }

  async #ask(text: string): Promise<readonly [Buffer, boolean]> {
    const asking = new AbortController()
    this.#asking = asking
    const stop = this.#deps.clock.after(ASK_MS, () => asking.abort())
    const end = await this.#deps.seat.ask({
      ...this.#deps.carrier.question(text),
      limit: LIMIT,
      cancelled: asking.signal,
    })
    stop()
    return end.kind === 'done' ? [end.stdout, end.cut] : [Buffer.alloc(0), false]
  }
}
