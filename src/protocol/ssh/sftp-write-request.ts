import { Builder } from '../../bytes/builder.ts'
import { encodeUtf8 } from '../../bytes/utf8.ts'
import { writeAttributes } from './sftp-attributes.ts'
import { EXTENSION, REQUEST } from './sftp-numbers.ts'
import type { SftpRequest } from './sftp-requests.ts'

/** What can be sent: what was not understood has no bytes of its own. */
export type WritableRequest = Exclude<SftpRequest, { name: 'unknown' | 'unreadable' }>

/** One packet. */
export function writeRequest(request: WritableRequest): Buffer {
  const builder = new Builder().u32(0)
  if (request.name === 'init') builder.u8(REQUEST.init).u32(request.version)
  else {
    const extension = extensionOf(request.name)
    builder.u8(extension === undefined ? numberOf(request.name) : REQUEST.extended).u32(request.id)
    if (extension !== undefined) putText(builder, extension)
    putFields(builder, request)
  }
  return builder.patchI32(0, builder.length - 4).finish()
}

const isPlain = (name: string): name is keyof typeof REQUEST => name in REQUEST
const isExtension = (name: string): name is keyof typeof EXTENSION => name in EXTENSION

const numberOf = (name: string): number => (isPlain(name) ? REQUEST[name] : REQUEST.extended)
const extensionOf = (name: string): string | undefined => (isExtension(name) ? EXTENSION[name] : undefined)

const putText = (builder: Builder, text: string): Builder => putBytes(builder, encodeUtf8(text))
const putBytes = (builder: Builder, bytes: Uint8Array): Builder => builder.u32(bytes.length).bytes(bytes)

function putFields(builder: Builder, request: Exclude<WritableRequest, { name: 'init' }>): void {
  switch (request.name) {
    case 'open':
      putText(builder, request.path).u32(request.flags)
      writeAttributes(builder, request.attributes)
      return
    case 'close':
    case 'readdir':
    case 'fstat':
    case 'fstatvfs':
    case 'fsync':
      putBytes(builder, request.handle)
      return
    case 'read':
      putBytes(builder, request.handle).i64(BigInt.asIntN(64, request.offset)).u32(request.length)
      return
    case 'write':
      putBytes(builder, request.handle).i64(BigInt.asIntN(64, request.offset))
      putBytes(builder, request.content)
      return
    case 'fsetstat':
      putBytes(builder, request.handle)
      writeAttributes(builder, request.attributes)
      return
    default:
      putNames(builder, request)
  }
}

type Naming = Exclude<
  WritableRequest,
  {
    name: 'init' | 'open' | 'close' | 'readdir' | 'fstat' | 'fstatvfs' | 'fsync' | 'read' | 'write' | 'fsetstat'
  }
>

function putNames(builder: Builder, request: Naming): void {
  switch (request.name) {
    case 'setstat':
    case 'lsetstat':
    case 'mkdir':
      putText(builder, request.path)
      writeAttributes(builder, request.attributes)
      return
    case 'rename':
    case 'posixRename':
    case 'hardlink':
      putText(putText(builder, request.path), request.to)
      return
    case 'symlink':
      putText(putText(builder, request.leadsTo), request.link)
      return
    case 'limits':
      return
    case 'homeDirectory':
      putText(builder, request.user)
      return
    case 'usersGroups':
      putBytes(putBytes(builder, request.users), request.groups)
      return
    default:
      putText(builder, request.path)
  }
}
