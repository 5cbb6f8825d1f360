import type { Catalog } from '../model/catalog.ts'
import type { Estimate } from '../model/estimate.ts'
import type { Facts } from '../model/facts.ts'
import type { ApprovalId, PersonName } from '../model/ids.ts'
import type { RedactedText } from '../model/redacted.ts'
import type { Parameter } from '../model/statement.ts'
import type { Verdict } from '../model/verdict.ts'
import type { StatementVerdict } from '../recording/event.ts'
import { CodedError } from '../std/errors.ts'
import { Clearance } from './clearance.ts'
import { drift, estimatesOf } from './estimates.ts'
import type { Guard, GuardDeps, JudgeOptions, JudgeRequest } from './judgement.ts'
import { denied, messageOf, syntaxError } from './objections.ts'
import type { Reading } from './reading.ts'
import { refused, type Cleared, type Refused, type Ruling } from './ruling.ts'
import { isSamePath, type SessionScope } from './scope.ts'
import type { Ahead } from './script-run.ts'
import { TransactionSoFar } from './so-far.ts'
import { Verdicts, type Judged } from './verdicts.ts'
import { wait, type Waiting } from './waiting.ts'

/** The only maker of clearances. */
export function createGuard(deps: GuardDeps): Guard {
  return new SessionGuard(deps)
}

const UNAVAILABLE = 'this statement could not be judged safely, so it was not run'

class SessionGuard implements Guard {
  readonly #deps: GuardDeps
  readonly #verdicts: Verdicts
  /** What each countersignature was given for, so that it can be asked again whether that is still so. */
  readonly #given = new Map<ApprovalId, { readonly digest: string; readonly verdict: Verdict }>()
  readonly #soFar: TransactionSoFar
  #statements = 0

  constructor(deps: GuardDeps) {
    this.#deps = deps
    this.#soFar = new TransactionSoFar(deps.now)
    this.#verdicts = new Verdicts(deps)
  }

  get statements(): number {
    return this.#statements
  }

