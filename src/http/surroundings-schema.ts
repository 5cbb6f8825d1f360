import { z } from 'zod'

/** What whoever decides should know besides the statement itself. */
export const Surroundings = z.object({
  /** The nearest statement of the same person that was denied, if one is near. */
  nearDenied: z
    .object({
      approval: z.string(),
      words: z.number(),
      by: z.string(),
      reason: z.string().nullable(),
      /** Literals withheld. */
      statement: z.string(),
      /** In one line. */
      told: z.string(),
    })
    .nullable(),
  /** What the requester approved for this very viewer within a day: a favour that would be returned. */
  returnsFavour: z.object({ of: z.string(), at: z.string() }).nullable(),
  /** Those who said yes and whose yes counts no longer: disabled since, or without a role that was asked. */
  lapsed: z.array(z.string()),
})
export type Surroundings = z.infer<typeof Surroundings>

/** One sentence for the page and the command line. */
export const lapsedWords = (people: readonly string[]): string =>
  `The yes of ${people.join(', ')} counts no longer: the account was disabled or stopped since, or has no role left that was asked.`
