import type { Config } from '../config/load.ts'
import { reachedHost } from './reached-host.ts'

/** The host that a DSN names; undefined where no target speaks the protocol. */
export const postgresHost = ({ listen, publicUrl }: Pick<Config, 'listen' | 'publicUrl'>): string | undefined =>
  listen.postgres === undefined ? undefined : reachedHost(listen.postgres.host, publicUrl)
