import type { FileOperation } from './statement.ts'

/** What an action over SSH can do. Rules match on these; the list is closed, so a new effect is a reviewed change. */
export type ActionEffect =
  | 'file-read' /* the content of a file */
  | 'file-write' /* makes a file, or changes what is in one; redirections too */
  | 'file-delete'
  | 'file-attributes' /* owners, modes, times, access lists */
  | 'listing' /* names, sizes and owners, and nothing of what is in files */
  | 'system-read' /* state of the host that is nobody's secret: processes, disks, uptime, units, versions */
  | 'log-read' /* logs and journals */
  | 'privilege' /* runs as somebody else: sudo, su, doas, setpriv */
  | 'shell' /* opens a shell, or a program from which one can be had without our seeing it */
  | 'code' /* runs text that is no command line: an interpreter's -c, -e or script, eval, source, xargs of unknown text */
  | 'hidden' /* what runs is known only at run time: the command word or the code comes out of an expansion, a decoder or a pipe */
  | 'detached' /* goes on after the session: nohup, setsid, disown, tmux, screen, & */
  | 'schedule' /* runs later: cron, at, systemd timers */
  | 'remote' /* a shell or a program on another host, or in a container: ssh, kubectl exec, docker exec */
  | 'download' /* from the network to the host */
  | 'upload' /* from the host to the network */
  | 'network' /* other use of the network: listening, tunnels, scanning */
  | 'database' /* a client of a database: what it does there passes no rule for SQL */
  | 'service' /* starts, stops or changes services, the host itself included */
  | 'process' /* signals to processes */
  | 'package' /* installs or removes software */
  | 'account' /* users, groups, passwords */
  | 'key' /* keys and certificates, authorized_keys above all */
  | 'firewall'
  | 'disk' /* partitions, file systems, mounts, raw devices */
  | 'kernel' /* modules, parameters, boot */
  | 'audit' /* history, logs and audit: switched off, cut or changed */
  | 'environment' /* changes variables or shell options that alter how later lines run */
  | 'output' /* writes to its own output and nothing else: echo, printf, date */
  | 'unknown-program' /* a program that the shipped table does not know */

/** A file or folder that an action names. */
export interface PathUse {
  /** Absolute and without `.`, `..` or double slashes where it could be told; otherwise as it is written. */
  readonly path: string
  readonly absolute: boolean
  readonly does: 'read' | 'write' | 'delete' | 'attributes' | 'list' | 'run'
}

/** One simple command of a line, wherever in it it stands: in a pipe, a loop, a substitution, behind sudo. */
export interface CommandFacts {
  readonly kind: 'command'
  readonly effects: readonly ActionEffect[]
  /** Last part of the command word: `rm` for `/bin/rm`; undefined where no program runs, or where its name is known only at run time. */
  readonly program: string | undefined
  /** The command word as written. */
  readonly word: string | undefined
  /** Arguments behind the command word, quotes removed; undefined for one that is known only at run time. */
  readonly arguments: readonly (string | undefined)[]
  /** Options among them, one by one: `-r`, `-f` for `-rf`, `--recursive` for `--recursive=always`. */
  readonly options: readonly string[]
  readonly paths: readonly PathUse[]
  /** Programs that run this one: `sudo`, `env`, `xargs`, `timeout`; outermost first. */
  readonly via: readonly string[]
  /** The account that it runs as, where that is another one. */
  readonly account: string | undefined
  /** Programs whose output it reads through a pipe, nearest first. */
  readonly readsFrom: readonly string[]
  /** Programs that read its output through a pipe, nearest first. */
  readonly writesTo: readonly string[]
  readonly background: boolean
  /** False where something was not parsed or not known; `gaps` says what, in words for a person. */
  readonly complete: boolean
  readonly gaps: readonly string[]
  /** Byte offsets [start, end) of this command in the line. */
  readonly span: { readonly start: number; readonly end: number }
}

/** An ordinary interactive shell. */
export interface OpenFacts {
  readonly kind: 'shell'
  readonly effects: readonly ActionEffect[]
  readonly complete: true
  readonly gaps: readonly string[]
}

export interface FileFacts {
  readonly kind: 'file'
  readonly effects: readonly ActionEffect[]
  readonly by: 'sftp' | 'scp' | 'rsync'
  readonly operation: FileOperation
  readonly paths: readonly PathUse[]
  readonly complete: boolean
  readonly gaps: readonly string[]
}

export interface ForwardFacts {
  readonly kind: 'forward'
  readonly effects: readonly ActionEffect[]
  readonly direction: 'local' | 'remote'
  readonly host: string
  readonly port: number
  readonly complete: boolean
  readonly gaps: readonly string[]
}

/** What classification found out about one thing that is done over SSH. */
export type ActionFacts = CommandFacts | OpenFacts | FileFacts | ForwardFacts
