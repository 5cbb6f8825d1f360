import type { Estimate } from '../model/estimate.ts'
import type { Facts } from '../model/facts.ts'
import type { ApprovalId, PersonName } from '../model/ids.ts'
import type { Verdict } from '../model/verdict.ts'
import type { StatementVerdict } from '../recording/event.ts'
import { CodedError } from '../std/errors.ts'
import { Clearance } from './clearance.ts'
import { drift } from './estimates.ts'
import type { Guard, GuardDeps, JudgeOptions } from './judgement.ts'
import { denied, messageOf, syntaxError } from './objections.ts'
import type { AnyReading, AnyRequest } from './matter.ts'
import { refused, type Cleared, type Refused, type Ruling } from './ruling.ts'
import type { Ahead } from './script-run.ts'
import { TransactionSoFar } from './so-far.ts'
import { Verdicts, type Judged } from './verdicts.ts'
import { wait, type Waiting } from './waiting.ts'

/** The only maker of clearances. */
export function createGuard<F extends Facts, Q extends AnyRequest<F>, R extends AnyReading<F>>(
  deps: GuardDeps<F, Q, R>,
): Guard<F, Q> {
  return new SessionGuard(deps)
}

const UNAVAILABLE = 'this statement could not be judged safely, so it was not run'

class SessionGuard<F extends Facts, Q extends AnyRequest<F>, R extends AnyReading<F>> implements Guard<F, Q> {
  readonly #deps: GuardDeps<F, Q, R>
  readonly #verdicts: Verdicts
  /** What each countersignature was given for, so that it can be asked again whether that is still so. */
  readonly #given = new Map<ApprovalId, { readonly digest: string; readonly verdict: Verdict }>()
  readonly #soFar: TransactionSoFar
  #statements = 0

  constructor(deps: GuardDeps<F, Q, R>) {
    this.#deps = deps
    this.#soFar = new TransactionSoFar(deps.now)
    this.#verdicts = new Verdicts(deps)
  }

  get statements(): number {
    return this.#statements
  }

  judge(request: Q, options: JudgeOptions): Ruling<F> | Promise<Ruling<F>> {
    const reading = this.#deps.matter.read(request)
    if (reading instanceof Promise) return reading.then((read) => this.#decide(request, read, options))
    return this.#decide(request, reading, options)
  }

  renew(since: Cleared<F>, frame: Uint8Array): Cleared<F> | undefined {
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
    return `${this.#deps.matter.epoch() ?? ''}/${this.#deps.policy().version}`
  }

  retract(statement: number): void {
    this.#rule({ statement, reason: 'judged anew: packs or definitions changed before it was sent' })
  }

  async uphold(request: Q & { readonly since: Cleared<F> }, options: JudgeOptions): Promise<Ruling<F>> {
    const { since, frame } = request
    const renewed = this.renew(since, frame)
    if (renewed !== undefined) return renewed
    const given = since.approval === undefined ? undefined : this.#given.get(since.approval)
    const reading = await this.#deps.matter.reread(request, undefined)
    const { verdict } = this.#verdicts.of(reading.facts)
    const stands = given?.digest === this.#deps.matter.digest(request, reading) && asksTheSame(verdict, given.verdict)
    if (stands && !hasFired(options.gone))
      return this.#cleared({ request, reading, verdict, statement: since.statement, approval: since.approval })
    await this.abandon(since, 'what it was given for changed before it was sent')
    return this.judge(request, options)
  }

  async abandon({ approval, statement }: Cleared<F>, why: string): Promise<void> {
    if (approval === undefined || !this.#given.delete(approval)) return
    const detail = `not run: ${why}`
    this.#rule({ statement, reason: detail, approval })
    await this.#deps.holds.finish(approval, 'done', detail)
  }

  proceed(request: Q & { readonly since: Cleared<F> }, options: JudgeOptions): Ruling<F> | Promise<Ruling<F>> {
    if (this.#moved(request.since)) return this.judge(request, options)
    const reading = this.#deps.matter.read(request)
    if (reading instanceof Promise) return reading.then((read) => this.#again(request, read))
    return this.#again(request, reading)
  }

  #moved(since: Cleared<F>): boolean {
    return since.epoch !== this.#deps.matter.epoch() || since.policyVersion !== this.#deps.policy().version
  }

  #again(request: Q & { readonly since: Cleared<F> }, reading: R): Ruling<F> {
    const statement = this.#announce(request, reading)
    this.#deps.witness.handOver()
    return { ...request.since, statement, approval: undefined, clearance: Clearance.issue(request.frame) }
  }

  #decide(request: Q, reading: R, options: JudgeOptions): Ruling<F> | Promise<Ruling<F>> {
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

  #object(request: Q, reading: R, objection: Refused): Refused {
    // A syntax error quotes the statement: its words are for whoever typed it.
    const reason = objection.kind === 'syntax' ? 'syntax error' : objection.message
    this.#rule({ statement: this.#announce(request, reading), reason })
    return objection
  }

  async #decideFresh(request: Q, stale: R, options: JudgeOptions): Promise<Ruling<F>> {
    const reading = await this.#deps.matter.reread(request, stale)
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
  async #runAhead({ request, reading, verdict, options }: HoldWork<Q, R>, ahead: Ahead): Promise<Ruling<F>> {
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

  #settleNow(request: Q, reading: R, { verdict, kept }: Judged): Ruling<F> {
    const statement = this.#announce(request, reading, kept)
    if (verdict.effect === 'deny') {
      this.#rule({ statement, reason: messageOf(verdict) })
      return denied(verdict)
    }
    this.#deps.witness.handOver()
    return this.#cleared({ request, reading, verdict, statement, approval: undefined })
  }

