import type { SqlFacts, NameUse } from '../../model/facts.ts'
import type { ApprovalId } from '../../model/ids.ts'
import type { Scrubbed } from '../../model/scrubbed.ts'
import type { Expected } from '../../protocol/postgres/replies.ts'
import type { ResultEvent, SessionEvent } from '../../recording/event.ts'
import type { Names } from '../../protocol/postgres/names.ts'
import type { CommandTag } from './command-tags.ts'
import type { BoundPortal, Execution, Prepared, Run } from './run.ts'
import type { Tracking } from './tracking.ts'

export interface CompletionsDeps {
  readonly tracking: Tracking
  readonly append: (event: SessionEvent) => void
  readonly scrub: (text: string) => Scrubbed
  readonly monoMicros: () => number
  /** An approved statement has ended at the upstream. */
  readonly onApprovedEnd: (approval: ApprovalId, end: 'done' | 'unknown', detail: string) => void
}

const CANCELLED = '57014'

/** What the end of a statement means: its result is recorded, names that it made or dropped are known for certain, its approval is finished. */
export class Completions {
  readonly #deps: CompletionsDeps

  constructor(deps: CompletionsDeps) {
    this.#deps = deps
  }

  /** CommandComplete for the work in front. */
  completed({ text, rows }: Pick<CommandTag, 'text' | 'rows'>, head: Expected<Run> | undefined): void {
    const run = execution(head)
    if (run === undefined) return
    run.rows = Math.max(run.rows, rows)
    this.#record(run, { end: 'done', sqlstate: undefined, tag: text })
    this.#finish(run, head?.kind === 'execute')
  }

  /** EmptyQueryResponse for the work in front. */
  empty(head: Expected<Run> | undefined): void {
    this.completed({ text: this.#deps.scrub('emptyQueryResponse'), rows: 0 }, head)
  }

  /** PortalSuspended for the work in front. */
  suspended(head: Expected<Run> | undefined): void {
    const run = execution(head)
    if (run === undefined) return
    this.#record(run, { end: 'done', sqlstate: undefined, tag: this.#deps.scrub('portalSuspended') })
    this.#ended(run, 'suspended after the rows that were asked for')
  }

  /** ErrorResponse for the work in front. */
  failed(sqlstate: string | undefined, head: Expected<Run> | undefined): void {
    const run = execution(head)
    if (run === undefined) return
    run.failed = true
    this.#copyEnded(run)
    this.#record(run, { end: sqlstate === CANCELLED ? 'cancelled' : 'failed', sqlstate, tag: undefined })
    if (head?.kind === 'execute') this.#ended(run, `failed with ${sqlstate ?? 'no code'}`)
  }

  /** An error before it kept it from running. */
  dropped(owed: Expected<Run>): void {
    // A portal from before a savepoint lives on, and still has to be described.
    if (owed.kind === 'describe' && owed.run.kind === 'description' && owed.run.portal !== undefined)
      owed.run.portal.described = false
    const run = execution(owed)
    if (run === undefined || run.failed) return
    this.#record(run, {
      end: 'cancelled',
      sqlstate: undefined,
      tag: this.#deps.scrub('skipped after an earlier error'),
    })
    this.#ended(run, 'not run: an earlier statement failed')
  }

  /** ReadyForQuery after a Query: all its statements are over. The unnamed prepared statement is gone as well. */
  queryEnded(run: Run): void {
    this.#deps.tracking.statements.delete('')
    if (run.kind === 'execution') this.#ended(run, run.failed ? 'failed' : 'completed')
  }

  /** ReadyForQuery: countersignatures of portals that are gone have nothing left to run. */
  portalsEnded(): void {
    for (const portal of this.#deps.tracking.takeSpent()) this.portalEnded(portal)
  }

  /** The countersignature of a Bind ends without its having run. */
  portalEnded({ superseded, cleared }: BoundPortal): void {
    if (cleared.approval === undefined) return
    const detail = superseded ? 'bound; its execution was judged anew' : 'bound and never executed'
    this.#deps.onApprovedEnd(cleared.approval, 'done', detail)
  }

  /** The connection broke with this owed: nobody here knows how it ended. */
  lost(owed: Expected<Run>): void {
    const run = execution(owed)
    if (run === undefined || run.recorded) return
    this.#record(run, { end: 'unknown', sqlstate: undefined, tag: undefined })
    if (run.approval !== undefined)
      this.#finishApproval(run, 'unknown', 'the connection ended before the target answered')
  }

  /** Data that still comes for it belongs nowhere. */
  #copyEnded(run: Execution): void {
    if (this.#deps.tracking.copyIn === run) this.#deps.tracking.copyIn = undefined
  }

  #finish(run: Execution, whole: boolean): void {
    this.#copyEnded(run)
    const facts = run.facts[run.portal === undefined ? run.index : 0]
    if (facts !== undefined) for (const use of facts.names) this.#applyName(use, facts)
    if (whole) {
      this.#ended(run, 'completed')
      return
    }
    run.index += 1
    run.copyOpened = false
    run.plan = undefined
    run.rows = run.bytes = run.masked = run.pans = 0
  }

  #ended(run: Execution, detail: string): void {
    if (run.recorded) return
    run.recorded = true
    this.#deps.tracking.end(run)
    if (run.approval !== undefined) this.#finishApproval(run, 'done', detail)
  }

  #finishApproval({ approval, portal }: Execution, end: 'done' | 'unknown', detail: string): void {
    if (approval === undefined) return
    if (portal?.superseded === false) this.#deps.tracking.settleApproved(portal)
    this.#deps.onApprovedEnd(approval, end, detail)
  }

  #record(run: Execution, { end, sqlstate, tag }: Pick<ResultEvent, 'end' | 'sqlstate' | 'tag'>): void {
    const { rows, bytes, masked, pans, statement, startedMicros } = run
    const ms = Math.round((this.#deps.monoMicros() - startedMicros) / 10) / 100
    this.#deps.append({ kind: 'result', statement, end, sqlstate, tag, rows, bytes, ms, masked, pans })
    const kept = run.kept?.take(statement, this.#deps.scrub)
    if (kept !== undefined) this.#deps.append(kept)
    if (pans > 0)
      this.#deps.append({ kind: 'find', statement, where: run.copy === undefined ? 'cell' : 'copy', count: pans })
  }

  /** SQL made or dropped a name, and the upstream has confirmed it. */
  #applyName(use: NameUse, facts: SqlFacts): void {
    const { statements, portals } = this.#deps.tracking
    switch (use.kind) {
      case 'prepare':
        statements.put({ name: use.name, madeBy: 'sql', value: { ...OF_SQL, facts: [facts] } })
        break
      case 'declare':
        portals.put({ name: use.name, madeBy: 'sql', value: { facts: [facts], bound: undefined, outlives: use.hold } })
        break
      case 'deallocate':
        drop(statements, use.name)
        break
      case 'close':
        drop(portals, use.name)
        break
      case 'discard':
        if (use.what !== 'all') break
        portals.clear()
        statements.clear()
        break
      case 'execute':
      case 'fetch':
    }
  }
}

/** What a statement of SQL's PREPARE has no use for: only EXECUTE reaches it. */
const OF_SQL: Omit<Prepared, 'facts'> = { text: '', parameterTypes: [], description: undefined }

function drop<Value>(names: Names<Value>, name: string | undefined): void {
  if (name === undefined) names.clear()
  else names.delete(name)
}

const execution = (owed: Expected<Run> | undefined): Execution | undefined =>
  (owed?.kind === 'execute' || owed?.kind === 'query') && owed.run.kind === 'execution' ? owed.run : undefined
