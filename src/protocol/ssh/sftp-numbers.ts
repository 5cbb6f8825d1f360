/** Numbers of SFTP version 3, draft-ietf-secsh-filexfer-02, sections 3 and 7. */
export const SFTP_VERSION = 3

export const REQUEST = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  extended: 200,
} as const

export const REPLY = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extendedReply: 201,
} as const

export const STATUS = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  noConnection: 6,
  connectionLost: 7,
  unsupported: 8,
} as const

/** Bits of OPEN, section 6.3. */
export const OPEN = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const

/** Every bit that version 3 knows. */
export const OPEN_BITS = 63

/**
 * Extensions of OpenSSH's PROTOCOL file, section 4, that we read ourselves. A server may offer more: what stands in no table here is taken out of its
 * VERSION reply and refused, so that nothing passes whose meaning nobody looked at.
 */
export const EXTENSION = {
  posixRename: 'posix-rename@openssh.com',
  statvfs: 'statvfs@openssh.com',
  fstatvfs: 'fstatvfs@openssh.com',
  hardlink: 'hardlink@openssh.com',
  fsync: 'fsync@openssh.com',
  lsetstat: 'lsetstat@openssh.com',
  limits: 'limits@openssh.com',
  expandPath: 'expand-path@openssh.com',
  homeDirectory: 'home-directory',
  usersGroups: 'users-groups-by-id@openssh.com',
} as const

/** The version of each extension whose layout we know; another one is taken out like an unknown name. */
export const EXTENSION_VERSION: Readonly<Record<string, string>> = {
  [EXTENSION.posixRename]: '1',
  [EXTENSION.statvfs]: '2',
  [EXTENSION.fstatvfs]: '2',
  [EXTENSION.hardlink]: '1',
  [EXTENSION.fsync]: '1',
  [EXTENSION.lsetstat]: '1',
  [EXTENSION.limits]: '1',
  [EXTENSION.expandPath]: '1',
  [EXTENSION.homeDirectory]: '1',
  [EXTENSION.usersGroups]: '1',
}