  judge(request: JudgeRequest, options: JudgeOptions): Ruling | Promise<Ruling> {
    const reading = this.#deps.reader.read(request.statement, request.scope, this.#deps.catalog())
    if (reading instanceof Promise) return reading.then((read) => this.#decide(request, read, options))
    return this.#decide(request, reading, options)
  }

  renew(since: Cleared, frame: Uint8Array): Cleared | undefined {
    if (this.#moved(since)) return undefined
    return {
      outcome: 'cleared',
      clearance: Clearance.issue(frame),
      statement: since.statement,
      facts: since.facts,
      epoch: since.epoch,
      tagged: since.tagged,
      approval: since.approval,
      policyVersion: since.policyVersion,
      recordRows: since.recordRows,
    }
  }

  get basis(): string {
    return `${this.#deps.catalog()?.epoch ?? ''}/${this.#deps.policy().version}`
  }

  retract(statement: number): void {
    this.#rule({ statement, reason: 'judged anew: packs or definitions changed before it was sent' })
  }

  async uphold(request: JudgeRequest & { readonly since: Cleared }, options: JudgeOptions): Promise<Ruling> {
    const { since, frame } = request
    const renewed = this.renew(since, frame)
    if (renewed !== undefined) return renewed
    const given = since.approval === undefined ? undefined : this.#given.get(since.approval)
    const catalog = await this.#deps.freshCatalog()
    const reading = await this.#deps.reader.read(request.statement, freshScope(request.scope, catalog), catalog)
    const { verdict } = this.#verdicts.of(reading.facts)
    const stands = given?.digest === this.#deps.digest(request, reading) && asksTheSame(verdict, given.verdict)
    if (stands && !hasFired(options.gone))
      return this.#cleared({ request, reading, verdict, statement: since.statement, approval: since.approval })
    await this.abandon(since, 'what it was given for changed before it was sent')
    return this.judge(request, options)
  }

  async abandon({ approval, statement }: Cleared, why: string): Promise<void> {
    if (approval === undefined || !this.#given.delete(approval)) return
    const detail = `not run: ${why}`
    this.#rule({ statement, reason: detail, approval })
    await this.#deps.holds.finish(approval, 'done', detail)
  }

  proceed(request: JudgeRequest & { readonly since: Cleared }, options: JudgeOptions): Ruling | Promise<Ruling> {
    if (this.#moved(request.since)) return this.judge(request, options)
    const reading = this.#deps.reader.read(request.statement, request.scope, this.#deps.catalog())
    if (reading instanceof Promise) return reading.then((read) => this.#again(request, read))
    return this.#again(request, reading)
  }

  #moved(since: Cleared): boolean {
    return since.epoch !== this.#deps.catalog()?.epoch || since.policyVersion !== this.#deps.policy().version
  }

  #again(request: JudgeRequest & { readonly since: Cleared }, reading: Reading): Ruling {
    const statement = this.#announce(request, reading)
    this.#deps.witness.handOver()
    return { ...request.since, statement, approval: undefined, clearance: Clearance.issue(request.frame) }
  }

  #decide(request: JudgeRequest, reading: Reading, options: JudgeOptions): Ruling | Promise<Ruling> {
    const objection = syntaxError(reading.facts) ?? request.screen(reading.facts)
    if (objection !== undefined) return this.#object(request, reading, objection)
    const judged = this.#verdicts.of(reading.facts)
    const { verdict } = judged
    const runs = !request.preparesOnly
    // What is held, or touches tagged columns, is judged against definitions read at this moment and not some seconds ago.
    const asksFresh = verdict.effect === 'hold' || reading.wantsFresh || this.#deps.preapproved !== undefined
    if (runs && verdict.effect !== 'deny' && asksFresh) {
      return this.#decideFresh(request, reading, options)
    }
    return this.#settleNow(request, reading, judged)
  }

  object(what: string, refusal: Refused): void {
    this.#statements += 1
    const statement = this.#statements
    this.#deps.tally.count('deny')
    const verdict: StatementVerdict = {
      effect: 'deny',
      rules: ['protocol'],
      policyVersion: this.#deps.policy().version,
    }
    this.#deps.witness.append({
      kind: 'statement',
      statement,
      message: 'query',
      text: [this.#deps.scrub(what)],
      values: [],
      facts: [],
      verdict,
    })
    this.#rule({ statement, reason: refusal.message })
  }

  #object(request: JudgeRequest, reading: Reading, objection: Refused): Refused {
    // A syntax error quotes the statement: its words are for whoever typed it.
    const reason = objection.kind === 'syntax' ? 'syntax error' : objection.message
    this.#rule({ statement: this.#announce(request, reading), reason })
    return objection
  }

