import type { Client, ClientChannel, PseudoTtyOptions } from 'ssh2'
import type { Clearance } from '../../session/clearance.ts'
import type { Bind, Incoming } from './forwards-seat.ts'
import { PacketFault } from './packet-fault.ts'
import { SshUpstreamError } from './upstream-error.ts'

/** What a command or a shell is given besides its text. */
export interface ChannelSettings {
  readonly terminal: PseudoTtyOptions | undefined
  readonly environment: ReadonlyMap<string, string>
}

/** Where a forwarded connection goes, and where the client says that it comes from. */
export interface Route {
  readonly host: string
  readonly port: number
  readonly fromHost: string
  readonly fromPort: number
}

/**
 * The only hand on a target's connection. What is judged leaves with its own clearance, once; all rejects with SshUpstreamError where the target does not
 * open the channel.
 */
export interface Upstream {
  /** The command line: the frame's bytes are UTF-8, and exactly what the target's shell is given. */
  exec(frame: Uint8Array, settings: ChannelSettings, clearance: Clearance): Promise<ClientChannel>
  shell(frame: Uint8Array, settings: ChannelSettings, clearance: Clearance): Promise<ClientChannel>
  /** Opens the file transfer; each request in it that names a path is judged by itself. */
  sftp(): Promise<SftpLine>
  /** The same by the server's own command line, which is judged as one. */
  sftpOver(frame: Uint8Array, settings: ChannelSettings, clearance: Clearance): Promise<SftpLine>
  connect(frame: Uint8Array, route: Route, clearance: Clearance): Promise<ClientChannel>
  /** Fires when the connection is gone, whoever ended it; the reason says why, in words of ours. */
  readonly lost: AbortSignal
  /** Has the target listen; resolves with the port. */
  listen(frame: Uint8Array, bind: Bind, clearance: Clearance): Promise<number>
  unlisten(bind: Bind): Promise<void>
  /** Connections to ports that the target listens on, from the call on. */
  onIncoming(listener: (incoming: Incoming) => void): void
  end(): void
}

/** An open file transfer. */
export interface SftpLine {
  readonly channel: ClientChannel
  /** A judged request, once. */
  send(frame: Uint8Array, clearance: Clearance): void
  /** What needs no clearance: it names no path, or is a question of our own. */
  ride(frame: Uint8Array): void
}

type Answer = (error: Error | undefined, channel: ClientChannel) => void

export function createUpstream(client: Client): Upstream {
  const lost = new AbortController()
  client.on('close', () => lost.abort('the target closed the connection'))
  client.on('error', (error) => {
    if (error instanceof PacketFault) lost.abort(`the target does not speak the protocol as it must: ${error.message}`)
  })
  const opened = (ask: (answer: Answer) => void): Promise<ClientChannel> => open(lost.signal, ask)
  const exec: Upstream['exec'] = (frame, { terminal, environment }, clearance) => {
    clearance.spend(frame)
    const env = Object.fromEntries(environment)
    return opened((answer) => client.exec(textOf(frame), { env, pty: terminal ?? false }, answer))
  }
  return {
    exec,
    shell: (frame, { terminal, environment }, clearance) => {
      clearance.spend(frame)
      return opened((answer) => client.shell(terminal ?? false, { env: Object.fromEntries(environment) }, answer))
    },
    sftp: async () => lineOver(await opened((answer) => client.subsys('sftp', answer))),
    sftpOver: async (...given) => lineOver(await exec(...given)),
    connect: (frame, { host, port, fromHost, fromPort }, clearance) => {
      clearance.spend(frame)
      return opened((answer) => client.forwardOut(fromHost, fromPort, host, port, answer))
    },
    listen: (frame, { host, port }, clearance) => {
      clearance.spend(frame)
      return new Promise((resolve, reject) => {
        client.forwardIn(host, port, (error, bound) => (error === undefined ? resolve(bound) : reject(error)))
      })
    },
    unlisten: ({ host, port }) =>
      new Promise((resolve, reject) => {
        client.unforwardIn(host, port, (error) => (error instanceof Error ? reject(error) : resolve()))
      }),
    onIncoming: (listener) => {
      client.on('tcp connection', ({ destIP, destPort, srcIP, srcPort }, accept, reject) => {
        const at = { host: destIP, port: destPort }
        listener({ at, from: { host: srcIP, port: srcPort }, accept: () => accept(), reject: () => reject() })
      })
    },
    lost: lost.signal,
    end: () => client.end(),
  }
}

const lineOver = (channel: ClientChannel): SftpLine => ({
  channel,
  send(frame, clearance) {
    clearance.spend(frame)
    channel.write(frame)
  },
  ride: (frame) => void channel.write(frame),
})

const textOf = (frame: Uint8Array): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(frame)

function open(lost: AbortSignal, ask: (answer: Answer) => void): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new SshUpstreamError(lost.aborted ? 'E_UPSTREAM_UNREACHABLE' : 'E_UPSTREAM_CHANNEL', { cause }))
    if (lost.aborted) {
      fail(undefined)
      return
    }
    try {
      ask((error, channel) => (error === undefined ? resolve(channel) : fail(error)))
    } catch (thrown) {
      // The library throws where its socket is closed already.
      fail(thrown)
    }
  })
}
