import type { SqlFacts } from '../../model/facts.ts'
import type { Parameter, SqlStatement } from '../../model/statement.ts'
import { decodeFrontend } from '../../protocol/postgres/decode.ts'
import type { Frame } from '../../protocol/postgres/framing.ts'
import { formatAt, type BindMessage, type Subject } from '../../protocol/postgres/messages.ts'
import type { SqlGuard, JudgeOptions, JudgeRequest } from '../../session/judgement.ts'
import { refused, type Cleared, type HeldNotice, type RefusalKind, type Ruling } from '../../session/ruling.ts'
import { KeptRows } from './kept-rows.ts'
import { newExecution, type BoundPortal, type Execution, type Prepared } from './run.ts'
import { executionsOf, retract } from './retraction.ts'
import { screen } from './screen.ts'
import { sendJudged, sendTracked, type Injection, type Step } from './step.ts'
import type { Tracking } from './tracking.ts'
import type { Upstream } from './upstream.ts'
import { checkNames } from './name-check.ts'

export interface JudgingDeps {
  readonly guard: SqlGuard
  readonly tracking: Tracking
  readonly upstream: Upstream
  readonly gone: AbortSignal
  /** A fresh signal for each statement that may wait: Ctrl-C withdraws what waits now and nothing later. */
  readonly cancelled: () => AbortSignal
  readonly onHeld: (notice: HeldNotice) => void
  /** Nothing waits any more: from now on a cancel is for what runs. */
  readonly onRuled: () => void
  readonly monoMicros: () => number
  /** Rows of one result that a recording keeps at most, whatever packs ask for. */
  readonly maxKeptRows: number
}

/** Undefined: the upstream failed meanwhile, and drops it. */
type Planned = Step | undefined | Promise<Step | undefined>
type About = Pick<JudgeRequest, 'frame' | 'message' | 'statement' | 'preparesOnly' | 'check'>

/** Turns each frame of a client into the step it may take: looks names up, asks the guard, prepares what the reply side will need. */
export class Judging {
  readonly #deps: JudgingDeps
  readonly #screen: JudgeRequest['screen']
  /** What people, and refusals, said over frames of the batch that waits: should it be planned anew, nobody is asked twice. */
  readonly #given = new Map<Uint8Array, Ruling>()

  constructor(deps: JudgingDeps) {
    this.#deps = deps
    this.#screen = (facts) => screen(facts, deps.tracking)
  }

  /** What a clearance rests on besides its own text: one that was given under another basis is not sent. */
  get basis(): string {
    return this.#deps.guard.basis
  }

