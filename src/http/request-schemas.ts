import { z } from 'zod'
import { DeliveryView } from './delivery-view.ts'
import { LEAST_MS } from '../access/request-ruling.ts'
import { MAX_REQUEST_REASON } from '../access/requests.ts'
import { LONGEST_MS } from '../policy/access-entry.ts'
import { ROLES } from '../model/principal.ts'
import { RIGHTS } from '../model/rights.ts'
import { Factor } from './factor.ts'

/** RFC 3339 in UTC. */
const Time = z.string()
const Name = z
  .string()
  .regex(/^[a-z0-9._-]{1,32}$/, 'must be 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen')
const Duration = z
  .int('must be a whole number of milliseconds')
  .min(LEAST_MS, 'must be at least a minute, in milliseconds')
  .max(LONGEST_MS, 'must be at most eight hours, in milliseconds')
const Reason = z.string().trim().min(1, 'must not be empty').max(500, 'must be at most 500 characters')

export const REQUEST_STATES = ['open', 'granted', 'refused', 'denied', 'withdrawn', 'expired'] as const

export const AskBody = z.strictObject({
  target: Name,
  /** What for: `all` that the rules allow, where nothing is said. */
  rights: z.enum(RIGHTS).optional(),
  forMs: Duration,
  reason: z
    .string()
    .trim()
    .min(1, 'must not be empty; whoever decides reads it')
    .max(MAX_REQUEST_REASON, `must be at most ${MAX_REQUEST_REASON} characters`),
  ticket: z.string().min(1).max(64).optional(),
})
export const ApproveRequestBody = z.strictObject({
  forMs: Duration.optional(),
  reason: Reason.optional(),
  factor: Factor,
})
export const DenyRequestBody = z.strictObject({ reason: Reason, factor: Factor })
export const RevokeBody = z.strictObject({ reason: Reason })
export const RequestsQuery = z.strictObject({
  state: z.enum(REQUEST_STATES).optional(),
  person: Name.optional(),
  target: Name.optional(),
})
export const GrantsQuery = z.strictObject({
  person: Name.optional(),
  live: z.enum(['true', 'false']).optional(),
})

const Stage = z.object({
  from: z.array(z.enum(ROLES)),
  need: z.number(),
  /** How many different people have approved it. */
  approved: z.number(),
  state: z.enum(['satisfied', 'asked', 'waiting']),
  notify: z.array(z.string()),
  /** Who is asked or told besides where nobody has answered for so long; `from` above holds those whose turn has come. */
  escalates: z.array(
    z.object({ afterMs: z.number(), from: z.array(z.enum(ROLES)), notify: z.array(z.string()), done: z.boolean() }),
  ),
})
export const RequestView = z.object({
  id: z.string(),
  state: z.enum(REQUEST_STATES),
  person: z.string(),
  target: z.string(),
  rights: z.enum(RIGHTS),
  forMs: z.number(),
  reason: z.string(),
  ticket: z.string().nullable(),
  /** The live grant that it asks to prolong. */
  renews: z.string().nullable(),
  rule: z.string(),
  message: z.string(),
  stages: z.array(Stage),
  decisions: z.array(
    z.object({
      person: z.string(),
      kind: z.enum(['approve', 'deny']),
      stage: z.number(),
      forMs: z.number().nullable(),
      reason: z.string().nullable(),
      at: Time,
      /** Whoever said it was disabled since, or has lost the role: while it is open, it does not count. */
      gone: z.boolean(),
    }),
  ),
  createdAt: Time,
  expiresAt: Time,
  settledAt: Time.nullable(),
  /** The grant that it made or prolonged. */
  grant: z.string().nullable(),
  /** Whether an approval, or a denial, of this very viewer would count now. */
  mayApprove: z.boolean(),
  mayDeny: z.boolean(),
  link: z.string(),
})
export type RequestView = z.infer<typeof RequestView>
/** The same with what became of the messages about it. */
export const RequestWithDeliveries = z.object({ ...RequestView.shape, deliveries: z.array(DeliveryView) })
export const RequestViews = z.object({ requests: z.array(RequestView) })

export const GrantView = z.object({
  id: z.string(),
  person: z.string(),
  target: z.string(),
  rights: z.enum(RIGHTS),
  grantedAt: Time,
  expiresAt: Time,
  grantedBy: z.string(),
  reason: z.string(),
  live: z.boolean(),
  revokedAt: Time.nullable(),
  revokedBy: z.string().nullable(),
})
export type GrantView = z.infer<typeof GrantView>
export const GrantViews = z.object({ grants: z.array(GrantView) })
