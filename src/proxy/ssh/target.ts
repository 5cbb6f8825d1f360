import { Socket } from 'node:net'
import type { Client } from 'ssh2'
import type { Target } from '../../model/target.ts'
import { AccountShell, type AccountShellDeps } from './account-shell.ts'
import { dialSsh, type SshDial } from './dial.ts'
import { Flow } from './flow.ts'
import { KeyExchanges } from './key-exchanges.ts'
import { PacketFault } from './packet-fault.ts'
import { SshUpstreamError } from './upstream-error.ts'
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
  /** A connection of its own for one session, at the pace of its client. Throws SshUpstreamError. */
  connect(signal: AbortSignal, client: Flow): Promise<Upstream>
}

/** Makes what sessions need of a configured host. Its secret is used nowhere else. */
export const createSshTarget = ({ target, shell, forwards, dial, clock }: SshTargetDeps): SshTarget => ({
  ...{ target, shell, forwards },
  accountShell: new AccountShell(clock),
  async connect(signal, client) {
    const connection = await dialSsh({ ...dial, signal })
    const upstream = createUpstream(connection)
    keepPace(connection, client, clock)
    return upstream
  },
})

function keepPace(connection: Client, client: Flow, { monoMicros, after }: AccountShellDeps): void {
  const socket: unknown = Reflect.get(connection, '_sock')
  if (!(socket instanceof Socket)) {
    connection.destroy()
    throw new SshUpstreamError('E_UPSTREAM_PROTOCOL', { message: 'the SSH library has changed: no socket' })
  }
  const onFault = (words: string): void => {
    connection.emit('error', new PacketFault(words))
    connection.destroy()
  }
  const now = (): number => monoMicros() / 1000
  const exchanges = new KeyExchanges({ connection, socket, now, after, onFault })
  const target = new Flow({ socket, exchanges, now, after })
  client.feed(target)
  target.feed(client)
}
