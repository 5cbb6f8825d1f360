import { Builder } from '../../bytes/builder.ts'
import { BytesError } from '../../bytes/bytes-error.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { decodeUtf8, encodeUtf8 } from '../../bytes/utf8.ts'
import { readAttributes } from './sftp-attributes.ts'
import { readingSftp, SftpError } from './sftp-error.ts'
import type { SftpPacket } from './sftp-framing.ts'
import { EXTENSION_VERSION, REPLY, SFTP_VERSION, STATUS } from './sftp-numbers.ts'
import { MAX_HANDLE } from './sftp-read-request.ts'

/** A reply of the target, as far as anybody here needs to know it; names and messages reach the client as the bytes that came. */
export type SftpReply =
  | { readonly name: 'status'; readonly id: number; readonly code: number }
  | { readonly name: 'handle'; readonly id: number; readonly handle: Buffer }
  | { readonly name: 'data'; readonly id: number; readonly content: Buffer }
  /** `first` is the first name, undefined where there is none or where it is no text. */
  | { readonly name: 'name'; readonly id: number; readonly count: number; readonly first: string | undefined }
  | { readonly name: 'attrs'; readonly id: number }
  | { readonly name: 'extendedReply'; readonly id: number; readonly body: Buffer }

export type ReplyName = SftpReply['name']

const HEADER = 9
/** A listing of more names than fit into a packet is none. */
const SHORTEST_NAME = 12

/** Reads one packet of the target; SftpError for what is no reply. VERSION is read by `readVersion`. */
export function readReply(packet: SftpPacket): SftpReply {
  const { id, bytes, type } = packet
  if (bytes.length < HEADER) throw new SftpError('a reply that ends too early')
  const cursor = new Cursor(bytes, HEADER)
  return readingSftp('a reply', () => {
    switch (type) {
      case REPLY.status:
        return { name: 'status', id, code: cursor.u32() }
      case REPLY.handle:
        return { name: 'handle', id, handle: whole(cursor, MAX_HANDLE) }
      case REPLY.data:
        return { name: 'data', id, content: whole(cursor, bytes.length) }
      case REPLY.name:
        return { name: 'name', id, ...namesIn(cursor) }
      case REPLY.attrs:
        return attributesOf(cursor, id)
      case REPLY.extendedReply:
        return { name: 'extendedReply', id, body: cursor.rest() }
      default:
        throw new SftpError('an unknown kind of reply', { type })
    }
  })
}

function whole(cursor: Cursor, max: number): Buffer {
  const length = cursor.u32()
  if (length > max) throw new BytesError('a field that is too long')
  const bytes = cursor.take(length)
  cursor.done()
  return bytes
}

function attributesOf(cursor: Cursor, id: number): SftpReply {
  readAttributes(cursor)
  return { name: 'attrs', id }
}

function namesIn(cursor: Cursor): { count: number; first: string | undefined } {
  const count = cursor.u32()
  if (count > cursor.remaining / SHORTEST_NAME) throw new BytesError('more names than bytes for them')
  return { count, first: count === 0 ? undefined : textOf(cursor.take(cursor.u32())) }
}

function textOf(bytes: Buffer): string | undefined {
  try {
    const text = decodeUtf8(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

/** One pair of VERSION. */
export interface SftpExtension {
  readonly name: string
  readonly data: Buffer
}

/** The version and extensions that a server offers; SftpError where it is no VERSION. */
export function readVersion({ type, id, bytes }: SftpPacket): {
  readonly version: number
  readonly extensions: readonly SftpExtension[]
} {
  if (type !== REPLY.version) throw new SftpError('no VERSION in front of everything else', { type })
  return readingSftp('VERSION', () => {
    const cursor = new Cursor(bytes, HEADER)
    const extensions: SftpExtension[] = []
    while (cursor.remaining > 0)
      extensions.push({ name: cursor.take(cursor.u32()).toString('latin1'), data: cursor.take(cursor.u32()) })
    return { version: id, extensions }
  })
}

/** Those whose requests we read ourselves. */
export const knownExtensions = (extensions: readonly SftpExtension[]): readonly SftpExtension[] =>
  extensions.filter(({ name, data }) => EXTENSION_VERSION[name] === data.toString('latin1'))

export function writeVersion(extensions: readonly SftpExtension[]): Buffer {
  const builder = new Builder().u32(0).u8(REPLY.version).u32(SFTP_VERSION)
  for (const { name, data } of extensions) builder.u32(name.length).utf8(name).u32(data.length).bytes(data)
  return builder.patchI32(0, builder.length - 4).finish()
}

/** STATUS in our own words. */
export function writeStatus(id: number, status: { readonly code: number; readonly message: string }): Buffer {
  const message = encodeUtf8(status.message)
  const builder = new Builder(32 + message.length).u32(0).u8(REPLY.status).u32(id).u32(status.code)
  builder.u32(message.length).bytes(message).u32(2).utf8('en')
  return builder.patchI32(0, builder.length - 4).finish()
}

const NAMES: readonly string[] = [
  'ok',
  'end of file',
  'no such file',
  'permission denied',
  'failure',
  'bad message',
  'no connection',
  'connection lost',
  'not supported',
]

/** A status in words for the recording. */
export const statusName = (code: number): string => NAMES[code] ?? `status ${code}`

export const isSuccess = (code: number): boolean => code === STATUS.ok
