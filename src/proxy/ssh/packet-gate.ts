import type { Client, Connection } from 'ssh2'
import {
  contentOf,
  isLate,
  MESSAGE,
  packetFault,
  requestIn,
  TOO_SMALL,
  unusableChannel,
  type Speaker,
} from '../../protocol/ssh/packets.ts'
import { channelsOf, isProtocol, stateOf, type Peer, type Protocol } from './library-state.ts'

export interface GateSeat {
  /** Who is at the other end. */
  readonly from: Speaker
  /** What it did, in words for it. Called once; nothing more of what it says is read. */
  readonly onFault: (words: string) => void
}

/** Beyond its window by so much, OpenSSH ends a connection too: a tenth of the window. */
const MOST_BEYOND = 200 * 1024
/** Requests for the whole connection that wait for an answer: each waits for the ones before it, and one may wait for a person. */
const MOST_ASKED = 1000
/** RFC 4254, section 5.1. */
const PROHIBITED = 1
/** What may still be asked for where something runs; neither has an answer. RFC 4254, sections 6.7 and 6.9. */
const WHILE_RUNNING: ReadonlySet<string> = new Set(['window-change', 'signal'])

/**
 * Looks at every packet in front of the library, which takes kinds that have no place, channels through which nothing fits, content for which it gave no window, and leaves
 * late requests without an answer. Undefined where the library is not the one that this was written for: then nobody is to be let in by it. To be called before the first
 * keys are exchanged.
 */
export function guardPackets(peer: Connection | Client, seat: GateSeat): PacketGate | undefined {
  const protocol: unknown = Reflect.get(peer, '_protocol')
  const channels = channelsOf(peer)
  if (!isProtocol(protocol) || channels === undefined) return undefined
  return new PacketGate({ protocol, channels }, seat)
}

export class PacketGate {
  readonly #peer: Peer
  readonly #seat: GateSeat
  readonly #read: Protocol['_onPayload']
  #hasLoggedIn = false
  #asked = 0
  #isShut = false

  constructor(peer: Peer, seat: GateSeat) {
    this.#peer = peer
    this.#seat = seat
    const { protocol } = peer
    this.#read = protocol._onPayload
    protocol._onPayload = (payload) => this.#look(payload)
    const answered = (): void => void (this.#asked -= 1)
    for (const way of ['requestSuccess', 'requestFailure'] as const) {
      const first = protocol[way].bind(protocol)
      protocol[way] = (answer) => {
        answered()
        first(answer)
      }
    }
  }

  /** The client is let in; what a target says of that is seen here. */
  loggedIn(): void {
    this.#hasLoggedIn = true
  }

  /** Gives the library what it may read; what it answers tells its own reader whether to go on. */
  #look(payload: Buffer): unknown {
    const { from } = this.#seat
    if (this.#isShut || isLate(payload, from, this.#hasLoggedIn)) return undefined
    const fault = packetFault(payload, from, this.#hasLoggedIn)
    if (fault !== undefined) return this.#shut(fault)
    switch (payload[0]) {
      case MESSAGE.userauthSuccess:
        this.#hasLoggedIn = true
        return this.#read(payload)
      case MESSAGE.channelData:
      case MESSAGE.channelExtendedData:
        return this.#content(payload)
      case MESSAGE.channelOpen:
        return this.#open(payload)
      case MESSAGE.channelRequest:
        return this.#channelRequest(payload)
      case MESSAGE.channelClose:
        return this.#close(payload)
      case MESSAGE.globalRequest:
        return this.#globalRequest(payload)
      default:
        return this.#read(payload)
    }
  }

  #shut(words: string): unknown {
    this.#isShut = true
    this.#seat.onFault(words)
    return undefined
  }

  #content(payload: Buffer): unknown {
    const content = contentOf(payload)
    const state = content && stateOf(this.#peer.channels, content.channel)
    if (content === undefined || state?.incoming === undefined) return this.#read(payload)
    if (content.length - state.incoming.window > MOST_BEYOND)
      return this.#shut('more was sent than there is a window for')
    // The library fails the whole channel for it, with everything of it that is not read yet; the client's is told and dropped where its channel is.
    if (this.#seat.from === 'target' && state.incoming.state !== 'open') return undefined
    return this.#read(payload)
  }

  #open(payload: Buffer): unknown {
    const channel = unusableChannel(payload)
    if (channel === undefined) return this.#read(payload)
    this.#peer.protocol.channelOpenFail(channel, PROHIBITED, `countersign: ${TOO_SMALL}`)
    return undefined
  }

  /** Where something was asked for already, the library answers nothing, and a second command makes it fail. RFC 4254, section 6.5: only one succeeds. */
  #channelRequest(payload: Buffer): unknown {
    const request = requestIn(payload)
    const state = request?.channel === undefined ? undefined : stateOf(this.#peer.channels, request.channel)
    if (request === undefined || state?.hasBegun !== true || WHILE_RUNNING.has(request.name)) return this.#read(payload)
    if (request.wantsReply) this.#peer.protocol.channelFailure(state.far)
    return undefined
  }

  /** A channel on which nothing was asked for is forgotten by the library's client only: it is neither closed nor removed. */
  #close(payload: Buffer): unknown {
    const number = payload.length < 5 ? undefined : payload.readUInt32BE(1)
    const state = number === undefined ? undefined : stateOf(this.#peer.channels, number)
    const done = this.#read(payload)
    if (number !== undefined && state?.hasBegun === false) {
      this.#peer.channels.remove(number)
      this.#peer.protocol.channelClose(state.far)
    }
    return done
  }

  #globalRequest(payload: Buffer): unknown {
    const request = requestIn(payload)
    if (request === undefined) return this.#read(payload)
    if (request.wantsReply) this.#asked += 1
    if (this.#asked > MOST_ASKED) return this.#shut('too many requests wait for an answer')
    if (this.#seat.from === 'client') return this.#read(payload)
    // A target has nothing to ask for here. The library would have it prove keys that nobody wants to know.
    if (request.wantsReply) this.#peer.protocol.requestFailure()
    return undefined
  }
}
