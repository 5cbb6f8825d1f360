import { createRequests, type Requests } from '../access/requests.ts'
import type { Config } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import type { RequestId } from '../model/access-request.ts'
import type { GrantId } from '../model/ids.ts'
import type { LedgerNote } from '../model/ledger.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { newId } from '../std/ids.ts'
import type { Store } from '../store/open-store.ts'
import type { Access } from './access.ts'
import type { LivePolicy } from './policy.ts'

export interface RequestsWiring {
  readonly config: Pick<Config, 'targets'>
  readonly store: Pick<Store, 'requests' | 'grants'>
  readonly access: Pick<Access, 'people' | 'stops'>
  readonly policy: Pick<LivePolicy, 'current'>
  readonly clock: Clock
  readonly journal: () => void
  /** Writes into the ledger what may be tried again and again. */
  readonly note: (note: Omit<LedgerNote, 'at'>) => void
}

/** Access requests under the rules in force. */
export function openRequests({ config, store, access, policy, clock, journal, note }: RequestsWiring): Requests {
  return createRequests({
    ...{ store: store.requests, grants: store.grants, people: access.people, stops: access.stops },
    ...{ clock, scrub, journal },
    onInvalid({ actor, target, why }) {
      // What is no target may be anything that fits the form of a name.
      const resource = `target:${scrub(target)}`
      note({
        kind: 'request.refused',
        by: actor.by,
        origin: actor.origin,
        outcome: 'refused',
        resource,
        detail: { why },
      })
    },
    newId: () => newId('r_', 12) as RequestId,
    newGrantId: () => newId('g_', 12) as GrantId,
    targetOf: (name) => {
      const target = config.targets.get(name)
      return target && { target, longestMs: target.longestGrant }
    },
    targets: () => [...config.targets.values()],
    mayAsk: (who) => policy.current().mayAsk(who),
    verdictOf: (wish) => policy.current().decideAccess(wish),
  })
}

/** An expiry or an escalation comes at most this much late. */
const EVERY_MS = 1000

/** Lets requests expire and escalate; the returned function ends it. A store that cannot say so is lost, which `broken` is told. */
export function watchRequests(of: {
  readonly requests: Requests
  readonly clock: Clock
  readonly broken: (reason: string) => void
}): () => void {
  const { requests, clock, broken } = of
  let cancel = (): void => undefined
  let stopped = false
  const again = (): void => {
    if (stopped) return
    cancel = clock.after(EVERY_MS, () => {
      void requests
        .tick()
        .catch((thrown: unknown) => broken(asError(thrown).message))
        .finally(again)
    })
  }
  again()
  return () => {
    stopped = true
    cancel()
  }
}
