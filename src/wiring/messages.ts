import type { RequestEvent } from '../access/requests.ts'
import type { Approval } from '../approvals/approval.ts'
import type { ApprovalEvent } from '../approvals/approvals.ts'
import type { Config } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import type { Facts } from '../model/facts.ts'
import type { Occasion } from '../model/occasion.ts'
import type { DeliveryShown } from '../model/outbox.ts'
import { floodNotice } from '../notify/flood-message.ts'
import { approvalNotice, type ApprovalMessage } from '../notify/message.ts'
import type { Notice } from '../notify/notice.ts'
import { occasionNotice } from '../notify/occasion-message.ts'
import { createOutbox, type Outbox } from '../notify/outbox.ts'
import { requestNotice } from '../notify/request-message.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'
import { openChannels } from './channels.ts'
import type { Log } from './log.ts'

export interface Messages {
  readonly outbox: Outbox
  /** Tells the channels of a hold's rules what happened to it. */
  tell(event: ApprovalEvent): void
  /** Tells the channels of an access request's stage. */
  tellRequest(event: RequestEvent): void
  /** Break-glass, scripts, revoked grants, stop orders. */
  tellOf(occasion: Occasion): void
  /** What went out about one subject (`approval:a_…`), waits, failed or was left out; oldest first. */
  deliveries(subject: string): Promise<readonly DeliveryShown[]>
}

export interface MessagesDeps {
  readonly config: Config
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Facts of a hold that still waits on this node. */
  readonly factsOf: (approval: Approval) => readonly Facts[]
}

const KINDS: Partial<Record<ApprovalEvent['kind'], ApprovalMessage['kind']>> = {
  opened: 'approval.opened',
  escalated: 'approval.escalated',
  decided: 'approval.decided',
  settled: 'approval.closed',
}

export function openMessages(deps: MessagesDeps): Messages {
  const { config, clock, log, factsOf } = deps
  const outbox = openOutbox(deps)
  const fault = (error: unknown): void => log.error({ err: asError(error) }, 'a message could not be kept')
  const common = { publicUrl: config.publicUrl, scrub }
  const post = (notice: Notice, channels: readonly string[]): void => void outbox.post(notice, channels).catch(fault)
  return {
    outbox,
    tell({ kind, approval, escalation }) {
      const message = KINDS[kind]
      if (message === undefined || config.notify.length === 0) return
      const told = { ...approval, ...common, kind: message, at: clock.now(), facts: factsOf(approval) }
      if (escalation === undefined) post(approvalNotice(told), channelsOf(approval))
      else post(approvalNotice({ ...told, asked: escalation.from }), escalation.notify)
    },
    tellRequest(event) {
      // What a rule granted or refused by itself was nobody's to answer.
      if (event.request.stages.length === 0) return
      post(requestNotice({ event, at: clock.now(), ...common }), event.notify)
    },
    tellOf: (occasion) => post(occasionNotice({ occasion, at: clock.now(), ...common }), occasion.channels),
    deliveries: async (subject) => (await outbox.about(subject)).map((one) => shown(one, config)),
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

/** Rules without a channel ask for every one, and so does any mixture with such a rule. */
function channelsOf({ holds }: Approval): readonly string[] {
  if (holds.some((terms) => terms.notify.length === 0)) return []
  return [...new Set(holds.flatMap((terms) => terms.notify))]
}
