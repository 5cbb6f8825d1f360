import { z } from 'zod'

/** One use of break-glass and what became of its review. */
export const ReviewView = z.object({
  id: z.string(),
  state: z.enum(['open', 'signed']),
  person: z.string(),
  target: z.string(),
  approval: z.string(),
  incident: z.string(),
  reason: z.string(),
  openedAt: z.string(),
  signedBy: z.string().nullable(),
  signedAt: z.string().nullable(),
  remark: z.string().nullable(),
  /** Whether this very person could sign it now. */
  maySign: z.boolean(),
})
export const ReviewList = z.object({ reviews: z.array(ReviewView) })
