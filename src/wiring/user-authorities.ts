import type { LedgerNote } from '../model/ledger.ts'
import { fingerprintOf } from '../protocol/ssh/public-key.ts'
import type { Ledger } from '../recording/ledger.ts'
import type { Clock } from '../std/clock.ts'
import { asError } from '../std/errors.ts'
import type { Log } from './log.ts'
import type { SshDoorKeys } from './ssh-access.ts'

export interface UserAuthoritiesDeps {
  /** Undefined where there is no SSH listener. */
  readonly door: SshDoorKeys | undefined
  readonly ledger: Pick<Ledger, 'append'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Pick<Log, 'error'>
  readonly broken: (reason: string) => void
}

/**
 * Reads the CAs of people again, for logins from now on; sessions that one of them opened go on. A file that cannot be used leaves all of them as they were. Who
 * may sign for people is evidence (PCI DSS 10.2.1.2).
 */
export function rereadUserAuthorities({ door, ledger, clock, log, broken }: UserAuthoritiesDeps): void {
  if (door === undefined) return
  const write = (outcome: string, detail: LedgerNote['detail']): void => {
    // A signal is sent on the machine, and does not say by whom.
    const note = { kind: 'ssh-ca.reloaded', at: clock.now(), by: 'local', origin: 'local', outcome }
    try {
      ledger.append({ ...note, resource: 'ssh-ca:people', detail })
    } catch (thrown) {
      broken(asError(thrown).message)
    }
  }
  const before = namesOf(door)
  try {
    door.reread()
  } catch (thrown) {
    log.error({ err: asError(thrown) }, 'a CA of people cannot be used; those before stay in force')
    write('refused', {})
    return
  }
  const now = namesOf(door)
  if (now.join() !== before.join()) write('done', { fingerprints: now })
}

const namesOf = (door: SshDoorKeys): readonly string[] => door.authorities().map(({ key }) => fingerprintOf(key.blob))
