import { z } from 'zod'
import { isName } from '../model/ids.ts'
import { ROLES } from '../model/principal.ts'
import { map, oneOf, wants } from '../std/shape.ts'
import { NAME_FORM } from './floors.ts'
import { boundedDuration } from './limits.ts'

const LONGEST_MS = 30 * 60_000

/** Who may clear their own holds on a target in an emergency. Absent: nobody may. */
export const BreakGlass = map({
  people: z
    .array(z.string({ error: wants('a name') }).refine(isName, { error: NAME_FORM }), {
      error: wants('a list of names'),
    })
    .default([]),
  roles: z.array(oneOf(ROLES), { error: wants('a list of roles, e.g. [engineer]') }).default([]),
  /** For so long after the first use in one incident. */
  longest: boundedDuration('1m', '30m').default(LONGEST_MS),
}).refine(({ people, roles }) => people.length + roles.length > 0, { error: 'names nobody; list people or roles' })
