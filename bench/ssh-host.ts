import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { startWebHost, type WebHost } from '../src/cli/demo/web-host.ts'

/** A way to the same host by OpenSSH's client. */
export interface SshRoute {
  readonly name: 'direct' | 'countersign'
  /** Options of ssh, scp and sftp that go before the host. */
  readonly options: readonly string[]
  /** What they call the host. */
  readonly host: string
  readonly env: Readonly<Record<string, string>>
  /** Folder for control sockets. */
  readonly folder: string
  /** The process in the middle; undefined for the direct way. */
  readonly pid: number | undefined
}

/** The real host, and the files that are moved. */
export interface BenchHost {
  readonly host: WebHost
  readonly route: SshRoute
  /** Text without card numbers, of `megabytes`, on the host and here: one machine is both. */
  readonly big: string
  readonly megabytes: number
  /** A folder of the host that may be written. */
  readonly inbox: string
}

const MEGABYTE = 1_000_000

/** Debian's sshd under an ordinary account; undefined, with the reason, where the machine has none. */
export async function openHost(folder: string, megabytes: number): Promise<BenchHost | { readonly missing: string }> {
  const host = await startWebHost(path.join(folder, 'host'))
  if ('missing' in host) return host
  const sockets = path.join(folder, 'direct')
  mkdirSync(sockets, { mode: 0o700 })
  const known = path.join(sockets, 'known_hosts')
  writeFileSync(known, `[127.0.0.1]:${host.port} ${host.hostKey}\n`)
  const options = [...common(known), '-i', host.keyFile, '-o', `User=${host.user}`, '-o', `Port=${host.port}`]
  const route = { name: 'direct', options, host: '127.0.0.1', env: {}, folder: sockets, pid: undefined } as const
  const big = path.join(folder, 'big.log')
  writeLog(big, megabytes)
  return { host, route, big, megabytes, inbox: host.site }
}

/** What both ways have in common: no configuration of this machine, one pinned host key. */
export const common = (knownHosts: string): readonly string[] => [
  ...['-F', 'none', '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'StrictHostKeyChecking=yes'],
  ...['-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none', '-o', 'LogLevel=ERROR'],
]

/** Lines of an application's log: words, times and numbers of every length, so that masking has something to look at. */
function writeLog(file: string, megabytes: number): void {
  const lines = Array.from(
    { length: 12_000 },
    (_, at) =>
      `2026-11-02T09:${String(at % 60).padStart(2, '0')}:17.${String(at % 1000).padStart(3, '0')}Z INFO shop request=${at * 7919} user=${at % 977} answered in ${at % 41} ms\n`,
  )
  const block = Buffer.from(lines.join('')).subarray(0, MEGABYTE)
  const whole = Buffer.alloc(MEGABYTE, '\n')
  block.copy(whole)
  const handle = openSync(file, 'w', 0o644)
  for (let written = 0; written < megabytes; written += 1) writeSync(handle, whole)
  closeSync(handle)
}