  /** These steps, cleared before a wait in which the basis moved, are planned anew. */
  startOver(steps: readonly Step[]): void {
    const kept = new Set([...this.#given.values()].map((one) => (one.outcome === 'cleared' ? one.statement : 0)))
    for (const { statement } of executionsOf(steps)) if (!kept.has(statement)) this.#deps.guard.retract(statement)
    retract(steps, this.#deps.tracking)
  }

  /** The batch is over: what was countersigned in it and did not leave never will. */
  async forget(why: string): Promise<void> {
    const rulings = [...this.#given.values()]
    this.#given.clear()
    for (const ruling of rulings)
      if (ruling.outcome === 'cleared' && !ruling.clearance.isSpent) await this.#deps.guard.abandon(ruling, why)
  }

  /** Whether `forget` has anything to do. */
  get remembers(): boolean {
    return this.#given.size > 0
  }

  query(frame: Frame<'query'>): Planned {
    const { text } = decodeFrontend(frame)
    const ruling = this.#judge({
      frame: frame.bytes,
      message: 'query',
      statement: sql(text, NONE),
      preparesOnly: false,
      check: (clear) => checkNames(text, this.#deps, clear),
    })
    return when(
      ruling,
      (cleared) => {
        const run = this.#execution(cleared, undefined)
        const { segment } = this.#deps.tracking
        return sendJudged(frame, cleared.clearance, { expected: { kind: 'query', run, segment } })
      },
      true,
    )
  }

  parse(frame: Frame<'parse'>): Planned {
    const { statement: name, text, parameterTypes } = decodeFrontend(frame)
    const { statements, segment } = this.#deps.tracking
    if (statements.isUncertain(name, segment)) return this.#later(() => this.parse(frame))
    if (name !== '' && statements.get(name) !== undefined)
      return refuse('statement-exists', `prepared statement "${name}" already exists`)
    const ruling = this.#judge({ frame: frame.bytes, message: 'parse', statement: sql(text, NONE), preparesOnly: true })
    return when(ruling, ({ clearance, facts }) => {
      const value: Prepared = { text, facts, parameterTypes, description: undefined }
      statements.define({ name, madeBy: 'protocol', value }, segment)
      return sendJudged(frame, clearance, { expected: { kind: 'parse', onDone: () => statements.confirm(name) } })
    })
  }

  bind(frame: Frame<'bind'>): Planned {
    const message = decodeFrontend(frame)
    const { statements, portals, segment } = this.#deps.tracking
    const { portal: name, statement } = message
    if (statements.isUncertain(statement, segment) || portals.isUncertain(name, segment))
      return this.#later(() => this.bind(frame))
    const { tracking } = this.#deps
    if (tracking.isMoving('statement', statement)) return refuse('names', moving(statement))
    if (tracking.isMoving('portal', name)) return refuse('names', moving(name))
    const prepared = statements.get(statement)
    if (prepared === undefined) return refuse('no-statement', noStatement(statement))
    if (prepared.madeBy === 'sql')
      return refuse('names', `"${statement}" was made by SQL's PREPARE: run it with EXECUTE`)
    if (name !== '' && portals.get(name) !== undefined)
      return refuse('portal-exists', `cursor "${name}" already exists`)
    return this.#bindTo(frame, message, prepared.value)
  }

  execute(frame: Frame<'execute'>): Planned {
    const { portal: name } = decodeFrontend(frame)
    const { guard, tracking } = this.#deps
    if (tracking.portals.isUncertain(name, tracking.segment)) return this.#later(() => this.execute(frame))
    const named = tracking.portals.get(name)
    if (named === undefined) return refuse('no-portal', `portal "${name}" does not exist`)
    const portal = named.value.bound
    if (portal === undefined) return refuse('names', `"${name}" was made by SQL's DECLARE: run it with FETCH`)
    if (tracking.isMoving('portal', name)) return refuse('names', moving(name))
    const isAsBound = this.#isAsBound(portal)
    // The Bind announced it, and nothing that its judgement depended on has moved.
    const renewed = isAsBound && !portal.executed ? guard.renew(portal.cleared, frame.bytes) : undefined
    if (renewed !== undefined) return this.#executeStep(frame, name, { portal, cleared: renewed })
    const ruling = this.#judgeExecute(frame, portal, isAsBound && portal.executed)
    return when(ruling, (cleared) => this.#executeStep(frame, name, { portal, cleared }))
  }

  /** A further Execute of the same portal has a line of its own; one that something has moved under is judged anew. */
  #judgeExecute(frame: Frame<'execute'>, portal: BoundPortal, again: boolean): Ruling | Promise<Ruling> {
    const statement = sql(portal.prepared.text, parametersOf(portal, portal.prepared))
    const about: About = { frame: frame.bytes, message: 'execute', statement, preparesOnly: false }
    return again ? this.#proceed(about, portal) : this.#judgeAnew(about, portal)
  }

  describe(frame: Frame<'describe'>): Planned {
    const { subject, subjectName: name } = decodeFrontend(frame)
    const { tracking } = this.#deps
    if (this.#isUncertain(subject, name)) return this.#later(() => this.describe(frame))
    if (tracking.isMoving(subject, name)) return refuse('names', moving(name))
    const prepared = subject === 'statement' ? tracking.statements.get(name) : undefined
    const portal = subject === 'portal' ? tracking.portals.get(name) : undefined
    const bound = portal?.value.bound
    if (prepared?.madeBy === 'sql') return refuse('names', `"${name}" was made by SQL`)
    // psycopg asks what a cursor of DECLARE gives; each FETCH brings a description of its own, so this one is kept nowhere.
    const cursor = portal?.madeBy === 'sql' ? undescribed(portal.value.facts) : undefined
    const of = prepared?.value ?? bound?.prepared ?? cursor
    if (of === undefined) {
      return subject === 'statement'
        ? refuse('no-statement', noStatement(name))
        : refuse('no-portal', `portal "${name}" does not exist`)
    }
    if (bound !== undefined) bound.described = true
    const run = { kind: 'description', prepared: of, portal: bound, moment: tracking.moment } as const
    return sendTracked(frame, { kind: 'describe', run, swallow: false })
  }

  close(frame: Frame<'close'>): Planned {
    const { subject, subjectName: name } = decodeFrontend(frame)
    const { statements, portals, segment } = this.#deps.tracking
    if (this.#isUncertain(subject, name)) return this.#later(() => this.close(frame))
    const names = subject === 'statement' ? statements : portals
    names.remove(name, segment)
    return sendTracked(frame, { kind: 'close', onDone: () => names.confirm(name) })
  }

  #bindTo(frame: Frame<'bind'>, message: BindMessage, prepared: Prepared): Planned {
    const { tracking } = this.#deps
    const statement = sql(prepared.text, parametersOf(message, prepared))
    const ruling = this.#judge({ frame: frame.bytes, message: 'bind', statement, preparesOnly: false })
    return when(ruling, (cleared) => {
      const { resultFormats, parameters, parameterFormats, portal: name } = message
      const bound: BoundPortal = {
        prepared,
        cleared,
        moment: tracking.moment,
        behind: this.#behind(cleared.facts),
        resultFormats,
        parameters,
        parameterFormats,
        plan: undefined,
        described: false,
        executed: false,
        superseded: false,
      }
      if (cleared.approval !== undefined) tracking.approvedPortals = [...tracking.approvedPortals, bound]
      tracking.portals.define(
        { name, madeBy: 'protocol', value: { facts: cleared.facts, bound, outlives: false } },
        tracking.segment,
      )
      const expected = { kind: 'bind', onDone: () => tracking.portals.confirm(name) } as const
      return sendJudged(frame, cleared.clearance, { expected })
    })
  }

  #executeStep(
    frame: Frame<'execute'>,
    name: string,
    { portal, cleared }: { portal: BoundPortal; cleared: Cleared },
  ): Step {
    const run = this.#execution(cleared, portal)
    portal.executed = true
    const before = this.#missingDescription(name, portal)
    return sendJudged(frame, cleared.clearance, { expected: { kind: 'execute', run }, before })
  }

  /** Masking needs to know the columns: where the client does not ask, we ask, and keep the answer to ourselves. */
  #missingDescription(name: string, portal: BoundPortal): readonly Injection[] {
    if (portal.plan !== undefined || portal.described) return NO_INJECTIONS
    const { description } = portal.prepared
    if (description !== undefined && description.moment === portal.moment) return NO_INJECTIONS
    portal.described = true
    const run = { kind: 'description', prepared: portal.prepared, portal, moment: this.#deps.tracking.moment } as const
    return [
      {
        message: { name: 'describe', subject: 'portal', subjectName: name },
        expected: { kind: 'describe', run, swallow: true },
      },
    ]
  }

  #execution(cleared: Cleared, portal: BoundPortal | undefined): Execution {
    const { facts, statement, approval } = cleared
    const keep = Math.min(cleared.recordRows, this.#deps.maxKeptRows)
    // The countersignature of a Bind is finished with its first Execute, unless that took one of its own, and with no other.
    const isFirst = portal?.executed === false
    const ofBind = isFirst ? portal.cleared.approval : undefined
    if (ofBind !== undefined && approval !== undefined && approval !== ofBind && portal !== undefined)
      portal.superseded = true
    const run = newExecution({
      facts,
      statement,
      approval: approval ?? ofBind,
      portal,
      isFirst,
      startedMicros: this.#deps.monoMicros(),
      kept: keep > 0 ? new KeptRows(keep) : undefined,
    })
    if (cleared.tagged) this.#deps.tracking.tainted = true
    this.#deps.tracking.begin(run)
    return run
  }

  /** Whether all that the Bind's judgement depended on is as it was: definitions, packs, settings, and what its names stand for. */
  #isAsBound(portal: BoundPortal): boolean {
    if (portal.moment !== this.#deps.tracking.moment) return false
    if (portal.behind.length === 0) return true
    const now = this.#behind(portal.cleared.facts)
    return portal.behind.every((facts, at) => facts === now[at])
  }

  /** What stands behind the names that EXECUTE and FETCH use. */
  #behind(facts: readonly SqlFacts[]): BoundPortal['behind'] {
    if (!facts.some((one) => one.names.length > 0)) return NOTHING
    const uses = facts.flatMap((one) => one.names)
    const scope = this.#deps.tracking.scope()
    return uses.map((use) => {
      if (use.kind === 'execute') return scope.statement(use.name)
      return use.kind === 'fetch' ? scope.cursor(use.name) : undefined
    })
  }

  #proceed(about: About, portal: BoundPortal): Ruling | Promise<Ruling> {
    const given = this.#given.get(about.frame)
    if (given !== undefined) return this.#asGiven(about, given)
    const request = { ...this.#request(about), since: portal.cleared }
    const ruling = this.#deps.guard.proceed(request, this.#options())
    return ruling instanceof Promise ? this.#awaited(about, ruling) : ruling
  }

  /** Its columns may have other classes by now: the plan of its masks is made anew as well. */
  #judgeAnew(about: About, portal: BoundPortal): Ruling | Promise<Ruling> {
    portal.plan = undefined
    portal.described = false
    return this.#judge(about)
  }

  #judge(about: About): Ruling | Promise<Ruling> {
    const given = this.#given.size > 0 ? this.#given.get(about.frame) : undefined
    if (given !== undefined) return this.#asGiven(about, given)
    const ruling = this.#deps.guard.judge(this.#request(about), this.#options())
    return ruling instanceof Promise ? this.#awaited(about, ruling) : this.#note(about, ruling)
  }

