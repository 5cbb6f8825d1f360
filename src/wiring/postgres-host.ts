import type { Config } from '../config/load.ts'

const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** The host that a DSN names: a listener on every address is reached by the name that links use, without the brackets of an IPv6 address. */
export function postgresHost({ listen, publicUrl }: Pick<Config, 'listen' | 'publicUrl'>): string {
  const { host } = listen.postgres
  return EVERY_ADDRESS.has(host) ? new URL(publicUrl).hostname.replace(/^\[|\]$/g, '') : host
}
