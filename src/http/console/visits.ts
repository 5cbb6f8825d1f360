import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../std/clock.ts'
import type { Secret } from '../../std/secret.ts'

/** One sign-in of one browser. Lives in memory: a restart asks for a new one. */
export interface Visit {
  /** The cookie's value; it changes at sign-in and whenever a factor was proved. */
  readonly key: string
  /** Stays the same for the whole visit and stands in its forms. */
  readonly csrf: string
  /** The API token behind it; it is asked anew at each request, so a disabled person is out at once. */
  readonly token: Secret
  /** The path that this sign-in was made for: its factors count as fresh once, there, until then. */
  readonly fresh: { readonly path: string; readonly until: number } | undefined
}

export interface Visits {
  begin(start: { readonly token: Secret; readonly path: string | undefined }): Visit
  /** The visit of a cookie; undefined for anything else. */
  find(key: string | undefined): Visit | undefined
  /** The same visit under a new key. The old one dies a moment later: a second press that is already under way still gets an answer. */
  rotate(visit: Visit): Visit
  end(visit: Visit): void
  /** Whether the sign-in still counts as the fresh factor of one decision at `path`. */
  isFresh(visit: Visit, path: string): boolean
  /** A factor was proved just now for changes at `path`: it stands for five minutes. */
  freshen(visit: Visit, path: string): void
  /** Uses that up. Of two at once one gets true. */
  use(visit: Visit, path: string): boolean
  /** Keeps a sentence for the next page of this visit. */
  say(visit: Visit, text: string): void
  /** That sentence, once. */
  takeSaid(visit: Visit): string | undefined
}

/** How long a sign-in that was made for one approval stands for a factor there, in milliseconds. */
export const FRESH_MS = 10 * 60_000
/** How long a factor stands for changes of one's own account, in milliseconds. */
export const STEP_UP_MS = 5 * 60_000
/** How long a key that was changed is still read, in milliseconds. */
export const GRACE_MS = 10_000
/** Visits of one node; the oldest goes first. */
const MAX_VISITS = 10_000

interface Sitting {
  visit: Visit
  said: string | undefined
}

export function createVisits({ clock }: { readonly clock: Clock }): Visits {
  const keys = createKeyring(clock)
  const fresh = (path: string, ms: number): Visit['fresh'] => ({ path, until: clock.now() + ms })
  const isFresh: Visits['isFresh'] = (visit, path) => {
    const now = keys.of(visit)?.visit.fresh
    return now?.path === path && clock.now() < now.until
  }
  return {
    begin({ token, path }) {
      const made = path === undefined ? undefined : fresh(path, FRESH_MS)
      return keys.keep({ visit: { key: newKey(), csrf: newKey(), token, fresh: made }, said: undefined })
    },
    find: (key) => (key === undefined ? undefined : keys.find(key)?.visit),
    rotate: (visit) => keys.change(visit),
    end: (visit) => keys.drop(visit),
    isFresh,
    freshen(visit, path) {
      const sitting = keys.of(visit)
      if (sitting !== undefined) sitting.visit = { ...sitting.visit, fresh: fresh(path, STEP_UP_MS) }
    },
    use(visit, path) {
      const sitting = keys.of(visit)
      if (sitting === undefined || !isFresh(visit, path)) return false
      sitting.visit = { ...sitting.visit, fresh: undefined }
      return true
    },
    say(visit, text) {
      const sitting = keys.of(visit)
      if (sitting !== undefined) sitting.said = text
    },
    takeSaid(visit) {
      const sitting = keys.of(visit)
      const text = sitting?.said
      if (sitting !== undefined) sitting.said = undefined
      return text
    },
  }
}

/** Sittings by the keys of their cookies, those that were just changed included. */
function createKeyring(clock: Clock) {
  const sittings = new Map<string, Sitting>()
  const old = new Map<string, { readonly sitting: Sitting; readonly until: number }>()
  const find = (key: string): Sitting | undefined => {
    const before = old.get(key)
    return sittings.get(key) ?? (before !== undefined && clock.now() < before.until ? before.sitting : undefined)
  }
  const keep = (sitting: Sitting): Visit => {
    sittings.set(sitting.visit.key, sitting)
    const oldest = sittings.keys().next()
    if (sittings.size > MAX_VISITS && !oldest.done) sittings.delete(oldest.value)
    return sitting.visit
  }
  return {
    find,
    keep,
    of: ({ key }: Visit): Sitting | undefined => find(key),
    change(visit: Visit): Visit {
      const sitting = sittings.get(visit.key)
      // Another press of the same form was faster: its key counts.
      if (sitting === undefined) return find(visit.key)?.visit ?? visit
      for (const [key, { until }] of old) if (clock.now() >= until) old.delete(key)
      sittings.delete(visit.key)
      old.set(visit.key, { sitting, until: clock.now() + GRACE_MS })
      sitting.visit = { ...sitting.visit, key: newKey() }
      return keep(sitting)
    },
    drop(visit: Visit): void {
      const sitting = find(visit.key)
      if (sitting === undefined) return
      sittings.delete(sitting.visit.key)
      for (const [key, one] of old) if (one.sitting === sitting) old.delete(key)
    },
  }
}

/** Whether a form carries the right token, in a time that tells nothing. */
export function isCsrf(visit: Visit, given: string | undefined): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return given !== undefined && timingSafeEqual(hash(given), hash(visit.csrf))
}

const newKey = (): string => randomBytes(32).toString('base64url')
