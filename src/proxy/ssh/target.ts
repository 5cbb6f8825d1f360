import type { Target } from '../../model/target.ts'
import { AccountShell, type AccountShellDeps } from './account-shell.ts'
import { dialSsh, type SshDial } from './dial.ts'
import { createUpstream, type Upstream } from './upstream.ts'

/** What an interactive session may be on a target: our own prompt, an ordinary shell that is held as a whole, or none. */
export type ShellMode = 'commands' | 'open' | 'deny'

export interface SshTargetDeps {
  readonly target: Target
  readonly shell: ShellMode
  /** Whether connections may be forwarded at all; each is judged besides. */
  readonly forwards: { readonly local: boolean; readonly remote: boolean }
  readonly dial: Omit<SshDial, 'signal'>
  readonly clock: AccountShellDeps
}

/** One configured SSH host. */
export interface SshTarget {
  readonly target: Target
  readonly shell: ShellMode
  readonly forwards: { readonly local: boolean; readonly remote: boolean }
  /** What reads the command lines that are sent there. */
  readonly accountShell: AccountShell
  /** A connection of its own for one session. Throws SshUpstreamError. */
  connect(signal: AbortSignal): Promise<Upstream>
}

/** Makes what sessions need of a configured host. Its secret is used nowhere else. */
export const createSshTarget = ({ target, shell, forwards, dial, clock }: SshTargetDeps): SshTarget => ({
  ...{ target, shell, forwards },
  accountShell: new AccountShell(clock),
  connect: async (signal) => createUpstream(await dialSsh({ ...dial, signal })),
})
