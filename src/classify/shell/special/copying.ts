import { applyRow } from '../apply.ts'
import { hasOption, parseArguments, valuesOf, type Parsed } from '../arguments.ts'
import type { Call } from '../scope.ts'
import { BELOW, RUN } from '../wildcards.ts'
import { literal, type Argument } from '../words.ts'
import { named } from './named.ts'

/** How files are copied, moved or linked. */
interface Manner {
  /** A copy of a folder writes whatever is in it; a folder that is moved arrives as a whole as well. */
  readonly isWhole: boolean
  /** What was there is kept under a longer name. */
  readonly keeps: boolean
  /** The source can be written to by a second name from then on. */
  readonly links: boolean
}

const mannerOf = (name: string, parsed: Parsed): Manner => ({
  isWhole: name === 'mv' || hasOption(parsed, '-r -R -a --recursive --archive --parents'),
  keeps: hasOption(parsed, '-b -S --backup --suffix'),
  links: name === 'ln' || (name === 'cp' && hasOption(parsed, '-s -l --symbolic-link --link')),
})

/** The last operand is where the others go: a name, or a folder in which they keep theirs. */
function copy(call: Call): void {
  const { draft, line, name, row } = call
  const parsed = applyRow({ ...call, row: { ...row, operands: [] } })
  const manner = mannerOf(name, parsed)
  const folders = valuesOf(parsed, '-t --target-directory').filter((arg) => arg !== undefined)
  if (name === 'install' && hasOption(parsed, '-d --directory')) {
    for (const folder of parsed.operands) draft.useArgument(folder, 'write', line.directories)
    return
  }
  const { operands } = parsed
  // ln with a single name makes a link of that name here.
  const here = folders.length > 0 || (name === 'ln' && operands.length === 1)
  const last = operands.at(-1)
  const targets = folders.length > 0 ? folders : here || last === undefined ? [literal('.', NOWHERE)] : [last]
  for (const source of here ? operands : operands.slice(0, -1)) {
    fromSource(call, source, manner)
    for (const to of targets) into(call, { source, to, manner })
  }
}

const NOWHERE = { start: 0, end: 0 }

/** What becomes of the source itself: read, moved away, or reachable under a second name from then on. */
function fromSource({ draft, line, name }: Call, source: Argument, { links, isWhole }: Manner): void {
  if (!links) {
    draft.useArgument(source, name === 'mv' ? 'delete' : 'read', line.directories)
    if (isWhole) for (const pattern of source.patterns) draft.usePath(below(pattern), 'read', line.directories)
    return
  }
  // What a link leads to can be written through it, and a relative one starts where the link is.
  if (source.patterns.some((pattern) => pattern.includes('..')))
    draft.gap(`where the link to ${source.written} leads depends on where it is`)
  draft.useArgument(source, 'write', line.directories)
  for (const pattern of source.patterns)
    draft.usePath(`${pattern.replace(/\/+$/, '')}/${BELOW}`, 'write', line.directories)
}

interface Copied {
  readonly source: Argument
  readonly to: Argument
  readonly manner: Manner
}

function into({ draft, line }: Call, { source, to, manner }: Copied): void {
  const base = lastPart(source)
  const isWhole = manner.isWhole || source.written.endsWith('/.')
  for (const target of to.patterns) {
    const folder = target.replace(/\/+$/, '')
    const more = [...(isWhole ? [`${folder}/${BELOW}`] : []), ...(manner.keeps ? kept(folder, base) : [])]
    for (const path of [target, `${folder}/${base}`, ...more]) draft.usePath(path, 'write', line.directories)
  }
}

/** Names under which what was there may be kept. */
const kept = (folder: string, base: string): readonly string[] => [
  `${folder}/${base}${RUN}`,
  ...(/[^~./]$/.test(folder) ? [folder + RUN] : []),
]

const lastPart = ({ patterns }: Argument): string => {
  const path = (patterns[0] ?? '').replace(/\/+$/, '')
  const base = path.slice(path.lastIndexOf('/') + 1)
  return base === '..' || base === '.' || base === '' || patterns.length > 1 ? BELOW : base
}

/** if= and of=, which are no options. */
function dd({ args, draft, line }: Call): void {
  draft.add(['output'])
  for (const arg of args) {
    const [pattern] = arg.patterns
    const named = /^(if|of)=(.*)$/s.exec(pattern ?? '')
    if (named !== null)
      draft.useArgument({ ...arg, patterns: [named[2] ?? ''] }, named[1] === 'if' ? 'read' : 'write', line.directories)
    else if (arg.text === undefined) draft.gap(`${arg.written} is known only at run time and may name a file`)
  }
}

const OLD_STYLE = /^[a-zA-Z]+$/

