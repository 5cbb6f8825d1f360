import { readFileSync } from 'node:fs'
import type { PostgresTargetConfig } from '../../config/load.ts'
import type { Catalog } from '../../model/catalog.ts'
import type { Target } from '../../model/target.ts'
import { saltPassword } from '../../protocol/postgres/scram-verifier.ts'
import type { Planner } from '../../session/estimates.ts'
import type { Clock } from '../../std/clock.ts'
import { Secret } from '../../std/secret.ts'
import { createCatalogKeeper, type CatalogKeeper } from './catalog-keeper.ts'
import { cancelUpstream, dialUpstream, type Dial, type UpstreamAddress, type UpstreamSocket } from './dial.ts'
import { createSaltMemory } from './salt-memory.ts'
import { planRows } from './estimate.ts'
import { connectSimple } from './simple-client.ts'
import { PINNED } from './startup-parameters.ts'

export interface TargetDeps {
  readonly config: PostgresTargetConfig
  readonly clock: Clock
  /** For TCP, TLS and login together, in milliseconds. */
  readonly dialMs: number
  /** Fills in the classes of data that the packs in force give to columns; asked at every look, so it remembers. */
  readonly classify: (catalog: Catalog) => Catalog
  readonly onError: (error: Error, target: Target) => void
}

/** One configured Postgres. */
export interface PostgresTarget {
  readonly target: Target
  /** One of its databases; kept while it is used. */
  database(name: string): PostgresDatabase
  close(): void
}

/** One database of a target as sessions use it. */
export interface PostgresDatabase {
  readonly name: string
  readonly target: Target
  /** As last seen and tagged by the packs in force; undefined when nothing recent is known. */
  catalog(): Catalog | undefined
  /** The monotonic clock was read, in microseconds: see `CatalogKeeper.notice`. */
  notice(micros: number): void
  /** Looks now. */
  freshCatalog(): Promise<Catalog | undefined>
  /** A session begins: the catalog is kept fresh until the returned function is called. */
  attach(): () => void
  /** Rows that the planner expects each text to reach, over a connection of its own; see `planRows`. Never rejects. */
  planRows: Planner
  dial(parameters: ReadonlyMap<string, string>): Promise<UpstreamSocket>
  cancel(key: NonNullable<UpstreamSocket['backendKey']>): Promise<void>
}

/** A hold is not kept from people for longer by an estimate. */
const ESTIMATE_MS = 1500

/** Databases of one target whose catalogs are kept: more than that is somebody walking through names. */
const MAX_DATABASES = 32

/** Makes what sessions need of a configured Postgres. The target's secret is used nowhere else. */
export function createPostgresTarget(deps: TargetDeps): PostgresTarget {
  const { config } = deps
  const { name, protocol, database, account, tags } = config
  const target: Target = { name, protocol, database, account, tags }
  const dialing = dialOf(deps)
  const databases = new Map<string, KeptDatabase>()
  return {
    target,
    database(wanted) {
      const kept = databases.get(wanted)
      if (kept !== undefined) return kept
      if (databases.size >= MAX_DATABASES) forgetOneUnused(databases)
      const made = new KeptDatabase(wanted, { target, dialing, deps })
      databases.set(wanted, made)
      return made
    },
    close() {
      for (const kept of databases.values()) kept.close()
    },
  }
}

type Dialing = Pick<Dial, 'user' | 'password' | 'salted' | 'target' | 'clock' | 'deadlineMs'>

function dialOf({ config, clock, dialMs }: TargetDeps): Dialing {
  const address: UpstreamAddress = { ...config.address, tls: trustOf(config.tls) }
  // The salted password is a slow hash of a secret that does not change: worked out once, not at every connection.
  const salted = createSaltMemory(saltPassword)
  return { user: config.account, password: config.password, salted, target: address, clock, deadlineMs: dialMs }
}

function trustOf(tls: PostgresTargetConfig['tls']): UpstreamAddress['tls'] {
  if (tls.mode === 'off') return 'off'
  if (tls.ca === undefined) return 'verify-full'
  const pem = (file: string): string => readFileSync(file, 'utf8')
  const own =
    tls.cert === undefined || tls.key === undefined ? {} : { cert: pem(tls.cert), key: new Secret(pem(tls.key)) }
  return { ca: pem(tls.ca), ...own }
}

class KeptDatabase implements PostgresDatabase {
  readonly name: string
  readonly target: Target
  readonly #dialing: Dialing
  readonly #keeper: CatalogKeeper
  readonly #classify: TargetDeps['classify']
  attached = 0

  constructor(name: string, { target, dialing, deps }: { target: Target; dialing: Dialing; deps: TargetDeps }) {
    this.name = name
    this.target = target
    this.#dialing = dialing
    this.#classify = deps.classify
    const parameters = new Map([['application_name', 'countersign catalog']])
    const connect = (): ReturnType<typeof connectSimple> => connectSimple({ ...dialing, database: name, parameters })
    this.#keeper = createCatalogKeeper({ connect, clock: deps.clock, onError: (error) => deps.onError(error, target) })
  }

  catalog(): Catalog | undefined {
    const known = this.#keeper.current()
    return known === undefined ? undefined : this.#classify(known)
  }

  notice(micros: number): void {
    this.#keeper.notice(micros)
  }

  async freshCatalog(): Promise<Catalog | undefined> {
    const known = await this.#keeper.fresh()
    return known === undefined ? undefined : this.#classify(known)
  }

  attach(): () => void {
    this.attached += 1
    const detach = this.#keeper.attach()
    return () => {
      this.attached -= 1
      detach()
    }
  }

  readonly planRows: Planner = async (texts, searchPath) => {
    try {
      const parameters = new Map([...PINNED, ['application_name', 'countersign estimates']])
      const dial = { ...this.#dialing, deadlineMs: ESTIMATE_MS, database: this.name, parameters }
      const client = await connectSimple(dial, { queryMs: ESTIMATE_MS, bytes: 4 * 1024 * 1024 })
      try {
        return await planRows(client, texts, searchPath)
      } finally {
        client.close()
      }
    } catch {
      // Whoever cannot be reached gives no estimate; that the target is gone others will say.
      return []
    }
  }

  dial(parameters: ReadonlyMap<string, string>): Promise<UpstreamSocket> {
    return dialUpstream({ ...this.#dialing, database: this.name, parameters })
  }

  cancel(backendKey: NonNullable<UpstreamSocket['backendKey']>): Promise<void> {
    return cancelUpstream({ ...this.#dialing, backendKey })
  }

  close(): void {
    this.#keeper.close()
  }
}

function forgetOneUnused(databases: Map<string, KeptDatabase>): void {
  for (const [name, kept] of databases) {
    if (kept.attached > 0) continue
    kept.close()
    databases.delete(name)
    return
  }
}
