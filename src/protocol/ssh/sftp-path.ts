/** A name in a folder. The folder may be written in any way; the name is one. */
export interface PathEntry {
  readonly parent: string
  readonly name: string
}

/** Parts a path into the folder and the last name, as the target's kernel does; undefined where the last part is no name (`/`, `.`, `..`, nothing). */
export function entryOf(path: string): PathEntry | undefined {
  const bare = withoutEnd(path)
  const cut = bare.lastIndexOf('/')
  const name = bare.slice(cut + 1)
  if (name === '' || name === '.' || name === '..') return undefined
  if (cut < 0) return { parent: '.', name }
  return { parent: withoutEnd(bare.slice(0, cut)) || '/', name }
}

function withoutEnd(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end--
  return path.slice(0, end)
}

/** The path of a name in a folder. */
export const within = (folder: string, name: string): string =>
  folder.endsWith('/') ? folder + name : `${folder}/${name}`

/** `path` as seen from `folder`, without `.`, `..` and empty parts. Symbolic links are not its business. */
export function lexical(folder: string, path: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : within(folder, path)).split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Absolute, and nothing in it that a kernel would still have to resolve but links. */
export const isPlainPath = (path: string): boolean => path === lexical('/', path)
