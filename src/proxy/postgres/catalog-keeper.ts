import type { Catalog } from '../../model/catalog.ts'
import type { Clock } from '../../std/clock.ts'
import { asError } from '../../std/errors.ts'
import { loadCatalog, readEpoch } from './catalog.ts'
import type { SimpleClient } from './simple-client.ts'

export interface CatalogKeeperDeps {
  /** Dials the service connection. */
  readonly connect: () => Promise<SimpleClient>
  readonly clock: Clock
  /** How often the epoch is re-read while sessions are attached; 3 s without it. */
  readonly refreshMs?: number
  /** Told of every failure; the keeper goes on by itself. */
  readonly onError: (error: Error) => void
}

/** Keeps one target's catalog at hand. */
export interface CatalogKeeper {
  /** The newest snapshot, without waiting; undefined when none was confirmed within four refreshes: nothing old passes for known. */
  current(): Catalog | undefined
  /**
   * What the monotonic clock says, from whoever has just read it, in microseconds: `current` is asked several times for each message and reads none. A timer
   * ends what it gives; after a pause of the whole process that timer may come behind the first message.
   */
  notice(micros: number): void
  /** Looks at the server now, after this call began, and reloads if anything moved; undefined when that failed. Callers share one look. */
  fresh(): Promise<Catalog | undefined>
  /** A session that depends on it: refreshes run while there is one. The returned function detaches it. */
  attach(): () => void
  /** Ends the service connection and the refreshes. */
  close(): void
}

const FIRST_BACKOFF_MS = 100
const LAST_BACKOFF_MS = 5000
/** Row estimates change without a new epoch, so the same epoch is read anew now and then. */
const RELOAD_MS = 5 * 60_000

export const createCatalogKeeper = (deps: CatalogKeeperDeps): CatalogKeeper => new Keeper(deps)

interface Known {
  readonly catalog: Catalog
  readonly loadedAt: number
  /** When the look began that last found the server to agree. */
  confirmedAt: number
}

class Keeper implements CatalogKeeper {
  readonly #deps: CatalogKeeperDeps
  readonly #refreshMs: number
  #client: SimpleClient | undefined
  #known: Known | undefined
  /** What of it still passes for known. */
  #current: Catalog | undefined
  #cancelEnd: (() => void) | undefined
  #looking: Promise<Catalog | undefined> | undefined
  #queued: Promise<Catalog | undefined> | undefined
  #backoffMs = 0
  #retryAt = 0
  #attached = 0
  #cancelTimer: (() => void) | undefined
  #isClosed = false

  constructor(deps: CatalogKeeperDeps) {
    this.#deps = deps
    this.#refreshMs = deps.refreshMs ?? 3000
  }

  current(): Catalog | undefined {
    return this.#current
  }

  notice(micros: number): void {
    if (this.#known !== undefined && micros / 1000 > this.#endOf(this.#known)) this.#current = undefined
  }

  fresh(): Promise<Catalog | undefined> {
    if (this.#looking === undefined) return this.#look()
    // A look that began before this call may have missed what was committed meanwhile; the next one is shared by all who come until it begins.
    this.#queued ??= this.#looking.then(() => {
      this.#queued = undefined
      return this.#look()
    })
    return this.#queued
  }

  attach(): () => void {
    this.#attached += 1
    this.#schedule()
    let attached = true
    return () => {
      if (attached) this.#attached -= 1
      attached = false
    }
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
    this.#cancelEnd?.()
    this.#current = undefined
    this.#disconnect()
  }

  #schedule(): void {
    if (this.#cancelTimer !== undefined || this.#isClosed) return
    this.#cancelTimer = this.#deps.clock.after(this.#refreshMs, () => {
      this.#cancelTimer = undefined
      if (this.#attached > 0) void this.fresh().then(() => this.#schedule())
    })
  }

  #look(): Promise<Catalog | undefined> {
    this.#looking = this.#attempt().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  async #attempt(): Promise<Catalog | undefined> {
    const began = this.#now()
    if (this.#isClosed || began < this.#retryAt) return undefined
    try {
      const known = (await this.#agrees(began)) ? this.#known : await this.#load(began)
      this.#backoffMs = 0
      return known?.catalog
    } catch (error) {
      this.#failed(asError(error))
      return undefined
    }
  }

  async #agrees(began: number): Promise<boolean> {
    if (this.#known === undefined || began - this.#known.loadedAt > RELOAD_MS) return false
    const epoch = await readEpoch(await this.#connected())
    if (epoch !== this.#known.catalog.epoch) return false
    this.#known.confirmedAt = began
    this.#isConfirmed(this.#known)
    return true
  }

  /** Over a new connection: what changed may be what a new session starts with. */
  async #load(began: number): Promise<Known> {
    this.#disconnect()
    const catalog = await loadCatalog(await this.#connected())
    this.#known = { catalog, loadedAt: began, confirmedAt: began }
    this.#isConfirmed(this.#known)
    return this.#known
  }

  #isConfirmed(known: Known): void {
    this.#cancelEnd?.()
    if (this.#isClosed) return
    this.#current = known.catalog
    this.#cancelEnd = this.#deps.clock.after(this.#endOf(known) - this.#now() + 1, () => (this.#current = undefined))
    this.notice(this.#deps.clock.monoMicros())
  }

  /** The last moment at which it passes for known, in milliseconds of the monotonic clock. */
  #endOf(known: Known): number {
    return known.confirmedAt + 4 * this.#refreshMs
  }

  async #connected(): Promise<SimpleClient> {
    if (this.#client?.isOpen === true) return this.#client
    const client = await this.#deps.connect()
    if (!this.#isClosed) return (this.#client = client)
    client.close()
    throw new Error('the catalog keeper was closed')
  }

  #disconnect(): void {
    this.#client?.close()
    this.#client = undefined
  }

  #failed(error: Error): void {
    this.#disconnect()
    this.#backoffMs = Math.min(LAST_BACKOFF_MS, this.#backoffMs * 2 || FIRST_BACKOFF_MS)
    this.#retryAt = this.#now() + this.#backoffMs
    if (!this.#isClosed) this.#deps.onError(error)
  }

  #now(): number {
    return this.#deps.clock.monoMicros() / 1000
  }
}
