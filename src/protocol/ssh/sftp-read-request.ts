import { BytesError } from '../../bytes/bytes-error.ts'
import { Cursor } from '../../bytes/cursor.ts'
import { decodeUtf8 } from '../../bytes/utf8.ts'
import { readAttributes } from './sftp-attributes.ts'
import type { SftpPacket } from './sftp-framing.ts'
import { EXTENSION, REQUEST } from './sftp-numbers.ts'
import type { HandleName, PathName, SftpRequest } from './sftp-requests.ts'

/** What Linux takes for a path, its end included. */
export const MAX_PATH = 4096
/** Draft section 6.2. */
export const MAX_HANDLE = 256
const MAX_NAME = 256
const HEADER = 9

/** Reads one packet of a client. Never throws: what cannot be read becomes `unreadable`, and is to be answered, not forwarded. */
export function readRequest(packet: SftpPacket): SftpRequest {
  if (packet.type === REQUEST.init) return { name: 'init', version: packet.id }
  const { id } = packet
  if (packet.bytes.length < HEADER) return { name: 'unreadable', id, fault: 'a request that ends too early' }
  const read = READERS.get(packet.type)
  if (read === undefined) return { name: 'unknown', id }
  return reading(packet, read)
}

type Reader = (cursor: Cursor, id: number) => SftpRequest

function reading({ bytes, id }: SftpPacket, read: Reader): SftpRequest {
  try {
    const cursor = new Cursor(bytes, HEADER)
    const request = read(cursor, id)
    if (request.name !== 'unknown') cursor.done()
    return request
  } catch (thrown) {
    if (!(thrown instanceof BytesError)) throw thrown
    return { name: 'unreadable', id, fault: thrown.message }
  }
}

const handle = (cursor: Cursor): Buffer => limited(cursor, { max: MAX_HANDLE, what: 'a handle' })

function limited(cursor: Cursor, { max, what }: { readonly max: number; readonly what: string }): Buffer {
  const length = cursor.u32()
  if (length > max) throw new BytesError(`${what} of more than ${max} bytes`)
  return cursor.take(length)
}

function text(cursor: Cursor, bounds: { readonly max: number; readonly what: string }): string {
  const decoded = decodeUtf8(limited(cursor, bounds))
  if (decoded.includes('\0')) throw new BytesError(`${bounds.what} with a NUL inside`)
  return decoded
}

const path = (cursor: Cursor): string => text(cursor, { max: MAX_PATH, what: 'a path' })

const ofHandle =
  (name: HandleName): Reader =>
  (cursor, id) => ({ name, id, handle: handle(cursor) })

const ofPath =
  (name: PathName): Reader =>
  (cursor, id) => ({ name, id, path: path(cursor) })

const ofAttributes =
  (name: 'setstat' | 'lsetstat' | 'mkdir'): Reader =>
  (cursor, id) => ({ name, id, path: path(cursor), attributes: readAttributes(cursor) })

const ofRename =
  (name: 'rename' | 'posixRename' | 'hardlink'): Reader =>
  (cursor, id) => ({ name, id, path: path(cursor), to: path(cursor) })

const offset = (cursor: Cursor): bigint => BigInt.asUintN(64, cursor.i64())

const READERS: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [
    REQUEST.open,
    (cursor, id) => ({
      name: 'open',
      id,
      path: path(cursor),
      flags: cursor.u32(),
      attributes: readAttributes(cursor),
    }),
  ],
  [REQUEST.close, ofHandle('close')],
  [
    REQUEST.read,
    (cursor, id) => ({
      name: 'read',
      id,
      handle: handle(cursor),
      offset: offset(cursor),
      length: cursor.u32(),
    }),
  ],
  [
    REQUEST.write,
    (cursor, id) => ({
      name: 'write',
      id,
      handle: handle(cursor),
      offset: offset(cursor),
      content: cursor.take(cursor.u32()),
    }),
  ],
  [REQUEST.lstat, ofPath('lstat')],
  [REQUEST.fstat, ofHandle('fstat')],
  [REQUEST.setstat, ofAttributes('setstat')],
  [
    REQUEST.fsetstat,
    (cursor, id) => ({ name: 'fsetstat', id, handle: handle(cursor), attributes: readAttributes(cursor) }),
  ],
  [REQUEST.opendir, ofPath('opendir')],
  [REQUEST.readdir, ofHandle('readdir')],
  [REQUEST.remove, ofPath('remove')],
  [REQUEST.mkdir, ofAttributes('mkdir')],
  [REQUEST.rmdir, ofPath('rmdir')],
  [REQUEST.realpath, ofPath('realpath')],
  [REQUEST.stat, ofPath('stat')],
  [REQUEST.rename, ofRename('rename')],
  [REQUEST.readlink, ofPath('readlink')],
  [REQUEST.symlink, (cursor, id) => ({ name: 'symlink', id, leadsTo: path(cursor), link: path(cursor) })],
  [REQUEST.extended, readExtended],
])

function readExtended(cursor: Cursor, id: number): SftpRequest {
  const read = EXTENSIONS.get(text(cursor, { max: MAX_NAME, what: 'the name of an extension' }))
  return read === undefined ? { name: 'unknown', id } : read(cursor, id)
}

const EXTENSIONS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [EXTENSION.posixRename, ofRename('posixRename')],
  [EXTENSION.hardlink, ofRename('hardlink')],
  [EXTENSION.statvfs, ofPath('statvfs')],
  [EXTENSION.fstatvfs, ofHandle('fstatvfs')],
  [EXTENSION.fsync, ofHandle('fsync')],
  [EXTENSION.lsetstat, ofAttributes('lsetstat')],
  [EXTENSION.limits, (_, id) => ({ name: 'limits', id })],
  [EXTENSION.expandPath, ofPath('expandPath')],
  [
    EXTENSION.homeDirectory,
    (cursor, id) => ({ name: 'homeDirectory', id, user: text(cursor, { max: MAX_NAME, what: 'a name' }) }),
  ],
  [
    EXTENSION.usersGroups,
    (cursor, id) => ({
      name: 'usersGroups',
      id,
      users: cursor.take(cursor.u32()),
      groups: cursor.take(cursor.u32()),
    }),
  ],
])
