import { mkdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import path from 'node:path'
import type { Requests } from './access/requests.ts'
import type { Oidc } from './access/oidc.ts'
import { createApprovals, DEFAULT_QUOTAS, type Approvals } from './approvals/approvals.ts'
import type { Reviews } from './approvals/reviews.ts'
import type { Config } from './config/load.ts'
import { scrub } from './mask/scrub.ts'
import type { ApprovalId, SessionId } from './model/ids.ts'
import type { Protocol } from './model/target.ts'
import { createParserPool, type ParserPool } from './parsing/pool.ts'
import { listen, type Listener } from './proxy/listener.ts'
import type { ShownStatement } from './session/hold-desk.ts'
import { createJournal } from './session/journal.ts'
import { Registry } from './session/registry.ts'
import { createTallies, type Tallies } from './session/tallies.ts'
import type { Clock } from './std/clock.ts'
import { asError } from './std/errors.ts'
import { newId } from './std/ids.ts'
import { openStore, type Store } from './store/open-store.ts'
import { openAccess, type Access } from './wiring/access.ts'
import { breakingGlass, openReviews } from './wiring/break-glass.ts'
import { openCertificate } from './wiring/certificate.ts'
import { openDoor } from './wiring/door.ts'
import { openDesk } from './wiring/desk.ts'
import { openEnforcing, type Enforcing } from './wiring/enforcing.ts'
import { openEvidence, type Evidence } from './wiring/evidence.ts'
import { siteOf } from './wiring/identity.ts'
import { createGuarding } from './wiring/guarding.ts'
import { openHttp } from './wiring/http.ts'
import type { Log } from './wiring/log.ts'
import { openRequests, watchRequests } from './wiring/requests.ts'
import { openMessages, type Messages } from './wiring/messages.ts'
import { lockFolder } from './wiring/lock.ts'
import { createPolicyNotes } from './wiring/policy-notes.ts'
import { createFailedLogins } from './wiring/failed-logins.ts'
import { createExplain, openPolicy, type LivePolicy } from './wiring/policy.ts'
import { openOidc } from './wiring/oidc.ts'
import { openPostgres, type PostgresDoor } from './wiring/postgres.ts'
import { createQuietNotes } from './wiring/turned-notes.ts'
import { openSshAccess, type SshAccess } from './wiring/ssh-access.ts'
import { createActionGuarding } from './wiring/guarding-ssh.ts'
import { openSsh } from './wiring/ssh.ts'
import { startUpkeep } from './wiring/upkeep.ts'
import { rereadUserAuthorities } from './wiring/user-authorities.ts'
import { openScripting, type Scripting } from './wiring/scripting.ts'

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
  readonly ports: {
    readonly postgres: number | undefined
    readonly ssh: number | undefined
    readonly http: number
  }
  readonly access: Access
  /** Reads packs, certificates and the CAs of people again. */
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
  const scripting = openScripting({
    ...{ config, clock, store: core.store, access, policy, pool, broken },
    journal: approving.news,
    targets: () => door.targets,
  })
  await scripting.scripts.recoverAfterCrash()
  const certificate = openCertificate({ config, clock, log, evidence, broken })
  const door = openPostgres({
    ...{ config, clock, log, access, store: core.store, evidence, policy, registry, tallies: core.tallies },
    guardFor: createGuarding({ ...core, approvals, pool, clock, publicUrl: config.publicUrl }),
    beginScript: (beginning) => scripting.desk.begin(beginning),
    tls: () => certificate.current(),
    finishApproval: finishing(approvals, broken),
    onFailedLogin: noting(deps, core, 'postgres'),
  })
  closers.push(() => closeTargets(door))
  const sshDoor = openSsh({
    ...core,
    ...{ config, clock, log, finishApproval: finishing(approvals, broken), onFailedLogin: noting(deps, core, 'ssh') },
    guardFor: createActionGuarding({ ...core, approvals, clock, publicUrl: config.publicUrl }),
  })
  const enforcing = openEnforcing({ ...core, clock, approvals })
  const oidc = openOidc({ config, store: core.store, clock, access, onEnded: () => void enforcing.now() })
  const { ports, renew } = await openDoors(
    { deps, core, approving, door, sshDoor, enforcing, scripting, oidc, pool },
    closers,
  )
  watch({ deps, core, approving, enforcing, scripting, oidc }, closers)
  return {
    ports,
    access,
    async reload() {
      certificate.reload(renew)
      rereadUserAuthorities({ door: core.ssh.door, ledger: evidence.ledger, clock, log, broken })
      await policy.reload()
    },
    stop: () => closeAll(closers, log),
  }
}