  #awaited(about: About, ruling: Promise<Ruling>): Promise<Ruling> {
    return ruling.then((fallen) => {
      this.#deps.onRuled()
      if (fallen.outcome === 'refused' || fallen.approval !== undefined) this.#given.set(about.frame, fallen)
      return this.#note(about, fallen)
    })
  }

  #asGiven(about: About, given: Ruling): Ruling | Promise<Ruling> {
    if (given.outcome === 'refused') return given
    const request = { ...this.#request(about), since: given }
    return this.#awaited(about, this.#deps.guard.uphold(request, this.#options()))
  }

  #note(about: Pick<JudgeRequest, 'preparesOnly'>, ruling: Ruling): Ruling {
    if (ruling.outcome === 'cleared' && !about.preparesOnly) this.#deps.tracking.cleared(ruling.facts)
    return ruling
  }

  #request({ frame, message, statement, preparesOnly, check }: About): JudgeRequest {
    const { tracking } = this.#deps
    const scope = tracking.scope()
    const transaction = tracking.replies.status
    return { frame, message, statement, preparesOnly, check, scope, transaction, screen: this.#screen }
  }

  #options(): JudgeOptions {
    const { gone, cancelled, onHeld } = this.#deps
    return { gone, cancelled: cancelled(), onHeld }
  }

  #isUncertain(subject: Subject, name: string): boolean {
    const { statements, portals, segment } = this.#deps.tracking
    return (subject === 'statement' ? statements : portals).isUncertain(name, segment)
  }

  /** An earlier segment may have failed and with it what it did to a name: wait for the upstream's next word, and plan again. */
  async #later(plan: () => Planned): Promise<Step | undefined> {
    const { tracking } = this.#deps
    // What failed leaves its names uncertain up to the Sync that comes behind this frame.
    if (!tracking.replies.isSkipping) await tracking.progress()
    return tracking.replies.isSkipping ? undefined : plan()
  }
}

