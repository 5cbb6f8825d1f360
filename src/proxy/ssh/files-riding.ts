import { SftpError } from '../../protocol/ssh/sftp-error.ts'
import { checkListing } from '../../protocol/ssh/sftp-names.ts'
import { STATUS } from '../../protocol/ssh/sftp-numbers.ts'
import type { SftpPacket } from '../../protocol/ssh/sftp-framing.ts'
import type { ReplyName, SftpReply } from '../../protocol/ssh/sftp-replies.ts'
import type { RequestNamed } from '../../protocol/ssh/sftp-requests.ts'
import type { FilesDesk } from './files-desk.ts'
import { MAX_HANDLES, type OpenFile, type Waiting } from './files-handles.ts'

/** Requests that ride a handle whose opening was judged. */
export type RidingRequest = RequestNamed<'read' | 'write' | 'close' | 'readdir' | 'fstat' | 'fstatvfs' | 'fsync'>
/** Questions whose answers are names and limits. */
export type AskingRequest = RequestNamed<'realpath' | 'expandPath' | 'limits' | 'homeDirectory' | 'usersGroups'>

/** A server answers a longer read with what it likes; we take no longer answer. */
const MAX_READ = 256 * 1024
/** What OpenSSH's server offers itself. */
const MAX_CONTENT = MAX_READ - 1024
/** For one handle while a change of its attributes is judged. */
const MAX_WAITING = 64
const MAX_WAITING_BYTES = 4 * 1024 * 1024
/** Id, length of the handle, handle, offset: behind them READ has its length. */
const READ_FIELDS = 4 + 1 + 4 + 4 + 8

/** Sends a request that rides a handle, behind everything that waits for the same handle. */
export function ride(desk: FilesDesk, request: RidingRequest, packet: SftpPacket): void {
  const file = desk.handles.find(request.handle)
  if (file === undefined) {
    desk.status(request.id, STATUS.failure, 'no such handle')
    return
  }
  if (file.waiting === undefined) {
    leave(desk, { request, packet, file })
    return
  }
  const again = (): void => ride(desk, request, packet)
  queue(desk, file, { id: request.id, bytes: packet.bytes.length, run: again })
}

/** Puts a request behind a change of its file that is being judged. */
export function queue(desk: FilesDesk, file: OpenFile, late: Waiting & { readonly id: number }): void {
  const waiting = file.waiting ?? []
  const bytes = waiting.reduce((sum, one) => sum + one.bytes, late.bytes)
  if (waiting.length < MAX_WAITING && bytes <= MAX_WAITING_BYTES) waiting.push(late)
  else desk.status(late.id, STATUS.failure, 'too much waits for a change of this file that is being judged')
}

/** Lets go what waited for a file while a change of it was judged. */
export function release(file: OpenFile): void {
  const waiting = file.waiting ?? []
  file.waiting = undefined
  for (const { run } of waiting) run()
}

/** A new size for a file that was opened to be written to: a write like any other. */
export function resize(
  desk: FilesDesk,
  {
    request,
    packet,
    file,
  }: { readonly request: RequestNamed<'fsetstat'>; readonly packet: SftpPacket; readonly file: OpenFile },
): void {
  if (request.attributes.size !== file.written?.next) file.written?.spoil()
  pass(desk, { packet, id: request.id, expects: 'status' })
}

/** Sends a question; what it answers passes as it is. */
export function ask(desk: FilesDesk, request: AskingRequest, packet: SftpPacket): void {
  const seen = request.name === 'limits' ? clamp : NOTHING
  sent(desk, packet, { id: request.id, expects: ASKED[request.name], seen })
}

const ASKED = {
  realpath: 'name',
  expandPath: 'name',
  homeDirectory: 'name',
  limits: 'extendedReply',
  usersGroups: 'extendedReply',
} as const satisfies Record<AskingRequest['name'], ReplyName>

const NOTHING = (): void => undefined