  async #hold({ request, reading, verdict, options }: HoldWork<Q, R>): Promise<Ruling<F>> {
    const statement = this.#announce(request, reading)
    const digest = this.#deps.matter.digest(request, reading)
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
      estimates = await this.#deps.matter.estimates(request, reading)
      const searchPath = this.#deps.matter.searchPath(request)
      const work = { request, reading, searchPath, verdict, digest, statement, options, estimates, soFar }
      waiting = await wait(this.#deps, work)
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

  #check(request: Q, reading: R): Promise<Refused | undefined> | undefined {
    if (reading.facts.length !== 1 || reading.facts[0]?.complete !== false) return undefined
    return request.check?.((frame) => Clearance.issue(frame))
  }

  /** Approved: nothing that the approval bound may have changed, and the claim decides whether it runs. */
  async #execute(work: HoldWork<Q, R>, held: Approved): Promise<Ruling<F>> {
    const { request, options } = work
    const { statement, approved } = held
    const reading = await this.#deps.matter.reread(request, work.reading)
    const { verdict } = this.#verdicts.of(reading.facts)
    const unchanged = this.#deps.matter.digest(request, reading) === held.digest && asksTheSame(verdict, work.verdict)
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
      const message =
        'the approval is void: it expired, the session may no longer run it, or whoever approved it no longer may'
      this.#rule({ statement, reason: message, approval: approved.approval })
      return refused('void', message)
    }
    if (hasFired(options.gone)) return this.#notRun(statement, approved.approval)
    this.#given.set(approved.approval, { digest: held.digest, verdict: work.verdict })
    return this.#cleared({ request, reading, verdict, statement, approval: approved.approval })
  }

  /** The data has moved so far that whoever agreed did not agree to this: they, or others, are asked anew. */
  async #drifted(request: Q, reading: R, held: Approved): Promise<boolean> {
    const { estimates, statement } = held
    const { approval } = held.approved
    if (estimates.every((one) => 'none' in one)) return false
    const moved = drift(estimates, await this.#deps.matter.estimates(request, reading))
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
  #announce(request: Q, reading: R, verdict = this.#verdicts.of(reading.facts).kept): number {
    this.#statements += 1
    if (!request.preparesOnly) this.#soFar.note(request.transaction)
    this.#deps.tally.count(verdict.effect)
    const place = this.#deps.matter.place(request)
    this.#deps.witness.append({
      kind: 'statement',
      statement: this.#statements,
      message: request.message,
      text: reading.redacted,
      values: this.#deps.matter.values(request, reading),
      facts: reading.kept,
      verdict,
      ...(place !== undefined && { place }),
    })
    return this.#statements
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
    request: Q
    reading: R
    verdict: Verdict
    statement: number
    approval: Cleared<F>['approval']
  }): Cleared<F> {
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

interface HoldWork<Q, R> {
  readonly request: Q
  readonly reading: R
  readonly verdict: Verdict
  readonly options: JudgeOptions
}

/** Packs that now ask for other people, or for more of them, were not answered. */
const asksTheSame = (now: Verdict, then: Verdict): boolean =>
  now.effect === 'hold' && JSON.stringify(now.holds) === JSON.stringify(then.holds)

/** Asked anew: it may have fired while something was awaited. */
const hasFired = (signal: AbortSignal): boolean => signal.aborted

const isRecorderFault = (error: unknown): boolean => error instanceof Error && error.name === 'RecorderError'

const clientDetail = (error: unknown): string =>
  error instanceof CodedError ? error.clientMessage : 'the approval store is not available'
