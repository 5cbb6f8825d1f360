import { BytesError } from '../../bytes/bytes-error.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { readBytes } from './fields.ts'

/** Who sent a packet: the client of the proxy, or the target. */
export type Speaker = 'client' | 'target'

/** Numbers of messages: RFC 4250, section 4.1.2. */
export const MESSAGE = {
  userauthRequest: 50,
  userauthSuccess: 52,
  infoRequest: 60,
  infoResponse: 61,
  globalRequest: 80,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelData: 94,
  channelExtendedData: 95,
  channelClose: 97,
  channelRequest: 98,
} as const

/** Disconnect, ignore, unimplemented, debug, extensions, key exchange. */
const ALWAYS = [1, 2, 3, 4, 7, 20]
const { userauthRequest, userauthSuccess, infoRequest, infoResponse, globalRequest } = MESSAGE
const CONNECTION = [80, 81, 82, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100]

/** What each side may say before and after the login; a service is asked for, and granted, before it. */
const PLACES: Readonly<Record<Speaker, readonly [before: ReadonlySet<number>, after: ReadonlySet<number>]>> = {
  client: [
    // Some programs ask for a sign of life while their person looks for a code.
    new Set([...ALWAYS, 5, userauthRequest, infoResponse, globalRequest]),
    new Set([...ALWAYS, 5, ...CONNECTION]),
  ],
  target: [new Set([...ALWAYS, 6, 51, userauthSuccess, 53, infoRequest]), new Set([...ALWAYS, ...CONNECTION])],
}

/** Behind its login a client has nothing of it left to say, and what it says nevertheless is passed over (RFC 4252, section 5.1). */
export const isLate = (payload: Buffer, from: Speaker, hasLoggedIn: boolean): boolean =>
  from === 'client' && hasLoggedIn && (payload[0] === userauthRequest || payload[0] === infoResponse)

/** Why a decrypted packet may not be read, in words for whoever sent it; undefined where it may. Its remaining faults are found by its reader. */
export function packetFault(payload: Buffer, from: Speaker, hasLoggedIn: boolean): string | undefined {
  const [type] = payload
  if (type === undefined) return undefined
  if (!PLACES[from][hasLoggedIn ? 1 : 0].has(type)) return `a packet of kind ${type} has no place there`
  if (type === infoResponse) return countFault(payload, 1, LENGTH)
  if (type === infoRequest) return infoRequestFault(payload)
  if (type === MESSAGE.channelOpenConfirmation && packetSizeAt(payload, CONFIRMED_SIZE) < SMALLEST_PACKET)
    return TOO_SMALL
  return undefined
}

const LENGTH = 4
/** In front of the length of packets in an answer to OPEN: kind, two numbers of channels, the window. */
const CONFIRMED_SIZE = 1 + 4 + 4 + 4

/**
 * The shortest packets that a side may ask for on a channel; RFC 4253, section 6.1, has everybody take 32 768 bytes. A length of nothing would never get
 * anything through, and one of a byte would have each byte encrypted by itself.
 */
export const SMALLEST_PACKET = 1024
export const TOO_SMALL = `a channel has to take packets of at least ${SMALLEST_PACKET} bytes`

/** The reader makes room for as many as are announced, before it looks whether they are there. */
function countFault(payload: Buffer, at: number, smallest: number): string | undefined {
  if (payload.length < at + LENGTH) return undefined
  const announced = payload.readUInt32BE(at)
  return announced * smallest > payload.length - at - LENGTH ? 'more answers are announced than there are' : undefined
}

/** Name, instruction and language stand before the number of questions. A question has at least its length and whether it is shown. */
function infoRequestFault(payload: Buffer): string | undefined {
  try {
    const cursor = new Cursor(payload, 1)
    for (let skipped = 0; skipped < 3; skipped += 1) readBytes(cursor)
    return countFault(payload, payload.length - cursor.remaining, LENGTH + 1)
  } catch (error) {
    if (error instanceof BytesError) return undefined
    throw error
  }
}

const packetSizeAt = (payload: Buffer, at: number): number =>
  payload.length < at + LENGTH ? Infinity : payload.readUInt32BE(at)

/** A channel that is asked for with packets too small to be of use: the number by which the asking side knows it. */
export function unusableChannel(payload: Buffer): number | undefined {
  try {
    const cursor = new Cursor(payload, 1)
    readBytes(cursor)
    const [channel, , size] = [cursor.u32(), cursor.u32(), cursor.u32()]
    return size < SMALLEST_PACKET ? channel : undefined
  } catch (error) {
    if (error instanceof BytesError) return undefined
    throw error
  }
}

/** What a packet is about that carries the content of a channel. */
export function contentOf(payload: Buffer): { readonly channel: number; readonly length: number } | undefined {
  const at = payload[0] === MESSAGE.channelExtendedData ? 9 : 5
  return payload.length < at + LENGTH
    ? undefined
    : { channel: payload.readUInt32BE(1), length: payload.readUInt32BE(at) }
}

/** A request by its name: on a channel, or for the whole connection. */
export interface NamedRequest {
  /** Undefined where it is for the whole connection. */
  readonly channel: number | undefined
  readonly name: string
  readonly wantsReply: boolean
}

export function requestIn(payload: Buffer): NamedRequest | undefined {
  try {
    const cursor = new Cursor(payload, 1)
    const channel = payload[0] === MESSAGE.channelRequest ? cursor.u32() : undefined
    return { channel, name: readBytes(cursor).toString('latin1'), wantsReply: cursor.u8() !== 0 }
  } catch (error) {
    if (error instanceof BytesError) return undefined
    throw error
  }
}
