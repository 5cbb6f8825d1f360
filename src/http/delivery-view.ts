import { z } from 'zod'
import type { DeliveryShown } from '../model/outbox.ts'
import { visibleLine } from './visible.ts'

/** One message about an approval or a request on its way to people. */
export const DeliveryView = z.object({
  channel: z.string(),
  /** How it goes: `webhook`, `slack`, `teams`, `email`; `gone` where the channel is no longer configured. */
  kind: z.enum(['webhook', 'slack', 'teams', 'email', 'gone']),
  /** What it tells, e.g. `approval.opened`. */
  message: z.string(),
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.number(),
  /** RFC 3339: when it was delivered, else when it is tried next, else when it was made. */
  at: z.string(),
  reason: z.string().nullable(),
})

export const deliveryView = ({ at, reason, ...delivery }: DeliveryShown): z.infer<typeof DeliveryView> => ({
  ...delivery,
  at: new Date(at).toISOString(),
  reason: reason === undefined ? null : visibleLine(reason),
})
