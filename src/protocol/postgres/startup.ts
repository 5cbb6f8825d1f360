import { Builder } from '../../bytes/builder.ts'
import { Cursor } from '../../bytes/cursor.ts'
import type { BackendMessages } from './messages.ts'
import { ProtocolError, reading } from './protocol-error.ts'

/** First packets of a connection; they have no tag. Manual: "Message Formats", "SSL Session Encryption", "Canceling Requests in Progress". */
export type StartupPacket = SslRequest | GssEncRequest | CancelRequest | StartupMessage

export interface SslRequest {
  readonly name: 'sslRequest'
}
export interface GssEncRequest {
  readonly name: 'gssEncRequest'
}
export interface CancelRequest {
  readonly name: 'cancelRequest'
  readonly processId: number
  /** Four bytes in protocol 3.0, up to 256 in 3.2. */
  readonly key: Buffer
}
export interface StartupMessage {
  readonly name: 'startup'
  /** Minor version of protocol 3 that is asked for. */
  readonly minor: number
  /** `user`, `database`, ... as sent, without the protocol options; names are compared as they are, a name twice is an error. */
  readonly parameters: ReadonlyMap<string, string>
  /** Protocol options by their whole names, `_pq_.` included. */
  readonly options: ReadonlyMap<string, string>
}

/** Longest startup packet that PostgreSQL accepts. */
export const MAX_STARTUP = 10_000
/** A client that begins with this byte speaks TLS at once (`sslnegotiation=direct`): a TLS handshake record. */
export const DIRECT_TLS = 0x16
/** Minor versions of protocol 3 that this codec speaks. 3.1 never existed. */
export const NEWEST_MINOR = 2

const MAJOR = 3
const CANCEL = 80_877_102
const SSL = 80_877_103
const GSSENC = 80_877_104
const OPTION = '_pq_.'
const SMALLEST = 8

/**
 * Takes startup packets off the front of a connection. A client may send an SSLRequest and a GSSENCRequest (each once) before the packet that counts;
 * answering them, and ending the connection if `rest` is not empty when TLS begins, is the caller's part.
 */
export class StartupReader {
  #bytes: Buffer = Buffer.alloc(0)

  /** Adds a chunk; what follows a packet may be longer than a packet, as it belongs to another reader. */
  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
  }

  /** The next packet, or undefined if more bytes are needed. ProtocolError as soon as the bytes cannot become one. */
  next(): StartupPacket | undefined {
    const bytes = this.#bytes
    // Lengths up to 10 000 begin with a zero byte: letters of another protocol are told apart at once.
    if ((bytes[0] ?? 0) !== 0) throw new ProtocolError('not a startup packet')
    if (bytes.length < 4) return undefined
    const length = bytes.readInt32BE(0)
    if (length < SMALLEST || length > MAX_STARTUP)
      throw new ProtocolError('a startup packet of wrong length', { length })
    if (bytes.length < length) return undefined
    this.#bytes = bytes.subarray(length)
    return decodeStartup(bytes.subarray(0, length))
  }

  /** Bytes behind the last packet: to be empty where TLS begins, otherwise the first ones for the FrameReader. */
  get rest(): Buffer {
    return this.#bytes
  }
}

/** One whole startup packet, length included. */
export function decodeStartup(bytes: Buffer): StartupPacket {
  return reading('startup packet', () => {
    const packet = new Cursor(bytes)
    if (packet.i32() !== bytes.length) throw new ProtocolError('a startup packet of wrong length')
    const code = packet.i32()
    const message = readPacket(packet, code)
    packet.done()
    return message
  })
}

/** Bytes of a startup packet, for our own connections to an upstream. */
export function encodeStartup(packet: StartupPacket): Buffer {
  const bytes = new Builder().i32(0)
  switch (packet.name) {
    case 'sslRequest':
      bytes.i32(SSL)
      break
    case 'gssEncRequest':
      bytes.i32(GSSENC)
      break
    case 'cancelRequest':
      bytes.i32(CANCEL).i32(packet.processId).bytes(packet.key)
      break
    case 'startup':
      bytes.i32((MAJOR << 16) | packet.minor)
      for (const [name, value] of [...packet.parameters, ...packet.options]) bytes.cstring(name).cstring(value)
      bytes.u8(0)
      break
  }
  return bytes.patchI32(0, bytes.length).finish()
}

/**
 * What to answer a client that asks for more than we speak: undefined if nothing is to be said. Of protocol options none is known, so all are listed. The
 * message goes out before authentication.
 */
export function negotiate(
  asked: StartupMessage,
  newestMinor: number,
): BackendMessages['negotiateProtocolVersion'] | undefined {
  const unknownOptions = [...asked.options.keys()]
  if (asked.minor <= newestMinor && unknownOptions.length === 0) return undefined
  return {
    name: 'negotiateProtocolVersion',
    version: (MAJOR << 16) | Math.min(asked.minor, newestMinor),
    unknownOptions,
  }
}

function readPacket(packet: Cursor, code: number): StartupPacket {
  switch (code) {
    case SSL:
      return { name: 'sslRequest' }
    case GSSENC:
      return { name: 'gssEncRequest' }
    case CANCEL:
      return readCancel(packet)
    default:
      return readStartup(packet, code)
  }
}

function readCancel(packet: Cursor): CancelRequest {
  const processId = packet.i32()
  if (packet.remaining < 4 || packet.remaining > 256) throw new ProtocolError('a cancel key of wrong length')
  return { name: 'cancelRequest', processId, key: packet.rest() }
}

function readStartup(packet: Cursor, code: number): StartupMessage {
  if (code >>> 16 !== MAJOR) throw new ProtocolError('an unsupported protocol version')
  const parameters = new Map<string, string>()
  const options = new Map<string, string>()
  for (let name = packet.cstring(); name !== ''; name = packet.cstring()) {
    const list = name.startsWith(OPTION) ? options : parameters
    if (list.has(name)) throw new ProtocolError('a startup parameter twice')
    list.set(name, packet.cstring())
  }
  return { name: 'startup', minor: code & 0xffff, parameters, options }
}
