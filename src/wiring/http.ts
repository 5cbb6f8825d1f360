import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createServer as createSecureServer, Server as SecureServer } from 'node:https'
import { readFileSync } from 'node:fs'
import { serve, type ServerType } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Requests } from '../access/requests.ts'
import type { Oidc } from '../access/oidc.ts'
import type { Approvals } from '../approvals/approvals.ts'
import type { Config, TargetConfig } from '../config/load.ts'
import type { EvidenceDesk } from '../evidence/desk.ts'
import { createApi } from '../http/api.ts'
import type {
  AboutPort,
  HealthPort,
  ReviewsPort,
  Sample,
  ScriptsPort,
  SessionsPort,
  SshPort,
  StopsPort,
  TargetsPort,
} from '../http/ports.ts'
import { createSessionView } from '../http/session-view.ts'
import { scrub } from '../mask/scrub.ts'
import type { SessionEntry } from '../model/session-entry.ts'
import type { Target } from '../model/target.ts'
import type { ParserPool } from '../parsing/pool.ts'
import type { PostgresTarget } from '../proxy/postgres/target.ts'
import { StoredSummary } from '../recording/stored.ts'
import type { ShownStatement } from '../session/hold-desk.ts'
import type { Registry } from '../session/registry.ts'
import type { Tallies } from '../session/tallies.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import type { Store } from '../store/open-store.ts'
import type { Access } from './access.ts'
import { createBench } from './bench.ts'
import { counterSamples, countedLogin } from './counted.ts'
import type { Evidence } from './evidence.ts'
import type { Log } from './log.ts'
import type { Scripting } from './scripting.ts'
import { createTurnedNotes } from './turned-notes.ts'
import type { Messages } from './messages.ts'
import type { LivePolicy } from './policy.ts'
import { promptGrants, promptStops } from './prompt-ends.ts'
import { postgresHost } from './postgres-host.ts'
import { reachedHost } from './reached-host.ts'
import type { SshAccess } from './ssh-access.ts'
import { createWatching } from './watching.ts'

export interface HttpWiring {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly access: Access
  readonly oidc: Oidc | undefined
  readonly store: Store
  readonly evidence: Evidence
  /** The ledger is lost: nothing may run. */
  readonly broken: (reason: string) => void
  readonly registry: Registry
  readonly policy: LivePolicy
  readonly version: string
  readonly approvals: Approvals<ShownStatement>
  readonly messages: Messages
  /** Something has committed: its notes go into the ledger, and people are told. */
  readonly news: () => void
  readonly stops: StopsPort
  readonly tallies: Tallies
  readonly requests: Requests
  readonly scripting: Scripting
  readonly reviews: ReviewsPort
  readonly desk: EvidenceDesk
  readonly targets: ReadonlyMap<string, PostgresTarget>
  readonly pool: ParserPool
  /** As bound: what a DSN names. */
  readonly postgresPort: () => number | undefined
  readonly ssh: SshAccess
  /** As bound; undefined where there is no such listener. */
  readonly sshPort: () => number | undefined
}

export interface HttpDoor {
  readonly port: number
  /** Reads certificate and key again, for connections from now on. */
  renew(): void
  close(): Promise<void>
}

/** The API and the approval page behind their listener. Rejects when the port cannot be had. */
export async function openHttp(wiring: HttpWiring): Promise<HttpDoor> {
  const { access, approvals, clock, config, log } = wiring
  const startedAt = clock.now()
  const shown = [...config.targets.values()].map(plainTarget)
  const app = createApi({
    login: countedLogin(access.login, wiring.tallies.failedLogins),
    browserLogins: access.browserLogins,
    people: access.people,
    passkeys: access.passkeys,
    factors: access.factors,
    offers: access.offers,
    twoPerson: access.twoPerson,
    invites: access.invites,
    welcome: access.welcome,
    oidc: wiring.oidc,
    grants: promptGrants(access.grants, wiring.news),
    credentials: access.credentials,
    ssh: sshPort(wiring),
    deliveries: { of: (subject) => wiring.messages.deliveries(subject) },
    targets: targetsPort(shown, wiring),
    approvals,
    stops: promptStops(wiring.stops, wiring.news),
    requests: wiring.requests,
    scripts: scriptsPort(wiring),
    reviews: wiring.reviews,
    sessions: sessionsPort(wiring),
    evidence: wiring.desk,
    watching: createWatching({ evidence: wiring.evidence, sessions: wiring.store.sessions, clock }),
    policies: createBench(wiring),
    health: healthPort(wiring),
    metrics: { samples: () => samples(wiring) },
    about: { describe: () => about(wiring, startedAt) },
    clock,
    config: {
      publicUrl: config.publicUrl,
      postgres: postgresPlace(wiring),
    },
    scrub,
    addressOf: (c) => getConnInfo(c).remote.address ?? 'unknown',
    onTurned: createTurnedNotes({
      ledger: wiring.evidence.ledger,
      clock,
      onError: (thrown) => wiring.broken(asError(thrown).message),
    }),
    onFault: (error) => log.error({ err: error }, 'a request met an error'),
  })
  return listening(app.fetch, wiring)
}

function postgresPlace({ config, postgresPort }: HttpWiring): { host: string; port: number } | undefined {
  const [host, port] = [postgresHost(config), postgresPort()]
  return host === undefined || port === undefined ? undefined : { host, port }
}

/** Without what only the dialling edge may know. */
const plainTarget = ({ name, protocol, database, account, tags, shell }: TargetConfig): Target => ({
  ...{ name, protocol, database, account, tags },
  shell,
})

