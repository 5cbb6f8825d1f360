import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../std/clock.ts'
import type { Secret } from '../../std/secret.ts'

/** One person's look at one approval, from the login on the page to ten minutes later. Lives in memory: a restart asks for a new login. */
export interface Visit {
  /** The cookie's value. */
  readonly key: string
  readonly approval: string
  /** The API token behind it; it is asked anew at each request, so a disabled person is out at once. */
  readonly token: Secret
  readonly expiresAt: number
  /** The login made for this approval still counts as the fresh factor of one decision. */
  readonly fresh: boolean
}

export interface Visits {
  begin(start: { readonly approval: string; readonly token: Secret }): Visit
  /** The visit of a cookie to this approval; undefined for anything else. */
  find(key: string | undefined, approval: string): Visit | undefined
  /** The same visit under a new key, its login used up; the old key is dead. Undefined where it was dead already: of two posts at once one wins. */
  rotate(visit: Visit): Visit | undefined
  end(visit: Visit): void
  /** Bound to visit, approval and digest, so that a form of one page decides nothing else. */
  formToken(visit: Visit, digest: string): string
  isFormToken(token: string, bound: { readonly visit: Visit; readonly digest: string }): boolean
}

/** How long a login on the page lasts, in milliseconds. */
export const VISIT_MS = 10 * 60_000
/** Visits of one node; the oldest goes first. */
const MAX_VISITS = 10_000

export function createVisits({ clock }: { readonly clock: Clock }): Visits {
  const visits = new Map<string, Visit>()
  const formKey = randomBytes(32)
  const keep = (visit: Visit): Visit => {
    visits.set(visit.key, visit)
    const oldest = visits.keys().next()
    if (visits.size > MAX_VISITS && !oldest.done) visits.delete(oldest.value)
    return visit
  }
  const formToken: Visits['formToken'] = (visit, digest) =>
    createHmac('sha256', formKey).update(`${visit.key}\n${visit.approval}\n${digest}`).digest('base64url')
  return {
    begin({ approval, token }) {
      return keep({ key: newKey(), approval, token, expiresAt: clock.now() + VISIT_MS, fresh: true })
    },
    find(key, approval) {
      const visit = key === undefined ? undefined : visits.get(key)
      if (visit === undefined || visit.approval !== approval) return undefined
      if (clock.now() < visit.expiresAt) return visit
      visits.delete(visit.key)
      return undefined
    },
    rotate(visit) {
      if (!visits.delete(visit.key)) return undefined
      return keep({ ...visit, key: newKey(), fresh: false })
    },
    end: (visit) => void visits.delete(visit.key),
    formToken,
    isFormToken(token, { visit, digest }) {
      const [given, right] = [Buffer.from(token), Buffer.from(formToken(visit, digest))]
      return given.length === right.length && timingSafeEqual(given, right)
    },
  }
}

const newKey = (): string => randomBytes(32).toString('base64url')
