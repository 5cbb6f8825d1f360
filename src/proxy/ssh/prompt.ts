import { ownLine } from '../../protocol/ssh/carry-words.ts'
import { LineEditor, type EditorAct, type EditorTurn } from '../../protocol/ssh/line-editor.ts'
import { isUnfinished } from '../../protocol/ssh/line-unfinished.ts'
import { deferred } from '../../std/deferred.ts'
import { asError } from '../../std/errors.ts'
import { PromptCarrier } from './prompt-carrier.ts'
import { PromptCompletion } from './prompt-completion.ts'
import { LineRun } from './prompt-line.ts'
import { PromptMemory, type MemoryDeps } from './prompt-memory.ts'
import { PromptScreen } from './prompt-screen.ts'
import type { PromptSeat } from './prompt-seat.ts'
import { promptText } from './prompt-words.ts'

export interface PromptDeps extends MemoryDeps {
  readonly seat: PromptSeat
}

/** The interactive prompt of one channel. */
export interface Prompt {
  /** The exit status for the channel, once the person leaves or the session ends. Never rejects. */
  readonly ended: Promise<number>
  /** Shows a message of the session, above the line that is being typed. */
  say(text: string): void
}

/** How long nothing must have come after a paste before a key counts as pressed, in milliseconds: longer than any pause within one. */
const SETTLE_MS = 150
const CTRL_C = 0x03
const INTERRUPTED = 130
/** Whatever ended the prompt was not the person. */
const FAILED = 255

/** Shows a prompt on the channel of the seat, and runs what is typed line by line until the person leaves. */
export function openPrompt(deps: PromptDeps): Prompt {
  const prompt = new LinePrompt(deps)
  void prompt.run()
  return prompt
}

class LinePrompt implements Prompt {
  readonly #seat: PromptSeat
  readonly #deps: PromptDeps
  readonly #screen: PromptScreen
  readonly #carrier: PromptCarrier
  readonly #completion: PromptCompletion
  readonly #memory: PromptMemory
  readonly #editor: LineEditor
  readonly #ended = deferred<number>()
  #state: 'between' | 'editing' | 'completing' = 'between'
  #line: LineRun | undefined
  #unsettle: (() => void) | undefined
  #stopResize: () => void = () => undefined
  #isOver = false
  #inputEnded = false