interface Core {
  readonly registry: Registry
  readonly tallies: Tallies
  readonly broken: (reason: string) => void
  readonly evidence: Evidence
  readonly store: Store
  readonly access: Access
  readonly policy: LivePolicy
  readonly ssh: SshAccess
}

/** What everything else stands on: evidence first, because nothing may happen that cannot be recorded. */
async function openCore(deps: AppDeps, closers: Closer[]): Promise<Core> {
  const { config, clock, log, version } = deps
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  const { sessions: total, sessionsPerPerson: perPerson, sessionsPerSource: perSource } = config.limits
  const registry = new Registry({ total, perPerson, perSource })
  const broken = breaking(deps, registry)
  closers.push(lockFolder(config.data))
  const tallies = createTallies()
  const tally = tallies.recorderFailures
  const evidence = await openEvidence({ data: config.data, clock, log, version, onBroken: broken, tally })
  closers.push(() => {
    evidence.recorder.stop()
    return evidence.ledger.stop('stopped')
  })
  const file = path.join(config.data, 'countersign.db')
  const store = await openStore({ path: file, onFailure: (error) => broken(error.message) })
  closers.push(() => store.close())
  const access = openAccess({ store, data: config.data, clock, site: siteOf(config) })
  const ssh = openSshAccess({ config, store, clock })
  const onError = (thrown: unknown): void => broken(asError(thrown).message)
  const notes = createPolicyNotes({ ledger: evidence.ledger, settings: store.settings, clock, onError })
  const policy = await openPolicy({ config, clock, log, explain: await createExplain(), notes })
  closers.push(() => {
    policy.close()
    return undefined
  })
  return { registry, tallies, broken, evidence, store, access, policy, ssh }
}

interface Approving {
  readonly approvals: Approvals<ShownStatement>
  readonly journal: ReturnType<typeof createJournal>
  readonly messages: Messages
  /** Something has committed: its notes go into the ledger, and people are told. */
  readonly news: () => void
  readonly requests: Requests
  readonly reviews: Reviews
}

function openApproving(
  { config, clock, log }: AppDeps,
  { store, evidence, broken, access, policy }: Core,
  closers: Closer[],
): Approving {
  const journal = createJournal({
    store: store.journal,
    ledger: evidence.ledger,
    onError: (error) => broken(error.message),
  })
  const messages = openMessages({ config, store, clock, log })
  const news = (): void => {
    void journal.move()
    void messages.relay()
  }
  const approvals: Approvals<ShownStatement> = createApprovals<ShownStatement>({
    ...{ store: store.approvals, clock, scrub, journal: news },
    notify({ kind, approval: { id } }) {
      if (kind === 'opened') messages.remember(id, approvals.shown(id)?.statements.flatMap((one) => one.facts) ?? [])
    },
    newId: () => newId('a_', 12) as ApprovalId,
    quotas: { ...DEFAULT_QUOTAS, openPerPerson: config.limits.holdsPerPerson },
    breakGlass: breakingGlass(config, (review) => reviews.opened(review)),
  })
  const note = createQuietNotes({
    ledger: evidence.ledger,
    clock,
    onError: (thrown) => broken(asError(thrown).message),
  })
  const requests = openRequests({ ...{ config, store, access, policy, clock, note }, journal: news })
  const reviews = openReviews({ ...{ store, clock }, journal: news })
  messages.outbox.start()
  news()
  closers.push(
    () => journal.move(),
    () => messages.outbox.stop(),
    () => messages.relay(),
  )
  return { approvals, journal, messages, news, requests, reviews }
}

