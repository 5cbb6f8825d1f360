import { createServer } from 'node:net'
import { RefusedError } from '../command.ts'

/** So many ports after the first are tried: a few demos side by side. */
const TRIES = 20

/** The first loopback port from `wanted` on that nobody listens on. */
export async function portFrom(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + TRIES; port += 1) if (await isFree(port)) return port
  throw new RefusedError(`every port from ${wanted} to ${wanted + TRIES - 1} on 127.0.0.1 is taken`)
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
