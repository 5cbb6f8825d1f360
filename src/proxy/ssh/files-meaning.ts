import type { FileOperation } from '../../model/statement.ts'
import { NO_ATTRIBUTES, type SftpAttributes } from '../../protocol/ssh/sftp-attributes.ts'
import { OPEN, OPEN_BITS } from '../../protocol/ssh/sftp-numbers.ts'
import type { RequestNamed, SftpRequest } from '../../protocol/ssh/sftp-requests.ts'
import type { Reach } from './files-resolve.ts'

/** A request that names a path. */
export type NamingRequest = RequestNamed<
  | 'open'
  | 'opendir'
  | 'stat'
  | 'lstat'
  | 'statvfs'
  | 'readlink'
  | 'setstat'
  | 'lsetstat'
  | 'mkdir'
  | 'rmdir'
  | 'remove'
  | 'rename'
  | 'posixRename'
  | 'hardlink'
  | 'symlink'
>

/** What a request does to the path that it names. */
export interface Meaning {
  /** One for each thing that rules know by a name of its own; each is judged. */
  readonly operations: readonly FileOperation[]
  readonly reach: Reach
  /** Whether requests behind it must not overtake it. */
  readonly changes: boolean
}

const looks = (operation: FileOperation, reach: Reach): Meaning => ({
  operations: [operation],
  reach,
  changes: false,
})
const alters = (operations: readonly FileOperation[], reach: Reach): Meaning => ({ operations, reach, changes: true })

const FIXED = {
  opendir: looks('list', 'followed'),
  stat: looks('stat', 'followed'),
  lstat: looks('stat', 'entry'),
  statvfs: looks('stat', 'followed'),
  readlink: looks('stat', 'entry'),
  lsetstat: alters(['attributes'], 'entry'),
  mkdir: alters(['make-directory'], 'entry'),
  rmdir: alters(['remove-directory'], 'entry'),
  remove: alters(['remove'], 'entry'),
  rename: alters(['rename'], 'entry'),
  posixRename: alters(['rename'], 'entry'),
  hardlink: alters(['link'], 'entry'),
  symlink: alters(['link'], 'entry'),
} as const satisfies Record<Exclude<NamingRequest['name'], 'open' | 'setstat'>, Meaning>

/** Undefined for an OPEN with bits that version 3 does not have. */
export function meaningOf(request: NamingRequest): Meaning | undefined {
  if (request.name === 'open') return meaningOfOpen(request)
  if (request.name === 'setstat') return alters(operationsOf(request.attributes), 'followed')
  return FIXED[request.name]
}

function meaningOfOpen({ flags, attributes }: RequestNamed<'open'>): Meaning | undefined {
  if ((flags & ~OPEN_BITS) !== 0) return undefined
  const has = (bit: number): boolean => (flags & bit) !== 0
  const writes = has(OPEN.write) || has(OPEN.append) || has(OPEN.create) || has(OPEN.truncate)
  const operations: FileOperation[] = []
  // A server opens for reading where it is told neither.
  if (has(OPEN.read) || !has(OPEN.write)) operations.push('read')
  if (writes) operations.push(has(OPEN.append) ? 'append' : 'write')
  if (isSpecial(attributes.mode)) operations.push('attributes')
  // An exclusive open makes the name itself: a link there is not followed.
  const reach = has(OPEN.create) && has(OPEN.exclusive) ? 'entry' : 'followed'
  return { operations, reach, changes: writes }
}

/** Set-user-id and its like: more than the permissions that a new file gets with its content. */
const isSpecial = (mode: number | undefined): boolean => mode !== undefined && (mode & 0o7000) !== 0

/** Setting a size cuts content away or adds to it. */
export function operationsOf(attributes: SftpAttributes): readonly FileOperation[] {
  const { size, owner, mode, times, extended } = attributes
  const others = owner !== undefined || mode !== undefined || times !== undefined || extended.length > 0
  return [
    ...(size === undefined ? [] : ['write' as const]),
    ...(others || size === undefined ? ['attributes' as const] : []),
  ]
}

/** What attributes are set to, for whoever decides about it; undefined where none is. */
export function changeOf(operation: FileOperation, attributes: SftpAttributes): string | undefined {
  const { size, owner, mode, times } = attributes
  const words = [
    ...(operation === 'attributes' && mode !== undefined
      ? [`mode ${(mode & 0o7777).toString(8).padStart(4, '0')}`]
      : []),
    ...(operation === 'attributes' && owner !== undefined ? [`owner ${owner.user}:${owner.group}`] : []),
    ...(operation === 'attributes' && times !== undefined ? ['times'] : []),
    ...(operation === 'write' && size !== undefined ? [`size ${size}`] : []),
  ]
  return words.length === 0 ? undefined : words.join(', ')
}

/** Those of a request, where it has any. */
export const attributesOf = (request: NamingRequest): SftpAttributes =>
  'attributes' in request ? request.attributes : NO_ATTRIBUTES

/** The request with the paths that were judged, under a number of ours. */
export function pinned(
  request: NamingRequest,
  place: { id: number; path: string; to: string | undefined },
): NamingRequest {
  const { id, path, to } = place
  if (request.name === 'symlink') return { ...request, id, link: path }
  if (request.name === 'hardlink') return { ...request, id, path: to ?? request.path, to: path }
  if ('to' in request) return { ...request, id, path, to: to ?? request.to }
  return { ...request, id, path }
}

/** The path that a request makes or changes, and the one that it names besides: the new name of what is moved, what a hard link is made of. */
export function namesOf(request: NamingRequest): { readonly path: string; readonly to: string | undefined } {
  if (request.name === 'symlink') return { path: request.link, to: undefined }
  if (request.name === 'hardlink') return { path: request.to, to: request.path }
  return { path: request.path, to: 'to' in request ? request.to : undefined }
}

export const isNaming = (request: SftpRequest): request is NamingRequest =>
  request.name === 'open' || request.name === 'setstat' || request.name in FIXED