  async #decideFresh(request: JudgeRequest, stale: Reading, options: JudgeOptions): Promise<Ruling> {
    const reading = await this.#reread(request, stale)
    const objection = request.screen(reading.facts)
    if (objection !== undefined) return this.#object(request, reading, objection)
    const judged = this.#verdicts.of(reading.facts)
    const { verdict } = judged
    const work = { request, reading, verdict, options }
    const ahead = verdict.effect === 'deny' ? undefined : await this.#deps.preapproved?.(work)
    if (ahead !== undefined) return this.#runAhead(work, ahead)
    if (verdict.effect === 'hold') return this.#hold(work)
    return this.#settleNow(request, reading, judged)
  }

  /** A statement of a script that was approved before it was sent. */
  async #runAhead({ request, reading, verdict, options }: HoldWork, ahead: Ahead): Promise<Ruling> {
    const { approval } = ahead
    const statement = this.#announce(request, reading)
    if (ahead.outcome === 'void') {
      this.#rule({ statement, reason: ahead.message, approval })
      return refused('void', ahead.message)
    }
    this.#rule({ statement, reason: ahead.reason, by: ahead.by, approval, ruling: 'cleared' })
    await this.#deps.witness.settle()
    if (!hasFired(options.gone)) return this.#cleared({ request, reading, verdict, statement, approval })
    const message = 'the client left before it was sent'
    this.#rule({ statement, reason: message, approval })
    return refused('void', message)
  }

  async #reread(request: JudgeRequest, stale: Reading): Promise<Reading> {
    const catalog = await this.#deps.freshCatalog()
    // The same epoch under other packs is another object: columns may have gained classes.
    if (catalog !== undefined && catalog === stale.catalog) return stale
    return this.#deps.reader.read(request.statement, freshScope(request.scope, catalog), catalog)
  }

  #settleNow(request: JudgeRequest, reading: Reading, { verdict, kept }: Judged): Ruling {
    const statement = this.#announce(request, reading, kept)
    if (verdict.effect === 'deny') {
      this.#rule({ statement, reason: messageOf(verdict) })
      return denied(verdict)
    }
    this.#deps.witness.handOver()
    return this.#cleared({ request, reading, verdict, statement, approval: undefined })
  }

  async #hold({ request, reading, verdict, options }: HoldWork): Promise<Ruling> {
    const statement = this.#announce(request, reading)
    const digest = this.#deps.digest(request, reading)
    const soFar = this.#soFar.before(request.transaction)
    let waiting: Waiting
    let estimates: readonly Estimate[]
    try {
      await this.#deps.witness.settle()
      const objection = await this.#check(request, reading)
      if (objection !== undefined) {
        this.#rule({ statement, reason: 'the target does not understand it' })
        return objection
      }
      estimates = await estimatesOf(this.#deps.planner, { request, reading })
      waiting = await wait(this.#deps, { request, reading, verdict, digest, statement, options, estimates, soFar })
    } catch (error) {
      this.#rule({ statement, reason: UNAVAILABLE })
      if (isRecorderFault(error)) throw error
      return refused('unavailable', UNAVAILABLE, { detail: clientDetail(error) })
    }
    if (waiting.outcome === 'refused') {
      this.#rule({ statement, reason: waiting.refusal.message, by: waiting.by, approval: waiting.approval })
      return waiting.refusal
    }
    return this.#execute({ request, reading, verdict, options }, { statement, digest, approved: waiting, estimates })
  }

  #check(request: JudgeRequest, reading: Reading): Promise<Refused | undefined> | undefined {
    if (reading.facts.length !== 1 || reading.facts[0]?.complete !== false) return undefined
    return request.check?.((frame) => Clearance.issue(frame))
  }

  /** Approved: nothing that the approval bound may have changed, and the claim decides whether it runs. */
  async #execute(work: HoldWork, held: Approved): Promise<Ruling> {
    const { request, options } = work
    const { statement, approved } = held
    const reading = await this.#reread(request, work.reading)
    const { verdict } = this.#verdicts.of(reading.facts)
    const unchanged = this.#deps.digest(request, reading) === held.digest && asksTheSame(verdict, work.verdict)
    if (!unchanged || options.gone.aborted || options.cancelled.aborted) {
      const message = 'the approval is void: what it was given for has changed'
      await this.#deps.holds.withdraw(approved.approval, 'void', message)
      this.#rule({ statement, reason: message, approval: approved.approval })
      return refused('void', message)
    }
    const drifted = await this.#drifted(request, reading, held)
    if (drifted) return this.#hold({ request, reading, verdict, options })
    this.#rule({ statement, reason: approved.how, by: approved.by, approval: approved.approval, ruling: 'cleared' })
    await this.#deps.witness.settle()
    if (!(await this.#deps.holds.claim(approved.approval))) {
      const message = 'the approval is void: it expired or the session may no longer run it'
      this.#rule({ statement, reason: message, approval: approved.approval })
      return refused('void', message)
    }
    if (hasFired(options.gone)) return this.#notRun(statement, approved.approval)
    this.#given.set(approved.approval, { digest: held.digest, verdict: work.verdict })
    return this.#cleared({ request, reading, verdict, statement, approval: approved.approval })
  }

  /** The data has moved so far that whoever agreed did not agree to this: they, or others, are asked anew. */
  async #drifted(request: JudgeRequest, reading: Reading, held: Approved): Promise<boolean> {
    const { estimates, statement } = held
    const { approval } = held.approved
    if (estimates.every((one) => 'none' in one)) return false
    const moved = drift(estimates, await estimatesOf(this.#deps.planner, { request, reading }))
    if (moved === undefined) return false
    const reason = `the approval is void: ${moved}`
    await this.#deps.holds.withdraw(approval, 'void', reason)
    this.#rule({ statement, reason, approval })
    return true
  }

  /** The client left while the claim was on its way: claimed, and never sent. */
  async #notRun(statement: number, approval: ApprovalId): Promise<Refused> {
    const message = 'the approval is void: the client left'
    await this.#deps.holds.finish(approval, 'done', 'not run: the client left before it was sent')
    this.#rule({ statement, reason: message, approval })
    return refused('void', message)
  }

  /** The intent, in the recording before anything leaves. */
  #announce(request: JudgeRequest, reading: Reading, verdict = this.#verdicts.of(reading.facts).kept): number {
    this.#statements += 1
    if (!request.preparesOnly) this.#soFar.note(request.transaction)
    this.#deps.tally.count(verdict.effect)
    this.#deps.witness.append({
      kind: 'statement',
      statement: this.#statements,
      message: request.message,
      text: reading.redacted,
      values: this.#values(request.statement.parameters, reading.facts),
      facts: reading.kept,
      verdict,
    })
    return this.#statements
  }

  #values(parameters: readonly Parameter[], facts: readonly Facts[]): readonly (RedactedText | null)[] {
    if (parameters.length === 0) return NO_VALUES
    const clear = facts[0]?.clearParameters ?? NONE_CLEAR
    return parameters.map((parameter, at) => this.#deps.redactValue(parameter, clear === 'all' || clear.has(at + 1)))
  }

  #rule(ruled: Ruled): void {
    const { statement, reason, by = [], approval, ruling = 'refused' } = ruled
    this.#deps.witness.append({
      kind: 'ruling',
      statement,
      ruling,
      approval,
      by,
      reason: this.#deps.scrub(reason),
    })
    this.#deps.witness.handOver()
  }

  #cleared({
    request,
    reading,
    verdict,
    statement,
    approval,
  }: {
    request: JudgeRequest
    reading: Reading
    verdict: Verdict
    statement: number
    approval: Cleared['approval']
  }): Cleared {
    return {
      outcome: 'cleared',
      clearance: Clearance.issue(request.frame),
      statement,
      facts: reading.facts,
      epoch: reading.epoch,
      tagged: reading.tagged,
      approval,
      policyVersion: verdict.policyVersion,
      recordRows: verdict.recordRows ?? 0,
    }
  }
}

