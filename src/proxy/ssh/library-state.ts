/**
 * The library's own state, as far as it has to be looked into: what its interface does not tell. Everything is checked before it is used, as another version may have it
 * otherwise; whoever uses it says what happens then.
 */

/** One connection of the library. */
export interface Protocol {
  /** Reads one decrypted packet. What it returns, other than undefined, ends the reading of the piece that the packet came in. */
  _onPayload: (payload: Buffer) => unknown
  requestSuccess: (answer?: unknown) => void
  requestFailure: (answer?: unknown) => void
  channelFailure(channel: number): void
  channelClose(channel: number): void
  channelOpenFail(channel: number, reason: number, words: string): void
}

/** The library's channels, by the numbers that it gave them. */
export interface Channels {
  readonly _channels: Readonly<Record<number, unknown>>
  remove(channel: number): void
}

export interface Peer {
  readonly protocol: Protocol
  readonly channels: Channels
}

/** What is known of one channel. */
export interface ChannelState {
  /** Its number at the other side. */
  readonly far: number
  /** A session of a client: whether something was asked for on it. Undefined for every other kind. */
  readonly hasBegun: boolean | undefined
  /** What may still come over it; undefined where nothing is read from it. */
  readonly incoming: { readonly window: number; readonly state: string } | undefined
}

const CALLS = [
  '_onPayload',
  'requestSuccess',
  'requestFailure',
  'channelFailure',
  'channelClose',
  'channelOpenFail',
] as const

export const isProtocol = (value: unknown): value is Protocol =>
  isRecord(value) && CALLS.every((name) => typeof value[name] === 'function')

export function channelsOf(connection: object): Channels | undefined {
  const channels: unknown = Reflect.get(connection, '_chanMgr')
  return isChannels(channels) ? channels : undefined
}

const isChannels = (value: unknown): value is Channels =>
  isRecord(value) && isRecord(value['_channels']) && typeof value['remove'] === 'function'

/** Whether keys are being exchanged: what is to be sent piles up meanwhile. */
export function isExchangingKeys(connection: object): boolean {
  const protocol: unknown = Reflect.get(connection, '_protocol')
  return isRecord(protocol) && protocol['_kexinit'] !== undefined
}

/** Undefined for a channel that is not open. */
export function stateOf({ _channels }: Channels, number: number): ChannelState | undefined {
  const entry = _channels[number]
  if (!isRecord(entry)) return undefined
  const opening = entry['_chanInfo']
  if (!isRecord(opening)) return plain(entry)
  const channel = entry['_channel']
  const far = farOf(opening)
  if (far === undefined) return undefined
  if (!isRecord(channel)) return { far, hasBegun: false, incoming: undefined }
  return { far, hasBegun: true, incoming: incomingOf(channel) }
}

function plain(channel: Readonly<Record<string, unknown>>): ChannelState | undefined {
  const far = farOf(channel)
  return far === undefined ? undefined : { far, hasBegun: undefined, incoming: incomingOf(channel) }
}

function farOf({ outgoing }: Readonly<Record<string, unknown>>): number | undefined {
  const id = isRecord(outgoing) ? outgoing['id'] : undefined
  return typeof id === 'number' ? id : undefined
}

function incomingOf({ incoming }: Readonly<Record<string, unknown>>): ChannelState['incoming'] {
  if (!isRecord(incoming)) return undefined
  const { window, state } = incoming
  return typeof window === 'number' && typeof state === 'string' ? { window, state } : undefined
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
