import { LONGEST_PAUSE, type Delivery, type OutboxStore } from '../model/outbox.ts'
import type { Clock } from '../std/clock.ts'
import type { Channel, Sent } from './channel.ts'
import { createFloodgate } from './floodgate.ts'
import type { Notice } from './notice.ts'
import { createPump } from './pump.ts'
import type { Pump } from './pump.ts'

export interface OutboxDeps {
  readonly store: OutboxStore
  readonly channels: readonly Channel[]
  readonly clock: Clock
  readonly newId: () => string
  /** In [0, 1): spreads retries. */
  readonly random: () => number
  readonly onFault: (error: unknown) => void
  /** How many times an hour one person's asking reaches one channel. */
  readonly hourly: number
  /** What the channel gets once in place of what is above that. */
  readonly flood: (person: string) => Notice
}

/** A notice for the named channels: all where none is named; unknown names are skipped. */
export interface Posting {
  readonly notice: Notice
  readonly channels: readonly string[]
}

export interface Outbox {
  /**
   * Stores what one tiding comes to, in the step that is done with the tiding, and starts sending. Resolves with the ids of what will be sent when it is durable;
   * with none where another has posted it.
   */
  post(tiding: number, postings: readonly Posting[]): Promise<readonly string[]>
  /** Takes up what an earlier process left. */
  start(): void
  /** Ends after the attempts that are under way. */
  stop(): Promise<void>
  recent(limit: number): Promise<readonly Delivery[]>
  /** Everything that went out, waits or was left out about one subject, oldest first. */
  about(subject: string): Promise<readonly Delivery[]>
}

/** For so long a delivery is tried: a night, and whoever comes in the morning to mend the receiver. */
const PATIENCE_MS = 24 * 3_600_000
/** What asks somebody to act: by then it has expired, and pages about it would only wake people. */
const ASKING_PATIENCE_MS = 4 * 3_600_000
const FIRST_PAUSE = 2_000
/** Deliveries under way at once through one channel. */
const BATCH = 8

/** Messages that are stored before they are sent, and sent again until they arrive. A receiver may get one twice; its id stays the same. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { store, channels, onFault } = deps
  const gate = createFloodgate(deps)
  const pumps = new Map(channels.map((channel) => [channel.name, pumpOf(channel, deps)]))
  const wake = (names: readonly string[]): void => names.forEach((name) => pumps.get(name)?.wake())
  // One after the other, so that two messages at once do not both count themselves as the last one.
  let last: Promise<unknown> = Promise.resolve()
  const admitted = ({ notice, channels: names }: Posting): Promise<readonly Delivery[]> =>
    gate.admit(
      notice,
      channels.filter(({ name }) => names.length === 0 || names.includes(name)),
    )
  const post: Outbox['post'] = async (tiding, postings) => {
    const deliveries = (await Promise.all(postings.map(admitted))).flat()
    if (!(await store.add({ tiding, deliveries }))) return []
    const sent = deliveries.filter(({ state }) => state === 'waiting')
    wake(sent.map(({ channel }) => channel))
    return sent.map(({ id }) => id)
  }
  return {
    post(tiding, postings) {
      const posted = last.then(() => post(tiding, postings))
      last = posted.catch(() => undefined)
      return posted
    },
    start() {
      const known = channels.map(({ name }) => name)
      store.abandon({ channels: known, reason: 'the channel is no longer configured' }).catch(onFault)
      wake(known)
    },
    async stop() {
      await Promise.all([...pumps.values()].map((pump) => pump.stop()))
    },
    recent: (limit) => store.recent({ limit }),
    about: (subject) => store.about({ subject }),
  }
}

/** Each channel has its own: one that hangs keeps no other waiting. */
function pumpOf(channel: Channel, deps: OutboxDeps): Pump {
  const round = async (): Promise<'now' | number | undefined> => {
    const { store, clock } = deps
    const due = await store.due({ channel: channel.name, now: clock.now(), limit: BATCH })
    await Promise.all(due.map((delivery) => attempt(delivery, channel, deps)))
    if (due.length === BATCH) return 'now'
    const next = await store.nextDue({ channel: channel.name })
    return next === undefined ? undefined : waitUntil(next, clock.now())
  }
  // A store that fails now may work later; what waits in it is not lost.
  const afterFault = (error: unknown): number => {
    deps.onFault(error)
    return LONGEST_PAUSE / 30
  }
  return createPump({ round: () => round().catch(afterFault), after: (ms, call) => deps.clock.after(ms, call) })
}

/** No pause is longer than the longest one: what seems to be due later was so by a clock that has been set back since. */
const waitUntil = (next: number, now: number): number => (next - now > LONGEST_PAUSE ? 0 : Math.max(0, next - now))

async function attempt(delivery: Delivery, channel: Channel, deps: OutboxDeps): Promise<void> {
  const sent = await channel.send(delivery)
  const tried = { ...delivery, attempts: delivery.attempts + 1 }
  await deps.store.update({ id: tried.id, attempts: tried.attempts, ...after(sent, tried, deps) })
}

function after(
  sent: Sent,
  { attempts, createdAt, person }: Delivery,
  { clock, random }: OutboxDeps,
): Pick<Delivery, 'state' | 'nextAt' | 'reason' | 'deliveredAt'> {
  const now = clock.now()
  const nextAt = now + pauseOf(attempts, random())
  switch (sent.outcome) {
    case 'delivered':
      return { state: 'delivered', nextAt, reason: undefined, deliveredAt: now }
    case 'refused':
      return { state: 'failed', nextAt, reason: sent.reason, deliveredAt: undefined }
    case 'later': {
      const state =
        nextAt - createdAt > (person === undefined ? PATIENCE_MS : ASKING_PATIENCE_MS) ? 'failed' : 'waiting'
      return { state, nextAt, reason: sent.reason, deliveredAt: undefined }
    }
  }
}

/** Doubles each time, between half of it and the whole, so that many deliveries do not come back as one wave. */
function pauseOf(attempts: number, random: number): number {
  return Math.round(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1)) * (0.5 + random / 2))
}
