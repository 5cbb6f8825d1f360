import type { Oidc } from '../access/oidc.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import type { Access } from './access.ts'
import type { Log } from './log.ts'

export interface UpkeepDeps {
  readonly access: Pick<Access, 'disableInactive'>
  readonly oidc: Pick<Oidc, 'recheck'> | undefined
  readonly clock: Clock
  readonly log: Log
  /** The store is lost: nothing may go on. */
  readonly onError: (error: Error) => void
  /** An account was closed: whatever it has open ends now. */
  readonly onClosed: () => void
}

/** Often enough that "every five minutes" holds with room for a retry. */
const RECHECK_MS = 20_000
const DAY_MS = 24 * 3_600_000

/** What looks after accounts while the node runs: rechecks with the organisation's provider, and accounts that nobody uses. The result ends it. */
export function startUpkeep({ access, oidc, clock, log, onError, onClosed }: UpkeepDeps): () => void {
  const inactive = async (): Promise<void> => {
    const disabled = await access.disableInactive()
    if (disabled.length === 0) return
    log.warn({ people: disabled }, 'accounts without a login for 90 days were disabled')
    onClosed()
  }
  const every = (ms: number, act: () => Promise<void>): (() => void) => repeating({ ms, act, clock, onError })
  const stops = [every(DAY_MS, inactive), oidc === undefined ? undefined : every(RECHECK_MS, () => oidc.recheck())]
  return () => stops.forEach((stop) => stop?.())
}

function repeating({
  ms,
  act,
  clock,
  onError,
}: Pick<UpkeepDeps, 'clock' | 'onError'> & { readonly ms: number; readonly act: () => Promise<void> }): () => void {
  let stopped = false
  let cancel = (): void => undefined
  const run = (): void => {
    void act()
      .catch((thrown: unknown) => {
        if (!stopped) onError(asError(thrown))
      })
      .finally(() => {
        if (!stopped) cancel = clock.after(ms, run)
      })
  }
  run()
  return () => {
    stopped = true
    cancel()
  }
}