function listening(fetch: Parameters<typeof serve>[0]['fetch'], { config, clock }: HttpWiring): Promise<HttpDoor> {
  const { host, port } = config.listen.http
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: host, port, ...secured(config) }, (info) => {
      server.off('error', reject)
      const renew = (): void => {
        if (config.tls !== undefined && server instanceof SecureServer) server.setSecureContext(certified(config.tls))
      }
      resolve({ port: info.port, renew, close: () => closing(server, clock) })
    })
    server.once('error', reject)
  })
}

/** Long enough for an answer that is being made; people who watch would hold the door open for ever. */
const GRACE_MS = 1000

function closing(server: ServerType, clock: Clock): Promise<void> {
  return new Promise((done) => {
    const stop = clock.after(GRACE_MS, () => {
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
    server.close(() => {
      stop()
      done()
    })
  })
}

/** A request that trickles in is ended; an answer (a watching stream) may take as long as it likes. */
const DEADLINES = { requestTimeout: 20_000, headersTimeout: 10_000 }

/** HTTPS wherever links say so; `floors` of the configuration allow plain http on loopback alone. */
function secured({ tls, publicUrl }: Config): object {
  if (tls === undefined || !publicUrl.startsWith('https:')) return { serverOptions: DEADLINES }
  const serverOptions = { ...DEADLINES, ...certified(tls) }
  return { createServer: createSecureServer, serverOptions }
}

const certified = ({ cert, key }: NonNullable<Config['tls']>) => ({
  cert: readFileSync(cert),
  key: readFileSync(key),
  minVersion: 'TLSv1.2' as const,
})

function sshPort({ ssh, sshPort: boundPort, config }: HttpWiring): SshPort {
  const { keys, certificates, door } = ssh
  return {
    keys,
    certificates,
    door: () => {
      const [at, port] = [config.listen.ssh, boundPort()]
      if (door === undefined || at === undefined || port === undefined) return undefined
      return { host: reachedHost(at.host, config.publicUrl), port, keys: [door.hostKey.line] }
    },
  }
}

const targetsPort = (shown: readonly Target[], { requests }: HttpWiring): TargetsPort => ({
  all: () => shown,
  askable(principal) {
    const names = new Set(requests.askable(principal).map(({ name }) => name))
    return shown.filter(({ name }) => names.has(name))
  },
})

function scriptsPort({ scripting, targets, config }: HttpWiring): ScriptsPort {
  const { scripts, desk } = scripting
  return {
    list: (filter) => scripts.list(filter),
    find: (id) => scripts.find(id),
    decide: (answer) => scripts.decide(answer),
    withdraw: (id, by) => scripts.withdraw(id, by),
    revoke: (id, why) => scripts.revoke(id, why),
    subscribe: (listener) => scripts.subscribe(listener),
    content: (script) => desk.content(script),
    changedSince: (script) => desk.changedSince(script),
    maxBytes: config.limits.maxStatementBytes,
    submit({ target, ...submission }) {
      const found = targets.get(target)
      if (found === undefined) return Promise.resolve({ outcome: 'no-target' })
      return desk.submit({ ...submission, database: found.database(found.target.database) })
    },
  }
}

function sessionsPort({ store, registry, evidence, clock }: HttpWiring): SessionsPort {
  return createSessionView({
    index: store.sessions,
    registry,
    statementsOf: (entry) => statementsOf(evidence.folder, entry),
    onTerminate: async ({ id, by, origin, reason }) => {
      const note = {
        kind: 'session.terminated',
        at: clock.now(),
        by,
        origin,
        outcome: 'done',
        resource: `session:${id}`,
      }
      await evidence.ledger.record({ ...note, detail: { reason: scrub(reason) } })
    },
  })
}

async function statementsOf(folder: string, entry: SessionEntry): Promise<number> {
  try {
    const text = await readFile(path.join(folder, entry.recording, 'summary.json'), 'utf8')
    return StoredSummary.parse(JSON.parse(text)).summary.counts['statement'] ?? 0
  } catch {
    // Still being ended, or a recording that verify will name.
    return 0
  }
}

function healthPort({ evidence, store }: HttpWiring): HealthPort {
  return {
    checks: () => {
      const recorder = evidence.recorder.health()
      return Promise.resolve([
        {
          name: 'recorder',
          ok: recorder.healthy,
          ...(recorder.healthy ? {} : { detail: 'recordings cannot be written' }),
        },
        { name: 'store', ok: store.healthy() },
      ])
    },
  }
}

function about({ config, policy, version }: HttpWiring, startedAt: number): ReturnType<AboutPort['describe']> {
  const { version: policyVersion, packs } = policy.current()
  const short = packs.map(({ name, file, rules, access, masks }) => ({
    ...{ name, file, rules: rules.length + access.length, masks: masks.length },
  }))
  const channels = config.notify.map(({ name, kind }) => ({ name, kind }))
  return { version, startedAt, policyVersion, packs: short, channels }
}

function samples({ registry, evidence, store, tallies }: HttpWiring): readonly Sample[] {
  const gauge = (name: string, help: string, value: number): Sample => ({ name, help, type: 'gauge', value })
  return [
    gauge('countersign_sessions_live', 'Sessions that are open', registry.size),
    gauge(
      'countersign_recorder_healthy',
      '1 while recordings can be written',
      evidence.recorder.health().healthy ? 1 : 0,
    ),
    gauge('countersign_store_healthy', '1 while the store answers', store.healthy() ? 1 : 0),
    gauge('countersign_resident_bytes', 'Resident memory of the process', process.memoryUsage.rss()),
    ...counterSamples(tallies),
  ]
}
