import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { createApprovals, DEFAULT_QUOTAS, type Approvals } from './approvals/approvals.ts'
import type { Config } from './config/load.ts'
import { scrub } from './mask/scrub.ts'
import type { Facts } from './model/facts.ts'
import type { ApprovalId, SessionId } from './model/ids.ts'
import { createParserPool } from './parsing/pool.ts'
import { listen, type Listener } from './proxy/listener.ts'
import type { FailedEntry } from './proxy/postgres/connection.ts'
import type { ShownStatement } from './session/hold-desk.ts'
import { createJournal } from './session/journal.ts'
import { Registry } from './session/registry.ts'
import { watchStanding } from './session/standing.ts'
import type { Clock } from './std/clock.ts'
import { asError } from './std/errors.ts'
import { newId } from './std/ids.ts'
import { openStore, type Store } from './store/open-store.ts'
import { readServerTls } from './tls/server.ts'
import { openAccess, type Access } from './wiring/access.ts'
import { openDoor } from './wiring/door.ts'
import { openEvidence, type Evidence } from './wiring/evidence.ts'
import { createGuarding } from './wiring/guarding.ts'
import { openHttp } from './wiring/http.ts'
import type { Log } from './wiring/log.ts'
import { openMessages } from './wiring/messages.ts'
import { lockFolder } from './wiring/lock.ts'
import { createExplain, openPolicy, type LivePolicy } from './wiring/policy.ts'
import { openPostgres, type PostgresDoor } from './wiring/postgres.ts'

export interface AppDeps {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  /** Something without which nothing may run is lost; every session has been ended. */
  readonly onFatal: (reason: string) => void
}

/** A running node. */
export interface App {
  /** As bound. */
  readonly ports: { readonly postgres: number; readonly http: number }
  readonly access: Access
  /** Reads packs and certificates again. */
  reload(): Promise<void>
  /** Ends every session, hands everything over, closes every door. */
  stop(): Promise<void>
}

/** Connections that are not sessions yet, or only a CancelRequest. */
const SPARE_CONNECTIONS = 64
/** How often notes of other processes are looked for, should no change have been told. */
const BEAT_MS = 2000

/** Starts a node. Rejects, with nothing left open, on what cannot work: broken packs, a taken port, an unwritable folder. */
export async function startApp(deps: AppDeps): Promise<App> {
  const closers: Closer[] = []
  try {
    return await start(deps, closers)
  } catch (thrown) {
    await closeAll(closers, deps.log)
    throw thrown
  }
}

/** Undone in reverse order. */
type Closer = () => Promise<unknown> | undefined

async function start(deps: AppDeps, closers: Closer[]): Promise<App> {
  const core = await openCore(deps, closers)
  const { registry, broken, evidence, access, policy } = core
  const { config, clock, log } = deps
  const approving = openApproving(deps, core, closers)
  await core.store.sessions.endCrashed({ at: clock.now() })
  await approving.approvals.recoverAfterCrash()
  const pool = await createParserPool({ clock, maxBytes: config.limits.maxStatementBytes })
  closers.push(() => pool.close())
  const { approvals } = approving
  let tls = config.tls === undefined ? undefined : readServerTls(config.tls)
  const door = openPostgres({
    ...{ config, clock, log, access, store: core.store, evidence, policy, registry },
    guardFor: createGuarding({ access, approvals, policy, pool, clock, publicUrl: config.publicUrl }),
    tls: () => tls,
    finishApproval: finishing(approvals, broken),
    onFailedLogin: noting(deps, core),
  })
  closers.push(() => closeTargets(door))
  const { ports, renew } = await openDoors({ deps, core, approvals, door }, closers)
  watch({ deps, core, approving }, closers)
  return {
    ports,
    access,
    async reload() {
      try {
        if (config.tls !== undefined) tls = readServerTls(config.tls)
        renew()
      } catch (thrown) {
        log.error({ err: asError(thrown) }, 'the certificate cannot be used; the old one stays in force')
      }
      await policy.reload()
    },
    stop: () => closeAll(closers, log),
  }
}

interface Core {
  readonly registry: Registry
  readonly broken: (reason: string) => void
  readonly evidence: Evidence
  readonly store: Store
  readonly access: Access
  readonly policy: LivePolicy
}

/** What everything else stands on: evidence first, because nothing may happen that cannot be recorded. */
async function openCore(deps: AppDeps, closers: Closer[]): Promise<Core> {
  const { config, clock, log, version } = deps
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  const { sessions: total, sessionsPerPerson: perPerson, sessionsPerSource: perSource } = config.limits
  const registry = new Registry({ total, perPerson, perSource })
  const broken = breaking(deps, registry)
  closers.push(lockFolder(config.data))
  const evidence = await openEvidence({ data: config.data, clock, log, version, onBroken: broken })
  closers.push(() => {
    evidence.recorder.stop()
    return evidence.ledger.stop('stopped')
  })
  const file = path.join(config.data, 'countersign.db')
  const store = await openStore({ path: file, onFailure: (error) => broken(error.message) })
  closers.push(() => store.close())
  const access = openAccess({ store, data: config.data, clock })
  const policy = await openPolicy({ config, clock, log, explain: await createExplain() })
  closers.push(() => {
    policy.close()
    return undefined
  })
  return { registry, broken, evidence, store, access, policy }
}

