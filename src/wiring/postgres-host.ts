import type { Config } from '../config/load.ts'
import { reachedHost } from './reached-host.ts'

/** The host that a DSN names. */
export const postgresHost = ({ listen, publicUrl }: Pick<Config, 'listen' | 'publicUrl'>): string =>
  reachedHost(listen.postgres.host, publicUrl)
