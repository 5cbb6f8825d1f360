import type { Catalog } from '../../model/catalog.ts'
import type { Facts } from '../../model/facts.ts'
import { Names } from '../../protocol/postgres/names.ts'
import { Replies } from '../../protocol/postgres/replies.ts'
import type { SessionScope } from '../../session/scope.ts'
import { deferred, type Deferred } from '../../std/deferred.ts'
import type { BoundPortal, Execution, Moment, Portal, Prepared, Run } from './run.ts'

/**
 * What one session knows of the state at the upstream: names, owed replies, settings and definitions it changed. The request side writes it when it sends,
 * the response side when the upstream answers.
 */
export class Tracking {
  readonly statements = new Names<Prepared>()
  readonly portals = new Names<Portal>()
  readonly replies = new Replies<Run>()
  readonly #catalog: () => Catalog | undefined
  /** Frames up to the next Sync or Query form one segment. */
  segment = 1
  /** Something of the open segment went upstream: a Sync would commit it. */
  segmentSent = false
  /** The open segment contains transaction control, so the last reported status no longer tells what Sync commits. */
  segmentControls = false
  /** The session touched tagged relations: error texts are replaced by templates from now on. */
  tainted = false
  /** A COPY FROM STDIN that the upstream has opened. */
  copyIn: Execution | undefined
  /** Portals whose Bind took a countersignature. */
  readonly approvedPortals: BoundPortal[] = []
  #searchPathKnown = true
  #settings = 0
  #dirty = false
  #temporary = false
  #unsettled = 0
  #idle: Deferred<undefined> | undefined
  #progress: Deferred<undefined> | undefined

  constructor(catalog: () => Catalog | undefined) {
    this.#catalog = catalog
  }

  get moment(): Moment {
    return `${this.#catalog()?.epoch ?? 'none'}/${this.#settings}/${this.#dirty ? 'dirty' : 'clean'}`
  }

  scope(): SessionScope {
    return {
      searchPath: this.#searchPathKnown ? this.#catalog()?.searchPath : undefined,
      dirty: this.#dirty,
      settings: this.#settings,
      statement: (name) => behind(this.statements.get(name)?.madeBy, this.statements.get(name)?.value.facts),
      cursor: (name) => behind(this.portals.get(name)?.madeBy, this.portals.get(name)?.value.facts),
    }
  }

  /** A statement was cleared and is about to leave: what it may change is not certain any more. */
  cleared(facts: readonly Facts[]): void {
    for (const one of facts) {
      if (one.effects.includes('transaction')) this.segmentControls = true
      if (one.effects.includes('reading-setting')) this.#searchPathKnown = false
      if (one.effects.includes('reading-setting') || one.effects.includes('setting')) this.#settings += 1
      if (one.changesCatalog) this.#dirty = true
      if (one.effects.includes('temporary')) this.#temporary = true
    }
  }

  /** Whether a statement on its way may change what the next one means. */
  get isUnsettled(): boolean {
    return this.#unsettled > 0
  }

  begin(execution: Execution): void {
    if (unsettles(execution.facts)) this.#unsettled += 1
  }

  end(execution: Execution): void {
    if (unsettles(execution.facts)) this.#unsettled -= 1
  }

  /** Resolves when the upstream owes nothing. */
  idle(): Promise<undefined> {
    if (this.replies.pending === 0) return Promise.resolve(undefined)
    this.#idle ??= deferred<undefined>()
    return this.#idle.promise
  }

  /** Resolves when the upstream has said something more. */
  progress(): Promise<undefined> {
    this.#progress ??= deferred<undefined>()
    return this.#progress.promise
  }

  /** A cleared COPY FROM STDIN is on its way and the upstream has not opened or refused it yet. */
  get copyMayOpen(): boolean {
    return this.replies
      .outstanding()
      .some((owed) => 'run' in owed && owed.run.kind === 'execution' && awaitsCopy(owed.run))
  }

  /** The response side calls it after each message it accounted for. */
  noteProgress(): void {
    this.#progress?.resolve(undefined)
    this.#progress = undefined
    if (this.replies.pending > 0) return
    this.#idle?.resolve(undefined)
    this.#idle = undefined
  }

  /** A segment ended at the upstream: what it did not confirm did not happen; portals end with their transaction. */
  segmentEnded(segment: number): void {
    this.statements.rollback(segment)
    this.portals.rollback(segment)
    if (this.replies.status === 'idle' && this.portals.size > 0)
      this.portals.prune((portal) => isOver(portal.segment, portal.value, segment))
  }

  /** Whether reading the catalog again now would make names certain: the session's own changes are committed and hide nothing. */
  get canSettle(): boolean {
    return this.#dirty && !this.#temporary && this.replies.status === 'idle' && this.replies.pending === 0
  }

  /** The catalog was read after `canSettle`. */
  settled(): void {
    this.#dirty = false
  }
}

const behind = (
  madeBy: 'protocol' | 'sql' | undefined,
  facts: readonly Facts[] | undefined,
): readonly Facts[] | 'protocol' | undefined => (madeBy === 'protocol' ? 'protocol' : facts)

const unsettles = (facts: readonly Facts[]): boolean =>
  facts.some((one) => one.names.length > 0 || one.changesCatalog || one.effects.includes('reading-setting'))

const isOver = (madeIn: number | undefined, portal: Portal, segment: number): boolean =>
  !portal.outlives && (madeIn === undefined || madeIn <= segment)

const awaitsCopy = (execution: Execution): boolean =>
  execution.facts.slice(execution.index).some((one) => one.copy?.direction === 'in')
