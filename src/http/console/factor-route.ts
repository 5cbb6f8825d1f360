import type { Context } from 'hono'
import { z } from 'zod'
import { readJson } from '../body.ts'
import { Problem, respondProblem } from '../problem.ts'
import { seatOf } from './gate.ts'
import type { ConsoleDeps } from './seat.ts'
import { isCsrf } from './visits.ts'

/** Sent by `app.js` with what it asks for beside forms. */
export const CSRF_HEADER = 'x-csrf-token'

/** What a factor is spent on, e.g. `approve a_…`: words and ids, as the ledger keeps them. */
const Purpose = z.strictObject({ purpose: z.string().regex(/^[a-z][a-z0-9 ._-]{0,99}$/) })

/** `POST /console/factor`: the challenge that a passkey signs for one purpose of the one who is signed in. It decides nothing. */
export async function factorOptions(c: Context, deps: ConsoleDeps): Promise<Response> {
  const seat = await seatOf(c, deps)
  if (seat === undefined) return respondProblem(c, new Problem('not-signed-in'))
  if (!isCsrf(seat.visit, c.req.header(CSRF_HEADER))) return respondProblem(c, new Problem('cross-site'))
  const body = await readJson(c, Purpose)
  if (body instanceof Problem) return respondProblem(c, body)
  const { person } = seat.viewer
  if ((await deps.passkeys.listOf(person)).length === 0)
    return respondProblem(c, new Problem('not-found', 'you have no passkey yet; add one under My account'))
  return c.json({ options: await deps.passkeys.assertionOptions(person, body.purpose) })
}