interface Approving {
  readonly approvals: Approvals<ShownStatement>
  readonly journal: ReturnType<typeof createJournal>
}

function openApproving(
  { config, clock, log }: AppDeps,
  { store, evidence, broken }: Core,
  closers: Closer[],
): Approving {
  const journal = createJournal({
    store: store.journal,
    ledger: evidence.ledger,
    onError: (error) => broken(error.message),
  })
  const factsOf = (id: ApprovalId): readonly Facts[] =>
    approvals.shown(id)?.statements.flatMap((one) => one.facts) ?? []
  const messages = openMessages({ config, store, clock, log, factsOf: (approval) => factsOf(approval.id) })
  const approvals: Approvals<ShownStatement> = createApprovals<ShownStatement>({
    ...{ store: store.approvals, clock, scrub },
    notify: (event) => messages.tell(event),
    journal: () => void journal.move(),
    newId: () => newId('a_', 12) as ApprovalId,
    quotas: { ...DEFAULT_QUOTAS, openPerPerson: config.limits.holdsPerPerson },
  })
  messages.outbox.start()
  closers.push(
    () => journal.move(),
    () => messages.outbox.stop(),
  )
  return { approvals, journal }
}

interface Doors {
  readonly deps: AppDeps
  readonly core: Core
  readonly approvals: Approvals<ShownStatement>
  readonly door: PostgresDoor
}

interface OpenDoors {
  readonly ports: App['ports']
  /** Reads the API's certificate again. */
  readonly renew: () => void
}

async function openDoors({ deps, core, approvals, door }: Doors, closers: Closer[]): Promise<OpenDoors> {
  const { config, clock, log } = deps
  const { registry } = core
  const maxConnections = config.limits.sessions + SPARE_CONNECTIONS
  const { listen: at } = config
  const postgres = await openDoor('postgres', at.postgres, () =>
    listen({ ...at.postgres, maxConnections, serve: (socket) => door.serve(socket) }),
  )
  closers.push(() => endSessions(registry, postgres))
  const wiring = { ...core, config, clock, log, approvals, targets: door.targets }
  const http = await openDoor('http', at.http, () => openHttp({ ...wiring, postgresPort: () => postgres.port }))
  closers.push(() => http.close())
  return { ports: { postgres: postgres.port, http: http.port }, renew: () => http.renew() }
}

/** Whatever changed elsewhere (another process, the clock) reaches sessions, holds and the ledger. */
function watch(of: { deps: AppDeps; core: Core; approving: Approving }, closers: Closer[]): void {
  const { clock } = of.deps
  const { registry, access, store, broken } = of.core
  const { approvals, journal } = of.approving
  const onError = (thrown: unknown): void => broken(asError(thrown).message)
  const after = (ms: number, callback: () => void): (() => void) => clock.after(ms, callback)
  const standing = watchStanding({ registry, grants: access.grants, after, onError })
  const unwatch = store.changes(() => {
    void journal.move()
    standing.check().catch(onError)
    approvals.reconcile().catch(onError)
  })
  let stopBeat = (): void => undefined
  const beat = (): void => {
    void journal.move()
    stopBeat = after(BEAT_MS, beat)
  }
  beat()
  closers.push(() => {
    unwatch()
    standing.stop()
    stopBeat()
    return undefined
  })
}

/** Once: every session ends, and whoever started us is told. */
function breaking({ log, onFatal }: AppDeps, registry: Registry): (reason: string) => void {
  let told = false
  return (reason) => {
    if (told) return
    told = true
    log.error({ reason }, 'the node can no longer record or decide: every session ends')
    registry.closeAll(() => ({ reason: 'fault', text: 'this node can no longer record sessions' }))
    onFatal(reason)
  }
}

/** An outcome that cannot be written leaves the approval executing, and the next start makes that `unknown`. */
const finishing =
  (approvals: Approvals<ShownStatement>, broken: (reason: string) => void) =>
  (_: SessionId, approval: ApprovalId, { to, detail }: { to: 'done' | 'unknown'; detail: string }): void => {
    approvals.finish(approval, to, detail).catch((error: unknown) => broken(asError(error).message))
  }

/** Invalid access attempts are evidence too (PCI 10.2.1.4). */
const noting =
  ({ clock }: AppDeps, { evidence, broken }: Core) =>
  ({ login, address, why }: FailedEntry): void => {
    if (evidence.ledger.broken !== undefined) return
    const note = {
      kind: 'login.failed',
      at: clock.now(),
      by: scrub(login ?? 'unknown').slice(0, 64),
      origin: address,
      outcome: 'refused',
    }
    try {
      evidence.ledger.append({ ...note, resource: 'listener:postgres', detail: { why: scrub(why) } })
    } catch (thrown) {
      broken(asError(thrown).message)
    }
  }

async function endSessions(registry: Registry, listener: Listener): Promise<void> {
  const closed = listener.close()
  registry.closeAll(() => ({ reason: 'node-stop', text: 'the proxy is stopping' }))
  await closed
}

function closeTargets(door: PostgresDoor): undefined {
  for (const target of door.targets.values()) target.close()
  return undefined
}

async function closeAll(closers: Closer[], log: Log): Promise<void> {
  for (const close of closers.splice(0).reverse()) {
    try {
      await close()
    } catch (thrown) {
      log.error({ err: asError(thrown) }, 'something could not be closed in order')
    }
  }
}
