import type { FileOperation, FileStatement } from '../../model/statement.ts'
import { plainWords } from './plain-words.ts'

/** Which way content goes, as the client sees it. */
export type TransferDirection = 'download' | 'upload'

/** A command line that a transfer program sends, understood to its last word. */
export type TransferCommand =
  | ({ readonly by: 'scp'; readonly recursive: boolean } & Moves)
  | ({ readonly by: 'rsync' } & Moves)
  /** The file transfer protocol over `exec`. */
  | { readonly by: 'sftp' }
  | { readonly by: 'git'; readonly direction: TransferDirection; readonly path: string }

interface Moves {
  readonly direction: TransferDirection
  /** As written, quotes removed; at least one. */
  readonly paths: readonly string[]
  /** Whether it also removes what the other side does not have, or what was sent. */
  readonly removes: boolean
}

/**
 * Recognises the far side of scp, rsync, sftp and git in a command line as these programs send it. Undefined for anything else: another program, an option that is
 * not in the table, and every character that a shell could read as more than itself.
 */
export function transferCommand(text: string): TransferCommand | undefined {
  return transferOf(plainWords(text) ?? [])
}

/** The same of words that a shell has taken apart. */
export function transferOf([word, ...rest]: readonly string[]): TransferCommand | undefined {
  if (word === undefined) return undefined
  const cut = word.lastIndexOf('/') + 1
  return FOLDERS.has(word.slice(0, cut)) ? PROGRAMS.get(word.slice(cut))?.(rest) : undefined
}

/** Where systems keep these programs. In another folder lies somebody else's program of the same name. */
const FOLDERS: ReadonlySet<string> = new Set([
  '',
  '/bin/',
  '/usr/bin/',
  '/usr/local/bin/',
  '/usr/lib/',
  '/usr/lib/openssh/',
  '/usr/lib/ssh/',
  '/usr/lib/git-core/',
  '/usr/libexec/',
  '/usr/libexec/openssh/',
  '/usr/libexec/git-core/',
])

/**
 * What a recognised transfer does to files, for rules; nothing where each request is judged by itself, or where the program's own name says it all. `directory` is
 * where it runs; undefined: the account's home folder.
 */
export function transferStatements(transfer: TransferCommand, directory: string | undefined): readonly FileStatement[] {
  if (transfer.by !== 'scp' && transfer.by !== 'rsync') return []
  const { by, direction, paths, removes } = transfer
  const operations: readonly FileOperation[] = [direction === 'download' ? 'read' : 'write', ...(removes ? REMOVE : [])]
  return paths.flatMap((written) => {
    const path = placed(written, directory ?? '~')
    return operations.map((operation) => ({ kind: 'file', by, operation, path, to: undefined, resolved: false }))
  })
}

const REMOVE = ['remove'] as const

function placed(path: string, directory: string): string {
  const bare = path.replace(/(?<=[^/])\/+$/, '')
  if (bare.startsWith('/') || bare === '~' || bare.startsWith('~/')) return bare
  return bare === '.' ? directory : `${directory === '/' ? '' : directory}/${bare}`
}

type Recognise = (words: readonly string[]) => TransferCommand | undefined

const PROGRAMS: ReadonlyMap<string, Recognise> = new Map<string, Recognise>([
  ['scp', scp],
  ['rsync', rsync],
  ['sftp-server', sftpServer],
  ['internal-sftp', sftpServer],
  ['git-upload-pack', (words) => git(words, 'download')],
  ['git-upload-archive', (words) => git(words, 'download')],
  ['git-receive-pack', (words) => git(words, 'upload')],
  ['git', gitWord],
])

/** `scp [-v] [-r] [-p] [-d] -t|-f [--] path`, OpenSSH's scp.c. */
function scp(words: readonly string[]): TransferCommand | undefined {
  const { options, paths } = split(words)
  if (paths.length === 0 || options.some((option) => !/^-[vrpdtfq]+$/.test(option))) return undefined
  const letters = new Set(options.join('').replaceAll('-', ''))
  if (letters.has('t') === letters.has('f')) return undefined
  const direction = letters.has('f') ? 'download' : 'upload'
  if (direction === 'upload' && paths.length !== 1) return undefined
  return { by: 'scp', direction, paths, recursive: letters.has('r'), removes: false }
}