/** A client must not be told of more than we take: longest packet, read and write, open handles. OpenSSH's PROTOCOL, section 4.8; 0 is "unknown". */
function clamp(reply: SftpReply): void {
  if (reply.name !== 'extendedReply') return
  LIMITS.forEach((limit, at) => {
    if (reply.body.length < 8 * (at + 1)) return
    const told = reply.body.readBigUInt64BE(8 * at)
    if (told === 0n || told > limit) reply.body.writeBigUInt64BE(limit, 8 * at)
  })
}

const LIMITS = [MAX_READ, MAX_CONTENT, MAX_CONTENT, MAX_HANDLES].map(BigInt)

interface Riding {
  readonly request: RidingRequest
  readonly packet: SftpPacket
  readonly file: OpenFile
}

function leave(desk: FilesDesk, { request, packet, file }: Riding): void {
  const { id } = request
  switch (request.name) {
    case 'read': {
      read(desk, { request, packet, file })
      return
    }
    case 'write': {
      write(desk, { request, packet, file })
      return
    }
    case 'close':
      file.closing = true
      {
        sent(desk, packet, { id, expects: 'status', seen: (reply) => closed(desk, request.handle, reply) })
        return
      }
    case 'readdir': {
      sent(desk, packet, { id, expects: 'name', seen: (_, answer) => checkListing(answer) })
      return
    }
    case 'fstat': {
      pass(desk, { packet, id, expects: 'attrs' })
      return
    }
    case 'fstatvfs': {
      pass(desk, { packet, id, expects: 'extendedReply' })
      return
    }
    case 'fsync': {
      pass(desk, { packet, id, expects: 'status' })
      return
    }
  }
}

function read(
  desk: FilesDesk,
  { request, packet, file }: Riding & { request: RidingRequest & { name: 'read' } },
): void {
  const { read: content } = file
  if (content === undefined) {
    desk.status(request.id, STATUS.permissionDenied, 'this file is not open for reading')
    return
  }
  if (request.length > MAX_READ) packet.bytes.writeUInt32BE(MAX_READ, READ_FIELDS + request.handle.length)
  const seen = (reply: SftpReply): void => {
    if (reply.name === 'data' && reply.content.length > request.length) throw new SftpError('more than was asked for')
    if (reply.name === 'data') desk.found(content.push(request.offset, reply.content), file)
    else if (reply.name === 'status' && reply.code === STATUS.eof) content.end(request.offset)
    else content.spoil()
  }
  sent(desk, packet, { id: request.id, expects: 'data', seen })
}

function write(
  desk: FilesDesk,
  { request, packet, file }: Riding & { request: RidingRequest & { name: 'write' } },
): void {
  const { written: content } = file
  if (content === undefined) {
    desk.status(request.id, STATUS.permissionDenied, 'this file is not open for writing')
    return
  }
  // Where a file is appended to, the target takes its own end for the offset.
  const count = content.push(file.appends ? content.next : request.offset, request.content)
  desk.found(count, file)
  const seen = (reply: SftpReply): void => {
    if (reply.name !== 'status' || reply.code !== STATUS.ok) content.spoil()
  }
  sent(desk, packet, { id: request.id, expects: 'status', seen })
}

function closed(desk: FilesDesk, handle: Buffer, reply: SftpReply): void {
  const file = desk.handles.take(handle)
  if (file === undefined || reply.name !== 'status') return
  desk.fileEnded(file, reply.code === STATUS.ok ? { end: 'done' } : { end: 'failed', code: reply.code })
}

function pass(
  desk: FilesDesk,
  { packet, id, expects }: { readonly packet: SftpPacket; readonly id: number; readonly expects: ReplyName },
): void {
  sent(desk, packet, { id, expects, seen: NOTHING })
}

function sent(
  desk: FilesDesk,
  packet: SftpPacket,
  {
    id,
    expects,
    seen,
  }: {
    readonly id: number
    readonly expects: ReplyName
    readonly seen: (reply: SftpReply, answer: SftpPacket) => void
  },
): void {
  desk.exchange.ride(packet.bytes, {
    expects,
    answered: (reply, answer) => {
      seen(reply, answer)
      desk.pass(answer, id)
    },
    lost: () => undefined,
  })
}
