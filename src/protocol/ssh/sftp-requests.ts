import type { SftpAttributes } from './sftp-attributes.ts'

interface Numbered {
  /** Chosen by the client; its reply repeats it. */
  readonly id: number
}

/** One member for each name, so that comparing `name` narrows. */
type Each<Name extends string, Fields> = { [One in Name]: Numbered & { readonly name: One } & Fields }[Name]

/** A request of a client, SFTP version 3 with OpenSSH's extensions. Paths are as they were sent, strictly decoded; handles and contents are views. */
export type SftpRequest =
  | { readonly name: 'init'; readonly version: number }
  | (Numbered & {
      readonly name: 'open'
      readonly path: string
      readonly flags: number
      readonly attributes: SftpAttributes
    })
  | Each<HandleName, { readonly handle: Buffer }>
  | (Numbered & { readonly name: 'read'; readonly handle: Buffer; readonly offset: bigint; readonly length: number })
  | (Numbered & { readonly name: 'write'; readonly handle: Buffer; readonly offset: bigint; readonly content: Buffer })
  | Each<PathName, { readonly path: string }>
  | Each<AttributesName, { readonly path: string; readonly attributes: SftpAttributes }>
  | (Numbered & { readonly name: 'fsetstat'; readonly handle: Buffer; readonly attributes: SftpAttributes })
  | Each<RenameName, { readonly path: string; readonly to: string }>
  /** `link` is the new name. On the wire it comes second: the draft has it first, OpenSSH's server and its clients all swap. */
  | (Numbered & { readonly name: 'symlink'; readonly link: string; readonly leadsTo: string })
  | (Numbered & { readonly name: 'limits' })
  | (Numbered & { readonly name: 'homeDirectory'; readonly user: string })
  | (Numbered & { readonly name: 'usersGroups'; readonly users: Buffer; readonly groups: Buffer })
  /** A kind or an extension that no table here has. */
  | (Numbered & { readonly name: 'unknown' })
  /** Well framed, and yet not to be judged: fields that do not fit, a name that is no UTF-8 or holds a NUL. `fault` is for the client. */
  | (Numbered & { readonly name: 'unreadable'; readonly fault: string })

export type HandleName = 'close' | 'readdir' | 'fstat' | 'fstatvfs' | 'fsync'
export type PathName =
  'lstat' | 'stat' | 'opendir' | 'remove' | 'rmdir' | 'realpath' | 'readlink' | 'statvfs' | 'expandPath'
export type AttributesName = 'setstat' | 'lsetstat' | 'mkdir'
export type RenameName = 'rename' | 'posixRename' | 'hardlink'
export type RequestName = SftpRequest['name']
export type RequestNamed<Name extends RequestName> = Extract<SftpRequest, { name: Name }>
