import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { output } from './child.ts'
import type { Route } from './route.ts'
import { median } from './statistics.ts'

/** Debian keeps it out of PATH. */
export const PGBENCH = ['/usr/lib/postgresql/15/bin/pgbench'].find((file) => existsSync(file)) ?? 'pgbench'

export type QueryMode = 'simple' | 'prepared'

export interface Load {
  readonly mode: QueryMode
  readonly clients: number
  readonly seconds: number
  /** A new connection for each transaction. */
  readonly reconnect?: boolean
}

export interface Rate {
  readonly transactions: number
  readonly perSecond: number
  /** Median time of one transaction in milliseconds; only for one client, as writing it down costs time. */
  readonly medianMs: number | undefined
}

/** pgbench's select-only script over one route. Throws where pgbench fails or a transaction does. */
export async function runPgbench(route: Route, load: Load): Promise<Rate> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-pgbench-'))
  try {
    const timed = load.clients === 1 && load.reconnect !== true
    const log = timed ? ['-l', `--log-prefix=${path.join(folder, 'times')}`] : []
    const text = await output(PGBENCH, [...argumentsOf(route, load), ...log], environmentOf(route))
    return { ...rateOf(text), medianMs: timed ? medianOf(folder) : undefined }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function argumentsOf({ port, user, database }: Route, { mode, clients, seconds, reconnect }: Load): string[] {
  const work = [
    '-n',
    '-S',
    '-M',
    mode,
    '-c',
    String(clients),
    '-j',
    String(Math.min(clients, 2)),
    '-T',
    String(seconds),
  ]
  return [...work, ...(reconnect === true ? ['-C'] : []), '-h', '127.0.0.1', '-p', String(port), '-U', user, database]
}

const environmentOf = ({ password }: Route) => ({ PGPASSWORD: password.reveal(), PGSSLMODE: 'disable' })

function rateOf(text: string): Pick<Rate, 'transactions' | 'perSecond'> {
  const transactions = /^number of transactions actually processed: (\d+)/m.exec(text)?.[1]
  const failed = /^number of failed transactions: (\d+)/m.exec(text)?.[1]
  const perSecond = /^tps = ([\d.]+)/m.exec(text)?.[1]
  if (transactions === undefined || perSecond === undefined || (failed ?? '0') !== '0')
    throw new Error(`pgbench said:\n${text}`)
  return { transactions: Number(transactions), perSecond: Number(perSecond) }
}

/** The third word of each line is the time of a transaction in microseconds. */
function medianOf(folder: string): number {
  const lines = readdirSync(folder).flatMap((name) =>
    readFileSync(path.join(folder, name), 'utf8').trimEnd().split('\n'),
  )
  return median(lines.map((line) => Number(line.split(' ')[2]))) / 1000
}
