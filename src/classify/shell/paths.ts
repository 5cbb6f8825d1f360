import { ANY, shown } from './wildcards.ts'

/** Where a path leads, as far as that can be told. */
export interface Resolved {
  /** With stand-ins; what places are compared with. */
  readonly pattern: string
  /** The same as people read it. */
  readonly path: string
  readonly absolute: boolean
  /** What could not be told, in words. */
  readonly gap: string | undefined
  /** It climbs out of a folder that may be a link, and so leads above some other one. */
  readonly climbs: boolean
}

/** The folder of an account whose name nobody here knows. */
export const HOME = '~'

/** A folder that is known only at run time. */
export const UNKNOWN = ''

/**
 * A path from each of the folders that the command may run in. One that ends in a slash is what somebody wrote; the others are real folders, out of
 * which `..` leads as it seems to.
 */
export function resolvePath(pattern: string, directories: readonly string[]): readonly Resolved[] {
  if (pattern.startsWith('/') || pattern.startsWith('~')) return [settled(pattern)]
  if (pattern.startsWith(ANY)) return [unknown(pattern)]
  return directories.map((directory) =>
    directory === UNKNOWN ? unknownFolder(pattern) : settled(`${directory}/${pattern}`, sureOf(directory)),
  )
}

const sureOf = (directory: string): number => (directory.endsWith('/') ? 0 : directory.split('/').length - 1)

/** A folder and a relative path as one, for `cd`; undefined where it cannot be told. */
export function resolveDirectory(pattern: string, directory: string): string | undefined {
  const [found] = resolvePath(pattern, [directory])
  return found === undefined || found.gap !== undefined || found.pattern !== found.path ? undefined : found.path
}

/** The first `sure` parts are no links. */
function settled(pattern: string, sure = 0): Resolved {
  const slash = pattern.indexOf('/')
  const root = slash < 0 ? pattern : pattern.slice(0, slash)
  const parts: string[] = []
  let [real, leaves] = [sure, false]
  for (const part of pattern.slice(root.length).split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') {
      parts.push(part)
      continue
    }
    if (parts.length > real) leaves = true
    if (parts.pop() === undefined && root !== '') return outOfHome(pattern)
    real = Math.min(real, parts.length)
  }
  const joined = [root, ...parts].join('/') || '/'
  // `.*` and `.?` find `..` as well, in every version of bash that is older than 5.2.
  const climbs = parts.some((part) => /^\.[\uE001\uE002.]*[\uE001\uE002][\uE001\uE002.]*$/.test(part))
  return {
    pattern: joined,
    path: shown(joined),
    absolute: root === '',
    gap: climbs ? `${shown(joined)} may lead to the folder above` : gapOf(joined),
    climbs: leaves,
  }
}

const gapOf = (pattern: string): string | undefined =>
  pattern.includes(ANY) ? `a path is known only at run time: ${shown(pattern)}` : undefined

const outOfHome = (pattern: string): Resolved => ({
  pattern: ANY,
  path: shown(pattern),
  absolute: false,
  gap: `${shown(pattern)} leads out of a home folder whose place is not known`,
  climbs: false,
})

const unknown = (pattern: string): Resolved => ({
  pattern,
  path: shown(pattern),
  absolute: false,
  gap: 'a path is known only at run time',
  climbs: false,
})

const unknownFolder = (pattern: string): Resolved => ({
  pattern: `${ANY}/${pattern}`,
  path: shown(pattern),
  absolute: false,
  gap: `the folder of ${shown(pattern)} is known only at run time`,
  climbs: false,
})
