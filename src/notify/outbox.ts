import type { Delivery, OutboxStore } from '../model/outbox.ts'
import type { Clock } from '../std/clock.ts'
import type { Channel, Sent } from './channel.ts'

export interface OutboxDeps {
  readonly store: OutboxStore
  readonly channels: readonly Channel[]
  readonly clock: Clock
  readonly newId: () => string
  /** In [0, 1): spreads retries. */
  readonly random: () => number
  readonly onFault: (error: unknown) => void
}

export interface Outbox {
  /** Stores the message for the named channels (all where none is named; unknown names are skipped) and starts sending. Resolves when it is durable. */
  post(message: object, channels: readonly string[]): Promise<readonly string[]>
  /** Takes up what an earlier process left. */
  start(): void
  /** Ends after the attempts that are under way. */
  stop(): Promise<void>
  recent(limit: number): Promise<readonly Delivery[]>
}

/** Attempts before a delivery is given up: with the pauses below, somewhat over an hour. */
const MAX_ATTEMPTS = 10
const FIRST_PAUSE = 2_000
const LONGEST_PAUSE = 15 * 60_000
/** Deliveries under way at once. */
const BATCH = 8

/** Messages that are stored before they are sent, and sent again until they arrive. A receiver may get one twice; its id stays the same. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { store, clock } = deps
  const pump = createPump(deps)
  return {
    async post(message, names) {
      const chosen = deps.channels.filter(({ name }) => names.length === 0 || names.includes(name))
      const now = clock.now()
      const deliveries = chosen.map(({ name }) => ({
        ...{ id: deps.newId(), channel: name, body: JSON.stringify(message), state: 'waiting' as const },
        ...{ attempts: 0, createdAt: now, nextAt: now, reason: undefined },
      }))
      if (deliveries.length > 0) await store.add({ deliveries })
      pump.wake()
      return deliveries.map(({ id }) => id)
    },
    start: () => pump.wake(),
    stop: () => pump.stop(),
    recent: (limit) => store.recent({ limit }),
  }
}

interface Pump {
  wake(): void
  stop(): Promise<void>
}

/** Runs one round at a time; between rounds a timer waits for the next due delivery. */
function createPump(deps: OutboxDeps): Pump {
  const state = {
    running: undefined as Promise<void> | undefined,
    again: false,
    stopped: false,
    disarm: (): void => undefined,
  }
  const wake = (): void => {
    if (state.stopped) return
    state.disarm()
    state.again = true
    state.running ??= rounds()
  }
  const isAsked = (): boolean => state.again && !state.stopped
  const rounds = async (): Promise<void> => {
    while (isAsked()) {
      state.again = false
      const more = await round(deps).catch((error: unknown) => retryAfterFault(error, deps))
      if (more === 'now') state.again = true
      else if (more !== undefined && !state.stopped) state.disarm = deps.clock.after(more, wake)
    }
    // In the same step as the last look at `again`, so that no wake falls between.
    state.running = undefined
  }
  return {
    wake,
    async stop() {
      state.stopped = true
      state.disarm()
      await state.running
    },
  }
}

/** A store that fails now may work later; what waits in it is not lost. */
function retryAfterFault(error: unknown, { onFault }: OutboxDeps): number {
  onFault(error)
  return LONGEST_PAUSE / 30
}

/** One batch. Answers when to come back: now, after milliseconds, or not before the next message. */
async function round(deps: OutboxDeps): Promise<'now' | number | undefined> {
  const due = await deps.store.due({ now: deps.clock.now(), limit: BATCH })
  await Promise.all(due.map((delivery) => attempt(delivery, deps)))
  if (due.length === BATCH) return 'now'
  const next = await deps.store.nextDue()
  return next === undefined ? undefined : Math.max(0, next - deps.clock.now())
}

async function attempt(delivery: Delivery, deps: OutboxDeps): Promise<void> {
  const channel = deps.channels.find(({ name }) => name === delivery.channel)
  const sent: Sent =
    channel === undefined
      ? { outcome: 'refused', reason: 'the channel is no longer configured' }
      : await channel.send(delivery)
  const attempts = delivery.attempts + 1
  await deps.store.update({ id: delivery.id, attempts, ...after(sent, attempts, deps) })
}

function after(
  sent: Sent,
  attempts: number,
  { clock, random }: OutboxDeps,
): Pick<Delivery, 'state' | 'nextAt' | 'reason'> {
  const nextAt = clock.now() + pauseOf(attempts, random())
  switch (sent.outcome) {
    case 'delivered':
      return { state: 'delivered', nextAt, reason: undefined }
    case 'refused':
      return { state: 'failed', nextAt, reason: sent.reason }
    case 'later':
      return { state: attempts >= MAX_ATTEMPTS ? 'failed' : 'waiting', nextAt, reason: sent.reason }
  }
}

/** Doubles each time, between half of it and the whole, so that many deliveries do not come back as one wave. */
function pauseOf(attempts: number, random: number): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1)) * (0.5 + random / 2)
}
