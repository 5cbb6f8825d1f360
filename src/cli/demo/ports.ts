import { createServer } from 'node:net'
import { RefusedError } from '../command.ts'

/** So many ports after the first are tried: a few demos side by side. */
const TRIES = 20

/** The first port from `wanted` on that nobody listens on at `host`. */
export async function portFrom(wanted: number, host = '127.0.0.1'): Promise<number> {
  for (let port = wanted; port < wanted + TRIES; port += 1) if (await isFree(port, host)) return port
  throw new RefusedError(`every port from ${wanted} to ${wanted + TRIES - 1} on ${host} is taken`)
}

function isFree(port: number, host: string): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}
