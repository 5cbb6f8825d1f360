import type { ClientChannel } from 'ssh2'
import { isRecord } from './library-state.ts'

/**
 * Sends a signal, without SIG, to what runs on a channel of the target. Once a command's input is at its end the library sends none any more, though the program goes
 * on; the protocol lets it until the channel is closed. RFC 4254, section 6.9.
 */
export function signalTo(channel: ClientChannel, name: string): void {
  const state = endedInput(channel)
  if (state === undefined) channel.signal(name)
  else state.send(name)
}

function endedInput(channel: ClientChannel): { send(name: string): void } | undefined {
  const outgoing: unknown = Reflect.get(channel, 'outgoing')
  const client: unknown = Reflect.get(channel, '_client')
  const protocol: unknown = isRecord(client) ? client['_protocol'] : undefined
  if (!isRecord(outgoing) || outgoing['state'] !== 'eof' || !isSender(protocol)) return undefined
  const { id } = outgoing
  return typeof id === 'number' ? { send: (name) => protocol.signal(id, name) } : undefined
}

const isSender = (value: unknown): value is { signal(channel: number, name: string): void } =>
  isRecord(value) && typeof value['signal'] === 'function'