interface Doors {
  readonly deps: AppDeps
  readonly core: Core
  readonly approving: Approving
  readonly door: PostgresDoor
  /** Serves one connection of the SSH listener, where there is one. */
  readonly sshDoor: ((socket: Socket) => Promise<void>) | undefined
  readonly enforcing: Enforcing
  readonly scripting: Scripting
  readonly oidc: Oidc | undefined
  readonly pool: ParserPool
}

interface OpenDoors {
  readonly ports: App['ports']
  /** Reads the API's certificate again. */
  readonly renew: () => void
}

async function openDoors(doors: Doors, closers: Closer[]): Promise<OpenDoors> {
  const { deps, core, approving, door, sshDoor, enforcing, scripting, oidc, pool } = doors
  const { config, clock, log, version } = deps
  const { registry } = core
  const maxConnections = config.limits.sessions + SPARE_CONNECTIONS
  const { listen: at } = config
  const open = async (name: Protocol, serve: ((socket: Socket) => Promise<void>) | undefined) => {
    const place = at[name]
    if (place === undefined || serve === undefined) return undefined
    const listener = await openDoor(name, place, () => listen({ ...place, maxConnections, serve }))
    closers.push(() => endSessions(registry, listener))
    return listener
  }
  const postgres = await open('postgres', (socket) => door.serve(socket))
  const ssh = await open('ssh', sshDoor)
  const node = { config, clock, log, version }
  const questions = openDesk({ ...core, ...node, data: config.data, settled: () => approving.journal.move() })
  closers.push(() => questions.close())
  const wiring = {
    ...core,
    ...approving,
    ...node,
    targets: door.targets,
    stops: enforcing.stops,
    scripting,
    desk: questions.desk,
    oidc,
    pool,
  }
  const http = await openDoor('http', at.http, () =>
    openHttp({ ...wiring, postgresPort: () => postgres?.port, sshPort: () => ssh?.port }),
  )
  closers.push(() => http.close())
  return { ports: { postgres: postgres?.port, ssh: ssh?.port, http: http.port }, renew: () => http.renew() }
}

/** Whatever changed elsewhere (another process, the clock) reaches sessions, holds and the ledger. */
function watch(of: Omit<Doors, 'door' | 'sshDoor' | 'pool'>, closers: Closer[]): void {
  const { clock, log } = of.deps
  const { store, broken } = of.core
  const { news, approvals, requests } = of.approving
  const unwatch = store.changes(() => {
    news()
    void of.enforcing.now()
  })
  let stopBeat = (): void => undefined
  const beat = (): void => {
    news()
    approvals.escalate().catch((thrown: unknown) => broken(asError(thrown).message))
    of.scripting.scripts.tick().catch((thrown: unknown) => broken(asError(thrown).message))
    stopBeat = clock.after(BEAT_MS, beat)
  }
  beat()
  const unwatchRequests = watchRequests({ requests, clock, broken })
  const { access } = of.core
  const endUpkeep = startUpkeep({
    ...{ access, oidc: of.oidc, clock, log, onError: (error) => broken(error.message) },
    onClosed: () => void of.enforcing.now(),
  })
  of.enforcing.start()
  closers.push(() => {
    unwatch()
    endUpkeep()
    of.enforcing.stop()
    unwatchRequests()
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

const noting = ({ clock }: AppDeps, { evidence, broken, tallies }: Core, listener: Protocol) =>
  createFailedLogins({
    ...{ ledger: evidence.ledger, clock, listener, broken },
    count: (door) => tallies.failedLogins.count(door),
  })

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