/** tar takes its first word as options, with a dash or without. */
function tar(call: Call): void {
  const { args, row } = call
  const [first] = args
  const oldStyle = first?.text !== undefined && OLD_STYLE.test(first.text)
  const dashed = oldStyle ? separated(args) : args
  const own = { ...row, takes: `${row.takes ?? ''} -f --file`, operands: [] }
  const parsed = applyRow({ ...call, args: dashed, row: own })
  const [makes, lists] = [
    hasOption(parsed, '-c --create -r --append -u --update -A --delete'),
    hasOption(parsed, '-t --list'),
  ]
  for (const archive of valuesOf(parsed, '-f --file'))
    if (archive !== undefined && archive.text !== '-') tarArchive(call, archive, makes)
  const folders = valuesOf(parsed, '-C --directory').filter((folder) => folder !== undefined)
  const does = hasOption(parsed, '--remove-files') ? 'delete' : 'read'
  if (makes) for (const file of parsed.operands) packed(call, { file, folders, does })
  if (makes && hasOption(parsed, '-T --files-from')) call.draft.gap('the names of the files stand in another one')
  if (makes || lists || hasOption(parsed, '-O --to-stdout')) return
  call.draft.gap('names inside the archive decide what is written')
  // Names inside the archive decide what is written where.
  for (const folder of folders.length > 0 ? folders : [literal('.', NOWHERE)]) extract(call, folder)
}

/** A file goes into an archive from where tar stands, or from the folders that it was told to go to. */
function packed({ draft, line }: Call, { file, folders, does }: Packed): void {
  for (const pattern of file.patterns) {
    const elsewhere = pattern.startsWith('/') ? [] : folders.map(({ patterns }) => `${patterns[0] ?? ''}/${pattern}`)
    for (const path of [pattern, ...elsewhere])
      for (const each of [path, below(path)]) draft.usePath(each, does, line.directories)
  }
}

interface Packed {
  readonly file: Argument
  readonly folders: readonly Argument[]
  readonly does: 'read' | 'delete'
}

const below = (path: string): string => `${path.replace(/\/+$/, '')}/${BELOW}`

/** host:file is a file on another host. */
function tarArchive({ draft, line }: Call, archive: Argument, makes: boolean): void {
  if (archive.text === undefined || /^[^/]+:/.test(archive.text)) draft.add(['remote', 'network', 'code'])
  draft.useArgument(archive, makes ? 'write' : 'read', line.directories)
}

function extract({ draft, line }: Call, folder: Argument): void {
  for (const pattern of folder.patterns)
    draft.usePath(`${pattern.replace(/\/$/, '')}/${BELOW}`, 'write', line.directories)
}

/** `xzf a.tar` as `-x -z -f a.tar`: letters first, then their values in the same order. */
function separated([first, ...rest]: readonly Argument[]): readonly Argument[] {
  if (first?.text === undefined) return rest
  const values = [...rest]
  const letters = Array.from(first.text).flatMap((letter) => {
    const option = literal(`-${letter}`, first)
    const value = /[bCfFgHIKLNTVX]/.test(letter) ? values.shift() : undefined
    return value === undefined ? [option] : [option, value]
  })
  return [...letters, ...values]
}

/** gzip and its kin replace files, unless they are told to write to their output. */
function compress(call: Call): void {
  const parsed = parseArguments(call.args, call.row, { operands: undefined })
  const shows = hasOption(parsed, '-c --stdout --to-stdout -l --list -t --test')
  applyRow({ ...call, row: { ...call.row, operands: shows ? ['read'] : ['write'] } })
  if (shows) return
  if (hasOption(parsed, '-S --suffix')) call.draft.gap('with a suffix of its own any name may be written')
  // Packed and unpacked, a file changes the end of its name.
  for (const { patterns } of parsed.operands)
    for (const pattern of patterns)
      for (const name of [pattern + RUN, pattern.replace(/\.[^./]*$/, '')])
        call.draft.usePath(name, 'write', call.line.directories)
}

/** unzip lists, prints, or writes names that the archive decides. */
function unzip(call: Call): void {
  const parsed = parseArguments(call.args, call.row, { operands: undefined })
  const shows = hasOption(parsed, '-l -v -t -p -Z -c')
  const target = valuesOf(parsed, '-d')[0] ?? literal('.', NOWHERE)
  applyRow({ ...call, row: { ...call.row, effects: shows ? ['output'] : ['file-write'] } })
  if (shows) return
  call.draft.gap('names inside the archive decide what is written')
  extract(call, target)
}

/** Parts of a split go to names that begin like the last operand. */
function split(call: Call): void {
  const parsed = applyRow({ ...call, row: { ...call.row, operands: ['read', 'text'] } })
  const prefix = parsed.operands[1]?.patterns[0] ?? valuesOf(parsed, '-f --prefix')[0]?.patterns[0] ?? 'x'
  call.draft.usePath(prefix + RUN, 'write', call.line.directories)
}

/** Every X of the template becomes something else. */
function mktemp(call: Call): void {
  const parsed = applyRow({ ...call, row: { ...call.row, operands: ['text'] } })
  for (const { patterns } of parsed.operands)
    for (const pattern of patterns) call.draft.usePath(pattern.replace(/X+/, RUN), 'write', call.line.directories)
}

export const COPYING = {
  ...named('split csplit', split),
  mktemp,
  ...named('cp mv ln install', copy),
  dd,
  tar,
  unzip,
  ...named('gzip bzip2 xz lzma zstd lz4 compress gunzip bunzip2 unxz unlzma unzstd uncompress', compress),
}
