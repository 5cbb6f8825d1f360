import { randomBytes } from 'node:crypto'
import type { Config, PostgresTargetConfig } from '../config/load.ts'
import { createCellMasks } from '../mask/cell.ts'
import { templateError } from '../mask/error-template.ts'
import { createPlanner, type Planner } from '../mask/plan.ts'
import type { Catalog } from '../model/catalog.ts'
import type { SessionId, TargetName } from '../model/ids.ts'
import type { ErrorFields } from '../protocol/postgres/messages.ts'
import { principalOf } from '../access/person.ts'
import type { Stop } from '../access/stops.ts'
import { CancelKeys } from '../proxy/postgres/cancel-keys.ts'
import { serveConnection, type FailedEntry } from '../proxy/postgres/connection.ts'
import { enter, type EnterDeps } from '../proxy/postgres/enter.ts'
import type { ListenerTls } from '../proxy/listener-tls.ts'
import { createPostgresTarget, type PostgresTarget } from '../proxy/postgres/target.ts'
import type { Registry } from '../session/registry.ts'
import type { Tallies } from '../session/tallies.ts'
import type { Clock } from '../std/clock.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'
import type { Access } from './access.ts'
import type { Evidence } from './evidence.ts'
import { scrubbed, tagging } from './guarding.ts'
import type { Log } from './log.ts'
import type { LivePolicy } from './policy.ts'
import type { Socket } from 'node:net'

export interface PostgresWiring {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly access: Access
  readonly store: Store
  readonly evidence: Evidence
  readonly policy: LivePolicy
  readonly registry: Registry
  readonly tallies: Tallies
  readonly tls: () => ListenerTls | undefined
  readonly guardFor: EnterDeps['guardFor']
  readonly beginScript: EnterDeps['beginScript']
  readonly finishApproval: EnterDeps['finishApproval']
  readonly onFailedLogin: (entry: FailedEntry) => void
}

/** Time for TCP, TLS and login at a target together. */
const DIAL_MS = 10_000

export interface PostgresDoor {
  readonly targets: ReadonlyMap<string, PostgresTarget>
  serve(socket: Socket): Promise<void>
}

/** Everything behind the Postgres listener. */
export function openPostgres(wiring: PostgresWiring): PostgresDoor {
  const { config, access } = wiring
  const targets = targetsOf(wiring)
  const cancelKeys = new CancelKeys()
  const entering = enterDeps(wiring, { targets, cancelKeys })
  const { credentials, grants, lockout } = access
  const names = postgresTargets(config).map(([name]) => name)
  return {
    targets,
    serve: (socket) =>
      serveConnection(socket, {
        ...{ credentials, grants, lockout, cancelKeys },
        targets: names,
        newNonce: () => randomBytes(18).toString('base64'),
        tls: wiring.tls,
        handshakeMs: config.limits.handshakeTimeout,
        maxStatementBytes: config.limits.maxStatementBytes,
        maxInboxBytes: config.limits.maxInboxBytes,
        onFailed: wiring.onFailedLogin,
        enter: (entered) => enter(entered, entering),
      }),
  }
}

const postgresTargets = ({ targets }: Config): readonly (readonly [TargetName, PostgresTargetConfig])[] =>
  [...targets].flatMap(([name, target]) => (target.protocol === 'postgres' ? [[name, target] as const] : []))

function targetsOf({ config, clock, log, policy }: PostgresWiring): ReadonlyMap<string, PostgresTarget> {
  const classify = (catalog: Catalog): Catalog => policy.classify(catalog)
  return new Map(
    postgresTargets(config).map(([name, target]) => {
      const onError = (error: Error): void =>
        log.warn({ target: name, err: error }, 'the catalog of a target could not be read')
      return [name, createPostgresTarget({ config: target, clock, dialMs: DIAL_MS, classify, onError })]
    }),
  )
}

function enterDeps(wiring: PostgresWiring, made: Pick<EnterDeps, 'targets' | 'cancelKeys'>): EnterDeps {
  const { access, clock, config, evidence, log, policy, registry, store } = wiring
  const tag = tagging(access.key('value-tag'))
  const onFault = (): void => log.error({}, 'a mask failed: its cell became NULL')
  return {
    ...made,
    tallies: wiring.tallies,
    registry,
    sessions: store.sessions,
    recorder: evidence.recorder,
    guardFor: wiring.guardFor,
    beginScript: wiring.beginScript,
    finishApproval: wiring.finishApproval,
    cells: createCellMasks({ tag, onFault }),
    columnsOf: planning(policy),
    scrub: scrubbed,
    safeFields,
    monoMicros: () => clock.monoMicros(),
    after: (ms, callback) => clock.after(ms, callback),
    idleMs: config.limits.idleTimeout,
    serviceIdleMs: config.limits.serviceIdleTimeout,
    stopped: async (target) => stoppedText(await access.stops.of(target)),
    maxKeptRows: config.limits.recordedRows,
    newSessionId: () => newId('s_', 20) as SessionId,
    now: () => clock.now(),
    policyVersion: () => policy.current().version,
    whoIs: async (name) => {
      const person = await access.people.find(name)
      if (person === undefined || person.disabledAt !== undefined) return undefined
      return { principal: principalOf(person), owner: person.owner }
    },
    onError: (error, fields) => log.error({ ...fields, err: error }, 'a session met an error'),
  }
}

export const stoppedText = (stop: Stop | undefined): string | undefined =>
  stop === undefined
    ? undefined
    : `${stop.by} stopped ${stop.name === undefined ? 'all access' : `access to ${stop.name}`}: ${stop.reason}`

/** A planner indexes a whole catalog: one for each tagged snapshot, forgotten with it. */
function planning(policy: LivePolicy): EnterDeps['columnsOf'] {
  const planners = new WeakMap<Catalog, Planner>()
  return (fields, output, catalog) => {
    if (catalog === undefined)
      return fields.map(({ name, typeOid, format }) => ({ name, typeOid, format, treatment: { kind: 'hidden' } }))
    let planner = planners.get(catalog)
    if (planner === undefined) {
      planner = createPlanner({ catalog, shapeOf: (name) => policy.current().maskOf(name) })
      planners.set(catalog, planner)
    }
    return planner(fields, output)
  }
}

function safeFields(fields: ErrorFields, tainted: boolean): ErrorFields {
  const safe = templateError(
    [...fields].map(([code, value]) => ({ code, value })),
    tainted,
  )
  return new Map(safe.map(({ code, value }) => [code, value]))
}
