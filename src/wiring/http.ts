import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createServer as createSecureServer, Server as SecureServer } from 'node:https'
import { readFileSync } from 'node:fs'
import { serve, type ServerType } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Approvals } from '../approvals/approvals.ts'
import type { Config } from '../config/load.ts'
import { createApi } from '../http/api.ts'
import type { HealthPort, RecordingsPort, Sample, SessionsPort } from '../http/ports.ts'
import { createSessionView } from '../http/session-view.ts'
import { scrub } from '../mask/scrub.ts'
import type { SessionEntry } from '../model/session-entry.ts'
import type { PostgresTarget } from '../proxy/postgres/target.ts'
import { readPage } from '../recording/reader.ts'
import { StoredSummary } from '../recording/stored.ts'
import type { ShownStatement } from '../session/hold-desk.ts'
import type { Registry } from '../session/registry.ts'
import type { Clock } from '../std/clock.ts'
import type { Store } from '../store/open-store.ts'
import type { Access } from './access.ts'
import type { Evidence } from './evidence.ts'
import type { Log } from './log.ts'
import { postgresHost } from './postgres-host.ts'

export interface HttpWiring {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly access: Access
  readonly store: Store
  readonly evidence: Evidence
  readonly registry: Registry
  readonly approvals: Approvals<ShownStatement>
  readonly targets: ReadonlyMap<string, PostgresTarget>
  /** As bound: what a DSN names. */
  readonly postgresPort: () => number
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
  const app = createApi({
    login: access.login,
    people: access.people,
    grants: access.grants,
    credentials: access.credentials,
    targets: { all: () => [...wiring.targets.values()].map((one) => one.target) },
    approvals,
    sessions: sessionsPort(wiring),
    recordings: recordingsPort(wiring),
    health: healthPort(wiring),
    metrics: { samples: () => samples(wiring) },
    clock,
    config: {
      publicUrl: config.publicUrl,
      postgres: { host: postgresHost(config), port: wiring.postgresPort() },
    },
    scrub,
    addressOf: (c) => getConnInfo(c).remote.address ?? 'unknown',
    onFault: (error) => log.error({ err: error }, 'a request met an error'),
  })
  return listening(app.fetch, wiring)
}

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

function sessionsPort({ store, registry, evidence, clock }: HttpWiring): SessionsPort {
  return createSessionView({
    index: store.sessions,
    registry,
    statementsOf: (entry) => statementsOf(evidence.folder, entry),
    onTerminate: async ({ id, by, reason }) => {
      const note = {
        kind: 'session.terminated',
        at: clock.now(),
        by,
        origin: 'api',
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

/** Looking at a recording is itself an event (PCI 10.2.1.3), written before anything is shown. */
function recordingsPort({ evidence, store, clock }: HttpWiring): RecordingsPort {
  return {
    async events({ session, by, from, limit }) {
      const note = {
        kind: 'recording.viewed',
        at: clock.now(),
        by,
        origin: 'api',
        outcome: 'done',
        resource: `session:${session}`,
      }
      await evidence.ledger.record({ ...note, detail: { from } })
      const entry = await store.sessions.find({ id: session })
      if (entry === undefined) return []
      return (await readPage(path.join(evidence.folder, entry.recording), { from, limit })).map((line) => ({ ...line }))
    },
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

function samples({ registry, evidence, store }: HttpWiring): readonly Sample[] {
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
  ]
}
