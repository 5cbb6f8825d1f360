import type { Approvals } from '../approvals/approvals.ts'
import type { StopsPort } from '../http/ports.ts'
import type { ShownStatement } from '../session/hold-desk.ts'
import { createGrantClock } from '../session/grant-clock.ts'
import type { Registry } from '../session/registry.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import type { Store } from '../store/open-store.ts'
import type { Access } from './access.ts'

export interface EnforcingDeps {
  readonly registry: Registry
  readonly store: Pick<Store, 'standings'>
  readonly access: Pick<Access, 'stops'>
  readonly approvals: Pick<Approvals<ShownStatement>, 'reconcile'>
  readonly clock: Clock
  readonly broken: (reason: string) => void
}

/** What the store says, brought to live sessions and to what waits. */
export interface Enforcing {
  /** Whatever was committed before the call is in force when it resolves. Never rejects: a store that cannot answer ends the node. */
  now(): Promise<void>
  /** The kill switch, in force when an order resolves. */
  readonly stops: StopsPort
  start(): void
  stop(): void
}

/** The clock of the grants and the kill switch. */
export function openEnforcing({ registry, store, access, approvals, clock, broken }: EnforcingDeps): Enforcing {
  const onError = (error: unknown): void => broken(asError(error).message)
  const grantClock = createGrantClock({
    ...{ registry, clock, onError },
    standings: (sessions) => store.standings.standings({ sessions, now: clock.now() }),
  })
  const now = async (): Promise<void> => {
    await Promise.all([grantClock.check(), approvals.reconcile()]).catch(onError)
  }
  const { stops } = access
  return {
    now,
    stops: {
      async order(wanted, actor) {
        const counts = await stops.order(wanted, actor)
        await now()
        return counts
      },
      resume: (wanted, actor) => stops.resume(wanted, actor),
      standing: () => stops.standing(),
    },
    start: () => grantClock.start(),
    stop: () => grantClock.stop(),
  }
}
