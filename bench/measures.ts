import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { runPgbench, type QueryMode } from './pgbench.ts'
import { connectOver, hangUp, readMillion } from './reading.ts'
import type { Route, RouteName } from './route.ts'
import { cpuMicros, residentBytes, watchPeak } from './usage.ts'

/** One number measured over one route in one round. */
export interface Sample {
  readonly measure: string
  readonly unit: string
  readonly round: number
  readonly route: RouteName
  readonly value: number
}

type Found = Pick<Sample, 'measure' | 'unit' | 'value'>

/** Something to be measured over each route in turn. */
export type Measure = (route: Route) => Promise<readonly Found[]>

/** Rate of short queries, the middle's CPU for each, and for one client the median time of one. */
export const queries =
  (mode: QueryMode, clients: number, seconds: number): Measure =>
  async (route) => {
    const name = `select ${mode} ${clients}`
    const before = route.pid === undefined ? 0 : cpuMicros(route.pid)
    const { transactions, perSecond, medianMs } = await runPgbench(route, { mode, clients, seconds })
    const found: Found[] = [{ measure: name, unit: 'queries/s', value: perSecond }]
    if (medianMs !== undefined) found.push({ measure: `${name}: median time`, unit: 'ms', value: medianMs })
    if (route.pid !== undefined) {
      const micros = (cpuMicros(route.pid) - before) / transactions
      found.push({ measure: `${name}: CPU of the middle`, unit: 'us/query', value: micros })
    }
    return found
  }

/** Connections made, used for one query and closed. */
export const connections =
  (seconds: number): Measure =>
  async (route) => {
    const { perSecond } = await runPgbench(route, { mode: 'simple', clients: 4, seconds, reconnect: true })
    return [{ measure: 'connect, select, close', unit: 'connections/s', value: perSecond }]
  }

/** A million rows through the route, and how much the middle's memory grew meanwhile. */
export const million =
  (measure: string, text: string): Measure =>
  async (route) => {
    const before = route.pid === undefined ? 0 : residentBytes(route.pid)
    const peak = route.pid === undefined ? undefined : watchPeak(route.pid)
    const cpu = route.pid === undefined ? 0 : cpuMicros(route.pid)
    const { seconds } = await readMillion(route, text)
    const found: Found[] = [{ measure, unit: 'krows/s', value: 1000 / seconds }]
    if (peak === undefined || route.pid === undefined) return found
    const grown = (peak.stop() - before) / 2 ** 20
    const micros = (cpuMicros(route.pid) - cpu) / 1e6
    return [
      ...found,
      { measure: `${measure}: growth of the middle's memory`, unit: 'MiB', value: grown },
      { measure: `${measure}: CPU of the middle`, unit: 'us/row', value: micros },
    ]
  }

/** What the middle keeps for a client that is connected and says nothing. */
export const idleMemory =
  (clients: number): Measure =>
  async (route) => {
    if (route.pid === undefined) return []
    const before = residentBytes(route.pid)
    const sockets: Socket[] = []
    try {
      for (let at = 0; at < clients; at += 10)
        sockets.push(...(await Promise.all(Array.from({ length: 10 }, () => connectOver(route)))))
      await pause(500)
      const each = (residentBytes(route.pid) - before) / clients / 1024
      return [{ measure: `memory of an idle connection (of ${clients})`, unit: 'KiB', value: each }]
    } finally {
      await Promise.all(sockets.map(hangUp))
    }
  }
