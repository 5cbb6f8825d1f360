import type { Catalog } from '../../model/catalog.ts'
import type { SqlFacts, NameUse } from '../../model/facts.ts'
import type { Subject } from '../../protocol/postgres/messages.ts'
import { Names, type Named } from '../../protocol/postgres/names.ts'
import { Replies } from '../../protocol/postgres/replies.ts'
import { isSamePath, type SessionScope } from '../../session/scope.ts'
import { deferred, type Deferred } from '../../std/deferred.ts'
import { bearingOf, type Bearing } from './bearing.ts'
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
  /** Portals whose Bind took a countersignature that is not finished yet. */
  approvedPortals: readonly BoundPortal[] = []
  #seen: Catalog | undefined
  #catalogs = 0
  #firstPath: readonly string[] | undefined
  #searchPathKnown = true
  #settings = 0
  #dirty = false
  #moment = { generation: -1, settings: 0, dirty: false, text: '' }
  #temporary = false
  #unsettled = 0
  readonly #renaming = new Set<Execution>()
  #scope: SessionScope = {
    searchPath: undefined,
    dirty: false,
    settings: 0,
    statement: (name) => (this.isMoving('statement', name) ? undefined : behind(this.statements.get(name))),
    cursor: (name) => (this.isMoving('portal', name) ? undefined : behind(this.portals.get(name))),
  }
  #last: { readonly facts: readonly SqlFacts[]; readonly bearing: Bearing } = { facts: [], bearing: bearingOf([]) }
  #idle: Deferred<undefined> | undefined
  #progress: Deferred<undefined> | undefined

  constructor(catalog: () => Catalog | undefined) {
    this.#catalog = catalog
  }

  /** Asked several times for each message: the text is made when one of its parts has changed. */
  get moment(): Moment {
    const generation = this.#generation()
    const last = this.#moment
    if (last.generation === generation && last.settings === this.#settings && last.dirty === this.#dirty)
      return last.text
    const text = `${generation}/${this.#settings}/${this.#dirty ? 'dirty' : 'clean'}`
    this.#moment = { generation, settings: this.#settings, dirty: this.#dirty, text }
    return text
  }

  /** Counts the catalogs that were seen: one of the same epoch may carry other packs' classes. */
  #generation(): number {
    const catalog = this.#catalog()
    if (catalog === this.#seen) return this.#catalogs
    this.#seen = catalog
    this.#catalogs += 1
    return this.#catalogs
  }

  /** The path that the session began with. Where a new session would begin with another one, ours is not known any more. */
  #searchPath(): readonly string[] | undefined {
    const path = this.#catalog()?.searchPath
    this.#firstPath ??= path
    if (!this.#searchPathKnown || path === undefined || this.#firstPath === undefined) return undefined
    return isSamePath(path, this.#firstPath) ? path : undefined
  }

  /** How a text is read now. Asked for each frame: made anew only when a part has changed. What stands behind names is looked up when it is asked. */
  scope(): SessionScope {
    const searchPath = this.#searchPath()
    const last = this.#scope
    if (last.searchPath === searchPath && last.dirty === this.#dirty && last.settings === this.#settings) return last
    this.#scope = { ...last, searchPath, dirty: this.#dirty, settings: this.#settings }
    return this.#scope
  }

  /** A statement was cleared and is about to leave: what it may change is not certain any more. */
  cleared(facts: readonly SqlFacts[]): void {
    const { controls, rereads, sets, dirties, makesTemporary } = this.#bearingOf(facts)
    if (controls) this.segmentControls = true
    if (rereads) this.#searchPathKnown = false
    if (sets) this.#settings += 1
    if (dirties) this.#dirty = true
    if (makesTemporary) this.#temporary = true
  }

  /** Whether a statement on its way may change what the next one means. */
  get isUnsettled(): boolean {
    return this.#unsettled > 0
  }

  begin(execution: Execution): void {
    const { controls, movesNames, unsettles } = this.#bearingOf(execution.facts)
    if (unsettles) this.#unsettled += 1
    if (movesNames) this.#renaming.add(execution)
    // Its portal may have been bound in an earlier segment.
    if (controls) this.segmentControls = true
  }

  end(execution: Execution): void {
    if (this.#bearingOf(execution.facts).unsettles) this.#unsettled -= 1
    this.#renaming.delete(execution)
  }

  /** One statement asks for it several times, and applications repeat theirs. */
  #bearingOf(facts: readonly SqlFacts[]): Bearing {
    if (this.#last.facts !== facts) this.#last = { facts, bearing: bearingOf(facts) }
    return this.#last.bearing
  }

  /** SQL on its way may give the name another meaning: until that has ended, it stands for nothing certain. */
  isMoving(subject: Subject, name: string): boolean {
    if (this.#renaming.size === 0 || name === '') return false
    return [...this.#renaming].some((run) =>
      run.facts.some((one) => one.names.some((use) => moves(use, subject, name))),
    )
  }

  /** Resolves when the upstream owes nothing, or nothing more before it has the data of a COPY. */
  idle(): Promise<undefined> {
    if (this.replies.pending === 0 || this.copyIn !== undefined) return Promise.resolve(undefined)
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
    if (this.replies.pending > 0 && this.copyIn === undefined) return
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

  /** Approved portals that cannot run under their countersignature any more: replaced, closed, gone with their transaction, or under another one. */
  takeSpent(): readonly BoundPortal[] {
    if (this.approvedPortals.length === 0) return this.approvedPortals
    const spent = this.approvedPortals.filter((one) => one.superseded || (!one.executed && !this.#isBound(one)))
    this.approvedPortals = this.approvedPortals.filter((one) => !spent.includes(one))
    return spent
  }

  /** The countersignature of its Bind was finished. */
  settleApproved(portal: BoundPortal | undefined): void {
    if (this.approvedPortals.length > 0) this.approvedPortals = this.approvedPortals.filter((one) => one !== portal)
  }

  /** Portals that were never sent are none. */
  forgetUnsent(): void {
    if (this.approvedPortals.length > 0) this.approvedPortals = this.approvedPortals.filter((one) => this.#isBound(one))
  }

  #isBound(portal: BoundPortal): boolean {
    return this.portals.mayHold(({ bound }) => bound === portal)
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
  named: Named<{ readonly facts: readonly SqlFacts[] }> | undefined,
): readonly SqlFacts[] | 'protocol' | undefined => (named?.madeBy === 'protocol' ? 'protocol' : named?.value.facts)

function moves(use: NameUse, subject: Subject, name: string): boolean {
  switch (use.kind) {
    case 'prepare':
      return subject === 'statement' && use.name === name
    case 'deallocate':
      return subject === 'statement' && (use.name ?? name) === name
    case 'declare':
      return subject === 'portal' && use.name === name
    case 'close':
      return subject === 'portal' && (use.name ?? name) === name
    case 'discard':
      return use.what === 'all'
    case 'execute':
    case 'fetch':
      return false
  }
}

const isOver = (madeIn: number | undefined, portal: Portal, segment: number): boolean =>
  !portal.outlives && (madeIn === undefined || madeIn <= segment)

const awaitsCopy = (execution: Execution): boolean =>
  execution.facts.slice(execution.index + (execution.copyOpened ? 1 : 0)).some((one) => one.copy?.direction === 'in')
