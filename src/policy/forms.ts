import { z } from 'zod'
import { DURATION_FORM, parseDuration } from '../std/duration.ts'
import { wants } from '../std/shape.ts'

/** The name of a pack or a rule. */
export const Id = z.string({ error: wants('a name of a-z, 0-9 and hyphens') }).regex(/^[a-z0-9][a-z0-9-]{0,63}$/, {
  error: 'must be 1 to 64 characters of a-z, 0-9 and hyphens',
})

/** Words for people. */
export const Sentence = z
  .string({ error: wants('a sentence for the person who reads it') })
  .trim()
  .min(1, { error: 'must not be empty' })

/** `15m` as milliseconds. */
export const Duration = z.string({ error: wants(DURATION_FORM) }).transform((text, issues) => {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  issues.addIssue({ code: 'custom', message: `must be ${DURATION_FORM}` })
  return z.NEVER
})
