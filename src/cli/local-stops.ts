import path from 'node:path'
import { userInfo } from 'node:os'
import { createStops, type LastingScope, type StopCounts, type Stopped } from '../access/stops.ts'
import { loadConfig } from '../config/load.ts'
import { scrub } from '../mask/scrub.ts'
import { systemClock } from '../std/clock.ts'
import { openStore } from '../store/open-store.ts'

/** The kill switch by the data folder itself: for an emergency without a login. A running server follows within a second. */
export interface LocalStops {
  /** Undefined where there is no such target, live session or person. */
  order(wanted: Stopped & { readonly reason: string }): Promise<StopCounts | undefined>
  /** False where nothing of that name is stopped. */
  resume(wanted: Stopped<LastingScope> & { readonly reason: string }): Promise<boolean>
  close(): Promise<void>
}

/** Opens the data folder of a configuration file; rejects with a sentence for the operator. */
export type OpenLocalStops = (
  configPath: string,
  env: Readonly<Record<string, string | undefined>>,
) => Promise<LocalStops>

export const openLocalStops: OpenLocalStops = async (configPath, env) => {
  const config = loadConfig(configPath, env)
  const store = await openStore({ path: path.join(config.data, 'countersign.db'), onFailure: () => undefined })
  const stops = createStops({ store: store.stops, clock: systemClock, scrub })
  const actor = { by: `local:${userInfo().username}`, origin: 'local' }
  const names: readonly string[] = [...config.targets.keys()]
  return {
    order(wanted) {
      const isUnknown = wanted.scope === 'target' && !names.includes(wanted.name ?? '')
      return isUnknown ? Promise.resolve(undefined) : stops.order(wanted, actor)
    },
    resume: (wanted) => stops.resume(wanted, actor),
    close: () => store.close(),
  }
}