interface Ruled {
  readonly statement: number
  readonly reason: string
  readonly by?: readonly PersonName[]
  readonly approval?: ApprovalId | undefined
  readonly ruling?: 'cleared' | 'refused'
}

interface Approved {
  readonly statement: number
  readonly digest: string
  readonly approved: Extract<Waiting, { outcome: 'approved' }>
  readonly estimates: readonly Estimate[]
}

const NO_VALUES: readonly (RedactedText | null)[] = []
const NONE_CLEAR: ReadonlySet<number> = new Set()

interface HoldWork {
  readonly request: JudgeRequest
  readonly reading: Reading
  readonly verdict: Verdict
  readonly options: JudgeOptions
}

/** Packs that now ask for other people, or for more of them, were not answered. */
const asksTheSame = (now: Verdict, then: Verdict): boolean =>
  now.effect === 'hold' && JSON.stringify(now.holds) === JSON.stringify(then.holds)

/** Asked anew: it may have fired while something was awaited. */
const hasFired = (signal: AbortSignal): boolean => signal.aborted

/** The path of the catalog itself while it is still the session's; a path that the session left, or began without, stays unknown. */
const samePath = ({ searchPath }: SessionScope, catalog: Catalog | undefined): readonly string[] | undefined =>
  searchPath !== undefined && catalog !== undefined && isSamePath(searchPath, catalog.searchPath)
    ? catalog.searchPath
    : undefined

const freshScope = (scope: SessionScope, catalog: Catalog | undefined): SessionScope => ({
  searchPath: samePath(scope, catalog),
  dirty: scope.dirty,
  settings: scope.settings,
  statement: (name) => scope.statement(name),
  cursor: (name) => scope.cursor(name),
})

const isRecorderFault = (error: unknown): boolean => error instanceof Error && error.name === 'RecorderError'

const clientDetail = (error: unknown): string =>
  error instanceof CodedError ? error.clientMessage : 'the approval store is not available'