interface Split {
  readonly options: readonly string[]
  readonly paths: readonly string[]
}

/** Options up to the first word that is none, or to `--`. */
function split(words: readonly string[]): Split {
  const end = words.findIndex((word) => !word.startsWith('-') || word === '-' || word === '--')
  if (end < 0) return { options: words, paths: [] }
  return { options: words.slice(0, end), paths: words.slice(words[end] === '--' ? end + 1 : end) }
}

/** The letters that rsync's client packs together, and behind `e` what it can do. `s` is missing: with it, paths come over the connection. */
const RSYNC_LETTERS = /^-[vqnubLklHWoptgDAXrdRSxzcOJKEIyNUmi]*(?:e[0-9]*\.[0-9]*[A-Za-z]*)?$/

/** Long options that name no further path and make nothing run. */
const RSYNC_OPTIONS =
  /^--(?:server|sender|numeric-ids|ignore-existing|existing|size-only|checksum|partial|inplace|append|append-verify|safe-links|copy-unsafe-links|no-implied-dirs|prune-empty-dirs|force|ignore-errors|fuzzy|delay-updates|stats|progress|itemize-changes|new-compress|old-compress|no-r|no-D|no-perms|no-times|timeout=[0-9]+|contimeout=[0-9]+|bwlimit=[0-9.]+[A-Za-z]*|block-size=[0-9]+|compress-level=[0-9]+|compress-choice=[a-z0-9]+|checksum-choice=[a-z0-9,]+|checksum-seed=[0-9]+|max-size=[0-9.]+[A-Za-z]*|min-size=[0-9.]+[A-Za-z]*|modify-window=[0-9]+|log-format=[%A-Za-z]*|out-format=[%A-Za-z]*|skip-compress=[A-Za-z0-9/]*|(?:delete|delete-(?:before|during|delay|after|excluded|missing-args))|max-delete=[0-9]+|remove-source-files|remove-sent-files)$/
const RSYNC_REMOVES = /^--(?:delete|remove-)/

/** `rsync --server [--sender] options . path…`, rsync's options.c. */
function rsync(words: readonly string[]): TransferCommand | undefined {
  const { options, paths } = split(words)
  if (options[0] !== '--server' || paths[0] !== '.' || paths.length < 2) return undefined
  if (!options.every((option) => RSYNC_LETTERS.test(option) || RSYNC_OPTIONS.test(option))) return undefined
  const isSender = options.includes('--sender')
  const removes = options.some((option) => RSYNC_REMOVES.test(option))
  if (!isSender && paths.length !== 2) return undefined
  return { by: 'rsync', direction: isSender ? 'download' : 'upload', paths: paths.slice(1), removes }
}

/** Options that change neither what is read nor what is written: error output, read-only, levels of its log, and the mask of new files. */
const SERVER_FLAGS = /^-[eR]+$/
const SERVER_VALUES: Readonly<Record<string, RegExp>> = {
  '-l': /^[A-Z0-9]+$/,
  '-f': /^[A-Z0-9]+$/,
  '-u': /^[0-7]{1,4}$/,
}

function sftpServer(words: readonly string[]): TransferCommand | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (SERVER_FLAGS.test(word)) continue
    const value = SERVER_VALUES[word]
    at += 1
    if (value?.test(words[at] ?? '') !== true) return undefined
  }
  return { by: 'sftp' }
}

/** `git upload-pack`, as it is sent where the other form is not found. */
function gitWord([command, ...words]: readonly string[]): TransferCommand | undefined {
  const whole = command === undefined ? undefined : PROGRAMS.get(`git-${command}`)
  return whole?.(words)
}

function git(words: readonly string[], direction: TransferDirection): TransferCommand | undefined {
  const paths =
    words[0] === '--' ? words.slice(1) : words.filter((word) => word !== '--strict' && word !== '--no-strict')
  const [path] = paths
  if (path === undefined || paths.length !== 1 || (path.startsWith('-') && words[0] !== '--')) return undefined
  return { by: 'git', direction, path }
}