  constructor(deps: PromptDeps) {
    const { seat, clock } = deps
    this.#deps = deps
    this.#seat = seat
    this.#screen = new PromptScreen(seat.channel, {
      onKeys: (chunk) => this.#onKeys(chunk),
      onEnd: () => this.#onEnd(),
      isPlain: seat.isPlain,
    })
    this.#carrier = new PromptCarrier({ seat, clock })
    this.#completion = new PromptCompletion({ seat, clock, carrier: this.#carrier })
    this.#memory = new PromptMemory(deps, seat)
    this.#editor = new LineEditor({ size: seat.size(), isUnfinished, isPlain: seat.isPlain })
  }

  get ended(): Promise<number> {
    return this.#ended.promise
  }

  async run(): Promise<void> {
    const leave = (): void => this.#end(FAILED)
    if (this.#seat.gone.aborted) {
      leave()
      return
    }
    this.#seat.gone.addEventListener('abort', leave, { once: true })
    this.#stopResize = this.#seat.onResize(() => this.#resize())
    this.#screen.read()
    try {
      await this.#start()
    } catch (thrown) {
      this.#fault(thrown)
    }
  }

  say(text: string): void {
    if (this.#isOver) return
    if (this.#state !== 'between') {
      this.#show(this.#editor.say(`countersign: ${text}`))
      return
    }
    if (this.#line?.isRunning === true) this.#screen.write('\r\n')
    this.#screen.say([text])
  }

  async #start(): Promise<void> {
    const [objection, lines] = await Promise.all([this.#carrier.start(), this.#memory.load()])
    if (this.#isOver) return
    if (objection !== undefined) {
      this.#screen.say(objection)
      this.#end(1)
      return
    }
    this.#editor.remember(lines)
    this.#begin()
  }

  #begin(): void {
    if (this.#isOver) return
    const size = this.#seat.size()
    this.#screen.read()
    this.#screen.freshRow(size.columns)
    this.#state = 'editing'
    // The window may have changed while a program had it.
    this.#editor.resize(size)
    this.#show(this.#editor.begin(promptText(this.#seat, this.#carrier)))
  }

  #onKeys(chunk: Buffer): void {
    const isBreak = chunk.includes(CTRL_C)
    if (isBreak && this.#line?.isJudged === true) this.#withdraw(this.#line)
    if (isBreak && this.#state === 'completing') this.#completion.cancel()
    this.#show(this.#editor.push(chunk))
    this.#settleLater()
  }

  /** No more keys will come: what was typed still runs, and then the prompt is over. */
  #onEnd(): void {
    this.#inputEnded = true
    if (this.#state === 'editing') this.#end(this.#carrier.carried.status)
  }

  /** A paste is over once nothing has come for a moment. */
  #settleLater(): void {
    this.#unsettle?.()
    this.#unsettle = undefined
    if (!this.#editor.unsettled) return
    this.#unsettle = this.#deps.clock.after(SETTLE_MS, () => this.#show(this.#editor.settle()))
  }

  #withdraw(line: LineRun): void {
    this.#seat.mark('interrupt')
    this.#screen.write('^C\r\n')
    line.withdraw()
  }

  #resize(): void {
    if (this.#state !== 'between') this.#show(this.#editor.resize(this.#seat.size()))
  }

  #show({ screen, acts }: EditorTurn): void {
    if (this.#isOver) return
    this.#screen.write(screen)
    for (const act of acts) this.#act(act)
    if (this.#inputEnded && this.#state === 'editing') this.#end(this.#carrier.carried.status)
  }

  #act(act: EditorAct): void {
    switch (act.kind) {
      case 'pasted':
        this.#seat.mark('paste', `${act.characters} characters, ${act.lines} lines`)
        return
      case 'suspend-declined':
        this.#seat.mark('suspend-declined')
        return
      case 'interrupt':
        this.#seat.mark('interrupt')
        this.#carrier.status = INTERRUPTED
        this.#begin()
        return
      case 'end':
        this.#screen.write('exit\r\n')
        this.#end(this.#carrier.carried.status)
        return
      case 'complete':
        this.#guarded(this.#complete(act))
        return
      case 'line':
        this.#state = 'between'
        this.#finished(act.text)
    }
  }

  async #complete(act: Extract<EditorAct, { kind: 'complete' }>): Promise<void> {
    this.#state = 'completing'
    const found = await this.#completion.complete(act)
    if (this.#isOver) return
    this.#state = 'editing'
    this.#show(this.#editor.complete(found))
  }

  #finished(text: string): void {
    if (text.trim() !== '') void this.#memory.keep(text)
    const own = ownLine(text)
    if (own?.kind === 'leave') this.#end(own.status ?? this.#carrier.carried.status)
    else if (own === undefined && text.trim() !== '') this.#guarded(this.#runLine(text))
    else {
      if (own !== undefined) this.#list()
      this.#begin()
    }
  }

  async #runLine(text: string): Promise<void> {
    const line = new LineRun({ seat: this.#seat, screen: this.#screen, carrier: this.#carrier })
    this.#line = line
    const fate = await line.run(text)
    this.#line = undefined
    // What was typed ahead was meant for after a line that ran.
    if (fate === 'not-run') this.#editor.drop()
    if (fate === 'lost') this.#end(FAILED)
    else this.#begin()
  }

  /** `history`: what the arrow keys would bring back, oldest first. */
  #list(): void {
    const lines = this.#editor.history.map((line, at) => `${String(at + 1).padStart(5)}  ${line}`)
    this.#screen.write(this.#editor.say(lines.join('\n')).screen)
  }

  #guarded(work: Promise<void>): void {
    work.catch((thrown: unknown) => this.#fault(thrown))
  }

  #fault(thrown: unknown): void {
    this.#deps.onFault(asError(thrown))
    this.#end(FAILED)
  }

  #end(status: number): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#unsettle?.()
    this.#stopResize()
    this.#line?.withdraw()
    this.#completion.cancel()
    this.#carrier.close()
    this.#screen.close()
    this.#ended.resolve(status)
  }
}
