import type { Grants, Standing } from '../access/grants.ts'
import type { CloseReason } from '../recording/event.ts'
import { asError } from '../std/errors.ts'
import type { Registry } from './registry.ts'

export interface StandingDeps {
  readonly registry: Registry
  readonly grants: Pick<Grants, 'standing'>
  readonly after: (ms: number, callback: () => void) => () => void
  readonly onError: (error: Error) => void
}

/** A revoke reaches a live session within this, even if no change was told. */
const EVERY_MS = 1000

const ENDS: Readonly<Record<Exclude<Standing, 'live'>, { readonly reason: CloseReason; readonly text: string }>> = {
  'person-disabled': { reason: 'person-disabled', text: 'the account was disabled' },
  'grant-ended': { reason: 'grant-ended', text: 'the grant for this target has ended' },
  'credential-revoked': { reason: 'grant-ended', text: 'the credential of this session was revoked' },
}

/** Ends live sessions whose grant, credential or person no longer stands. `check` may be called whenever the store changed. */
export function watchStanding(deps: StandingDeps): { check(): Promise<void>; stop(): void } {
  let stopped = false
  let cancel = (): void => undefined
  const check = async (): Promise<void> => {
    for (const session of deps.registry.all()) {
      const standing = await deps.grants.standing({ grant: session.grant, credential: session.credential })
      if (standing === 'live') continue
      const { reason, text } = ENDS[standing]
      session.port.close(reason, text)
    }
  }
  const again = (): void => {
    if (stopped) return
    cancel = deps.after(EVERY_MS, () => {
      // A store that cannot say whether a grant stands is lost: whoever owns it ends every session then.
      void check()
        .catch((error: unknown) => deps.onError(asError(error)))
        .finally(again)
    })
  }
  again()
  const stop = (): void => {
    stopped = true
    cancel()
  }
  return { check, stop }
}
