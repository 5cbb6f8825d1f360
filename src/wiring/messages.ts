import type { Approval } from '../approvals/approval.ts'
import type { ApprovalEvent } from '../approvals/approvals.ts'
import type { Config } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import type { Facts } from '../model/facts.ts'
import { approvalMessage, type ApprovalMessage } from '../notify/message.ts'
import { createOutbox, type Outbox } from '../notify/outbox.ts'
import { createWebhook } from '../notify/webhook.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'
import type { Log } from './log.ts'

export interface Messages {
  readonly outbox: Outbox
  /** Tells the channels of a hold's rules what happened to it. */
  tell(event: ApprovalEvent): void
}

export interface MessagesDeps {
  readonly config: Config
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Facts of a hold that still waits on this node. */
  readonly factsOf: (approval: Approval) => readonly Facts[]
}

/** A receiver in the operator's own network is what webhooks are mostly for; metadata and link-local addresses stay closed. */
const REACH = { privateAddresses: true, loopbackHttp: true }

const KINDS: Partial<Record<ApprovalEvent['kind'], ApprovalMessage['kind']>> = {
  opened: 'approval.opened',
  decided: 'approval.decided',
  settled: 'approval.closed',
}

export function openMessages({ config, store, clock, log, factsOf }: MessagesDeps): Messages {
  const channels = config.notify.map((channel) =>
    createWebhook({ ...channel, url: new URL(channel.url), reach: REACH, clock }),
  )
  const onFault = (error: unknown): void => log.error({ err: asError(error) }, 'a message could not be sent')
  const outbox = createOutbox({
    store: store.outbox,
    channels,
    clock,
    newId: () => newId('m_', 12),
    random: Math.random,
    onFault,
  })
  return {
    outbox,
    tell({ kind, approval }) {
      const message = KINDS[kind]
      if (message === undefined || channels.length === 0) return
      const told = {
        ...approval,
        kind: message,
        at: clock.now(),
        facts: factsOf(approval),
        publicUrl: config.publicUrl,
        scrub,
      }
      outbox.post(approvalMessage(told), channelsOf(approval)).catch(onFault)
    },
  }
}

/** Rules without a channel ask for every one, and so does any mixture with such a rule. */
function channelsOf({ holds }: Approval): readonly string[] {
  if (holds.some((terms) => terms.notify.length === 0)) return []
  return [...new Set(holds.flatMap((terms) => terms.notify))]
}
