import type { Script } from '../approvals/script.ts'
import type { Scripts } from '../approvals/scripts.ts'
import type { ScriptEnd } from '../approvals/script-store.ts'
import type { SqlFacts } from '../model/facts.ts'
import { approvalOfScript, type ApprovalId, type PersonName, type SessionId } from '../model/ids.ts'
import type { Verdict } from '../model/verdict.ts'
import type { JudgeRequest } from './judgement.ts'
import type { Reading } from './reading.ts'
import { isSamePath } from './scope.ts'
import { changesSettings, definitionsOf, movesNames, OwnChanges, sameFacts, strayed } from './script-changes.ts'
import { textOfPart, type ScriptContent, type ScriptPart } from './script-content.ts'

/** What a statement was found to be at this moment. */
export interface Asking<Q = JudgeRequest, R = Reading> {
  readonly request: Q
  readonly reading: R
  readonly verdict: Verdict
}

/** A statement that was approved ahead of time, or one that no longer is. */
export type Ahead =
  | {
      readonly outcome: 'approved'
      readonly approval: ApprovalId
      readonly by: readonly PersonName[]
      readonly reason: string
    }
  | { readonly outcome: 'void'; readonly approval: ApprovalId; readonly message: string }

/** Asked by the guard in place of a hold. Undefined: nobody approved it ahead of time, and it is judged as always. */
export type Preapproved = (asking: Asking) => Promise<Ahead | undefined>

export interface ScriptRunDeps {
  readonly script: Script
  readonly content: ScriptContent
  readonly session: SessionId
  readonly scripts: Pick<Scripts, 'advance' | 'finish'>
  /** The store failed: nothing may run on. */
  readonly onError: (error: unknown) => void
}

/**
 * The one run of a script, inside the session that claimed it: lets its statements through one by one, in their order, while text, settings, packs and
 * definitions are what was approved. Whatever else comes in that session ends the run; what is approved no more makes it void.
 */
export class ScriptRun {
  readonly #deps: ScriptRunDeps
  readonly #approval: ApprovalId
  readonly #own = new OwnChanges()
  #position = 0
  #completed = 0
  #settings = 0
  #over = false
  #moved = false
  /** A change of definitions by the script itself may not be visible yet. */
  #pending = false
  #epoch: string | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(deps: ScriptRunDeps) {
    this.#deps = deps
    this.#approval = approvalOfScript(deps.script.id)
    this.#epoch = deps.content.epoch
  }

  /** One at a time: the guard of a session asks for its statements in their order. */
  readonly preapproved: Preapproved = async (asking) => {
    if (this.#over) return undefined
    const part = this.#next(asking.request)
    if (part === undefined) {
      this.#end('stopped', `something else than statement ${this.#position + 1} came in its session`)
      return undefined
    }
    const number = this.#position + 1
    const changed = this.#changed(asking, part)
    if (changed !== undefined) return this.#void(`statement ${number}: ${changed}`)
    const { scripts, script, session } = this.#deps
    if (!(await scripts.advance(script.id, session, number)))
      return this.#void(`statement ${number}: the grant, the session or a person has ended`)
    this.#took(asking)
    const reason = `approved ahead of time, statement ${number} of ${this.#count} of script ${script.id}`
    return { outcome: 'approved', approval: this.#approval, by: approvers(script), reason }
  }

  /** What became of the statement that was let through last. */
  ended(to: 'done' | 'unknown', detail: string): void {
    if (this.#over) return
    const statement = `statement ${this.#position} of ${this.#count}`
    if (to === 'unknown') {
      this.#end('unknown', `${statement}: ${detail}`)
      return
    }
    if (detail !== COMPLETED) {
      this.#end('stopped', `${statement} ${detail}`)
      return
    }
    this.#completed += 1
    if (this.#completed === this.#count) this.#end('done', `all ${this.#count} statements completed`)
  }

  /** The session is over, and so is its claim. Resolves when that is durable. */
  async close(): Promise<void> {
    this.#end('stopped', `its session ended after statement ${this.#completed} of ${this.#count}`)
    await this.#last
  }

  get #count(): number {
    return this.#deps.content.parts.length
  }

  /** The next part, if that is what was sent: byte for byte, as a Query of its own. */
  #next({ message, statement }: JudgeRequest): ScriptPart | undefined {
    const { content } = this.#deps
    const part = content.parts[this.#position]
    if (part === undefined || this.#completed !== this.#position) return undefined
    if (message !== 'query' || statement.parameters.length > 0) return undefined
    return statement.text === textOfPart(content, part) ? part : undefined
  }

  /** In words, what is not as it was approved. */
  #changed({ request, reading, verdict }: Asking, part: ScriptPart): string | undefined {
    const { script, content } = this.#deps
    const { catalog, facts } = reading
    const [now] = facts
    if (verdict.policyVersion !== script.policyVersion) return 'the packs have changed since it was approved'
    if (!verdict.holds.every((terms) => script.holds.some((known) => isSame(known, terms))))
      return 'it meets a rule now whose approvers were not asked'
    if (request.scope.settings !== this.#settings) return 'a setting of the session was changed'
    if (catalog === undefined || now === undefined || facts.length !== 1)
      return 'the definitions of the target cannot be read'
    if (!this.#moved) {
      const { searchPath } = request.scope
      if (searchPath === undefined || !isSamePath(searchPath, content.searchPath)) return 'the search path has changed'
    }
    return this.#redefined(reading, part.facts, now)
  }

  #redefined({ catalog, epoch }: Reading, approved: SqlFacts, now: SqlFacts): string | undefined {
    if (catalog === undefined) return 'the definitions of the target cannot be read'
    const definitions = { approved: this.#deps.content.definitions, now: definitionsOf([now, approved], catalog) }
    if (this.#moved) {
      if (epoch !== this.#epoch && !this.#pending) return 'somebody else changed definitions while it ran'
      return strayed({ approved, now, own: this.#own, definitions })
    }
    if (!sameFacts(approved, now)) return 'what it reads or changes is defined differently now'
    const oids = Object.keys(definitions.now)
    if (oids.some((oid) => definitions.now[oid] !== definitions.approved[oid]))
      return 'what it reads or changes is defined differently now'
    return !now.complete && epoch !== this.#deps.content.epoch ? 'a definition has changed' : undefined
  }

  #took({ request, reading }: Asking): void {
    const [facts] = reading.facts
    if (facts === undefined) return
    this.#position += 1
    if (changesSettings(facts)) this.#settings += 1
    this.#epoch = reading.epoch
    // Outside a transaction everything before this statement is committed, and so in what was read for it.
    if (request.transaction === 'idle') this.#pending = false
    if (!movesNames(facts)) return
    this.#moved = true
    this.#pending = true
    this.#own.note(facts)
  }

  #void(what: string): Ahead {
    const message = `the script is void: ${what}`
    this.#end('void', what)
    return { outcome: 'void', approval: this.#approval, message }
  }

  #end(to: ScriptEnd, detail: string): void {
    if (this.#over) return
    this.#over = true
    const { scripts, script, onError } = this.#deps
    this.#last = scripts.finish(script.id, to, detail).catch(onError)
  }
}

/** The word of a session for a statement that succeeded. */
const COMPLETED = 'completed'

const isSame = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other)

const approvers = ({ decisions }: Script): readonly PersonName[] =>
  decisions.filter(({ kind }) => kind === 'approve').map(({ person }) => person)
