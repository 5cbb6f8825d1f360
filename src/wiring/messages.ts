import type { Config } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import type { Facts } from '../model/facts.ts'
import type { ApprovalId } from '../model/ids.ts'
import type { DeliveryShown } from '../model/outbox.ts'
import type { Tiding } from '../model/tiding.ts'
import { floodNotice } from '../notify/flood-message.ts'
import { createOutbox, type Outbox, type Posting } from '../notify/outbox.ts'
import type { Clock } from '../std/clock.ts'
import { asError, CodedError } from '../std/errors.ts'
import { newId } from '../std/ids.ts'
import { Lru } from '../std/lru.ts'
import type { Store } from '../store/open-store.ts'
import { openChannels } from './channels.ts'
import type { Log } from './log.ts'
import { postingsOf } from './tidings.ts'

export interface Messages {
  readonly outbox: Outbox
  /** Keeps in memory what a hold's messages say of the statement: facts are not stored. */
  remember(id: ApprovalId, facts: readonly Facts[]): void
  /** Tells the channels of every change that has committed and was not told of yet, other processes' and an earlier one's too. Never rejects. */
  relay(): Promise<void>
  /** What went out about one subject (`approval:a_…`), waits, failed or was left out; oldest first. */
  deliveries(subject: string): Promise<readonly DeliveryShown[]>
}

export interface MessagesDeps {
  readonly config: Config
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** Holds whose facts are kept: many times what may wait at once. */
const REMEMBERED = 4000
const BATCH = 64

export function openMessages(deps: MessagesDeps): Messages {
  const { config, store, log } = deps
  const outbox = openOutbox(deps)
  const facts = new Lru<ApprovalId, readonly Facts[]>(REMEMBERED)
  const telling = { store, scrub, publicUrl: config.publicUrl, factsOf: (id: ApprovalId) => facts.get(id) ?? [] }
  const made = async ({ note }: Tiding): Promise<readonly Posting[]> => {
    try {
      return config.notify.length === 0 ? [] : await postingsOf(note, telling)
    } catch (thrown) {
      // The store may come back; what we cannot word now we never will, and it must not keep others waiting.
      if (thrown instanceof CodedError) throw thrown
      log.error({ err: asError(thrown) }, 'a message could not be made')
      return []
    }
  }
  return {
    outbox,
    remember: (id, known) => facts.set(id, known),
    relay: createRelay(async () => {
      const tidings = await store.outbox.tidings({ limit: BATCH })
      for (const tiding of tidings) await outbox.post(tiding.sequence, await made(tiding))
      return tidings.length > 0
    }, log),
    deliveries: async (subject) => (await outbox.about(subject)).map((one) => shown(one, config)),
  }
}

/** One round at a time, until there is no more; a round that is asked for during another comes after it. */
function createRelay(round: () => Promise<boolean>, log: Log): () => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  let queued = false
  const drain = async (): Promise<void> => {
    queued = false
    let more = true
    while (more) more = await round()
  }
  return () => {
    if (queued) return last
    queued = true
    last = last
      .then(drain)
      .catch((thrown: unknown) => log.error({ err: asError(thrown) }, 'messages wait: the store did not answer'))
    return last
  }
}

function openOutbox({ config, store, clock, log }: MessagesDeps): Outbox {
  const hourly = config.limits.messagesPerHour
  return createOutbox({
    store: store.outbox,
    channels: openChannels(config, clock),
    clock,
    newId: () => newId('m_', 12),
    random: Math.random,
    onFault: (error) => log.error({ err: asError(error) }, 'a message could not be sent'),
    hourly,
    flood: (person) => floodNotice({ person, limit: hourly, at: clock.now(), publicUrl: config.publicUrl }),
  })
}

function shown(delivery: Awaited<ReturnType<Outbox['about']>>[number], { notify }: Config): DeliveryShown {
  const { channel, message, state, attempts, reason, createdAt, nextAt, deliveredAt } = delivery
  const kind = notify.find(({ name }) => name === channel)?.kind ?? 'gone'
  const at = deliveredAt ?? (state === 'waiting' ? nextAt : createdAt)
  return { channel, kind, message, state, attempts, at, reason }
}