const NONE: readonly Parameter[] = []
const NOTHING: BoundPortal['behind'] = []
const NO_INJECTIONS: readonly Injection[] = []

const moving = (name: string): string =>
  `what "${name}" stands for may change with SQL of this pipeline: send Sync before using it`

/** In the server's words. */
const noStatement = (name: string): string =>
  name === '' ? 'unnamed prepared statement does not exist' : `prepared statement "${name}" does not exist`

const undescribed = (facts: readonly SqlFacts[]): Prepared => ({
  text: '',
  facts,
  parameterTypes: [],
  description: undefined,
})

const sql = (text: string, parameters: readonly Parameter[]): SqlStatement => ({
  kind: 'sql',
  dialect: 'postgres',
  text,
  parameters,
})

function parametersOf(
  message: Pick<BindMessage, 'parameters' | 'parameterFormats'>,
  prepared: Prepared,
): readonly Parameter[] {
  if (message.parameters.length === 0) return NONE
  return message.parameters.map((value, at) => ({
    type: prepared.parameterTypes[at] ?? 0,
    format: formatAt(message.parameterFormats, at),
    value: value ?? undefined,
  }))
}

const refuse = (kind: RefusalKind, message: string): Step => ({
  unseen: 'a name of the session',
  kind: 'refuse',
  refusal: refused(kind, message),
  ownsReady: false,
})

function when(ruling: Ruling | Promise<Ruling>, proceed: (cleared: Cleared) => Step, ownsReady = false): Planned {
  if (ruling instanceof Promise) return ruling.then((fallen) => when(fallen, proceed, ownsReady))
  return ruling.outcome === 'cleared' ? proceed(ruling) : { kind: 'refuse', refusal: ruling, ownsReady }
}
