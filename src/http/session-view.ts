import type { PersonName, SessionId } from '../model/ids.ts'
import type { SessionEntry, SessionIndex } from '../model/session-entry.ts'
import type { Registry } from '../session/registry.ts'
import type { SessionFilter, SessionRecord, SessionsPort } from './ports.ts'

export interface SessionViewDeps {
  /** Statements of a session that has ended, from its recording. */
  readonly statementsOf: (entry: SessionEntry) => Promise<number>
  readonly index: Pick<SessionIndex, 'list' | 'find'>
  readonly registry: Registry
  /** Durable in the ledger before the session ends. */
  readonly onTerminate: (order: {
    readonly id: SessionId
    readonly by: PersonName
    readonly origin: string
    readonly reason: string
  }) => Promise<void>
}

/** Sessions as the API shows them, from the durable index and the live registry. */
export function createSessionView({ index, registry, statementsOf, onTerminate }: SessionViewDeps): SessionsPort {
  const record = async (entry: SessionEntry): Promise<SessionRecord> => ({
    id: entry.id,
    person: entry.person,
    target: entry.target,
    protocol: entry.protocol,
    address: entry.origin,
    state: entry.endedAt === undefined ? 'open' : 'closed',
    startedAt: entry.startedAt,
    endedAt: entry.endedAt,
    statements: registry.get(entry.id)?.port.statements() ?? (await statementsOf(entry)),
  })
  const tell = async (id: SessionId, listener: (session: SessionRecord) => void): Promise<void> => {
    const entry = await index.find({ id })
    if (entry !== undefined) listener(await record(entry))
  }
  return {
    async list(filter) {
      const found = await index.list({ filter: indexFilter(filter) })
      return Promise.all(found.map(record))
    },
    async find(id) {
      const entry = await index.find({ id })
      return entry === undefined ? undefined : record(entry)
    },
    async terminate(order) {
      const live = registry.get(order.id)
      if (live === undefined) return 'closed'
      await onTerminate(order)
      live.port.close('terminated', `${order.by} ended the session: ${order.reason}`)
      return 'terminated'
    },
    // A watcher that misses one message sees the session in the next list.
    subscribe: (listener) => registry.subscribe((id) => void tell(id, listener).catch(() => undefined)),
  }
}

function indexFilter({
  person,
  target,
  state,
  from,
  to,
  after,
  limit,
}: SessionFilter): Parameters<SessionIndex['list']>[0]['filter'] {
  return {
    ...(person !== undefined && { person }),
    ...(target !== undefined && { target }),
    ...(state !== undefined && { live: state === 'open' }),
    ...(from !== undefined && { since: from }),
    ...(to !== undefined && { before: to }),
    ...(after !== undefined && { after }),
    limit,
  }
}
