import { scrub } from '../mask/scrub.ts'
import type { FailedEntry } from '../proxy/postgres/connection.ts'
import type { Ledger } from '../recording/ledger.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import { createQuiet } from '../std/quiet.ts'

export interface FailedLoginsDeps {
  readonly ledger: Pick<Ledger, 'append' | 'broken'>
  readonly clock: Clock
  readonly listener: 'postgres' | 'ssh'
  readonly count: (listener: 'postgres' | 'ssh') => void
  /** The ledger could not be written. */
  readonly broken: (reason: string) => void
}

/** As many signs of a name as are kept. */
const LONGEST_NAME = 64

/**
 * Invalid access attempts are evidence too (PCI DSS 10.2.1.4). A guess is told each time: the lock ends them. Of what nothing counts, behind a lock or
 * before anybody was named, a line a minute is told, with how many there were `since` the last: a flood must not fill the disk.
 */
export function createFailedLogins(deps: FailedLoginsDeps): (entry: FailedEntry) => void {
  const { ledger, clock, listener, count, broken } = deps
  const quiet = createQuiet({ now: () => clock.now() })
  return ({ login, address: origin, why }) => {
    count(listener)
    const by = scrub(login ?? 'unknown').slice(0, LONGEST_NAME)
    const isGuess = login !== undefined && why !== 'locked'
    const told = isGuess ? {} : quiet(JSON.stringify([by, hostOf(origin), why]))
    if (told === undefined || ledger.broken !== undefined) return
    const note = { kind: 'login.failed', at: clock.now(), by, origin, outcome: 'refused' }
    try {
      ledger.append({ ...note, resource: `listener:${listener}`, detail: { why: scrub(why), ...told } })
    } catch (thrown) {
      broken(asError(thrown).message)
    }
  }
}

/** The host of `host:port`. */
const hostOf = (address: string): string => address.replace(/:\d+$/, '')
