import type { ActionEffect, FileFacts, PathUse } from '../../model/action-facts.ts'
import type { FileOperation, FileStatement } from '../../model/statement.ts'
import { effectsOfPath } from './places.ts'

type Does = readonly PathUse['does'][]

/** What an operation does to its path, and to the other name where it has one. */
const DOES = {
  read: { path: ['read'], to: [] },
  write: { path: ['write'], to: [] },
  append: { path: ['write'], to: [] },
  list: { path: ['list'], to: [] },
  stat: { path: ['list'], to: [] },
  attributes: { path: ['attributes'], to: [] },
  remove: { path: ['delete'], to: [] },
  rename: { path: ['delete'], to: ['write'] },
  'make-directory': { path: ['write'], to: [] },
  'remove-directory': { path: ['delete'], to: [] },
  // Whoever has the new name reads and writes what it leads to.
  link: { path: ['write'], to: ['read', 'write'] },
} as const satisfies Record<FileOperation, { readonly path: Does; readonly to: Does }>

/** What one request of a file transfer does. Pure, total, never throws. */
export function fileFacts({ by, operation, path, to, resolved }: FileStatement): FileFacts {
  const does = DOES[operation]
  const uses = [
    ...does.path.map((one) => useOf(path, one)),
    ...(to === undefined ? [] : does.to.map((one) => useOf(to, one))),
  ]
  // A path in a command line is judged as it stands, like that of any other command; a server can be asked.
  const unresolved = by === 'sftp' && !resolved ? ['the target does not tell where the path leads'] : []
  const gaps = [...unresolved, ...[path, ...(to === undefined ? [] : [to])].flatMap(gapsOf)]
  return {
    kind: 'file',
    effects: [...new Set<ActionEffect>(uses.flatMap((use) => effectsOfPath(use.path, use.does)))],
    by,
    operation,
    paths: uses,
    complete: gaps.length === 0,
    gaps,
  }
}

const useOf = (path: string, does: PathUse['does']): PathUse => ({ path, absolute: path.startsWith('/'), does })

/** A relative path begins where the account's files are, and nobody here knows where that is, unless it is written as the home folder. */
function gapsOf(path: string): readonly string[] {
  if (path === '') return ['an empty path']
  return path.split('/').includes('..') ? ['the path leads out of its folder'] : []
}
