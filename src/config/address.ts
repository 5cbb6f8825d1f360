import { isIP } from 'node:net'

/** Where to listen or to connect. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** `host:port` or `[v6]:port`; undefined for anything else. Port 0 lets the system choose, which only a listener may. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3] ?? Number.NaN)
  if (host === undefined || !(port <= 65_535)) return undefined
  if (match?.[1] !== undefined && isIP(host) !== 6) return undefined
  return { host, port }
}

/** `host:port`, with brackets around an IPv6 address. */
export const printAddress = ({ host, port }: Address): string =>
  isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`

/** Whether packets to this host never leave the machine. A name other than `localhost` is not trusted to stay here. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (bare === 'localhost') return true
  if (isIP(bare) === 4) return bare.startsWith('127.')
  return isIP(bare) === 6 && new URL(`http://[${bare}]`).hostname === '[::1]'
}
