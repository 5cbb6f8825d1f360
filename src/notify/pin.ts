import { isIP } from 'node:net'
import type { Sent } from './channel.ts'
import { addressProblem, hostProblem } from './reach.ts'
import type { Destination, Reach } from './reach.ts'
import { bySystem, type Resolve } from './resolve.ts'

export interface PinDeps {
  readonly reach: Reach
  /** Shared by all channels of a node (`createResolve`). */
  readonly resolve?: Resolve | undefined
}

/** The address to connect to, or why there is none. */
export type Pinned = { readonly address: string } | { readonly sent: Sent }

/**
 * Looks a host up once and checks every address: a name that answers with one good and one bad address is bad. Whoever connects takes the address that comes back,
 * so that a second answer of the name server changes nothing (rebinding). Rejects where the lookup fails or the signal fires.
 */
export async function pin(
  destination: Destination,
  { reach, resolve = bySystem }: PinDeps,
  signal: AbortSignal,
): Promise<Pinned> {
  const { host } = destination
  const unlisted = hostProblem(destination, reach)
  if (unlisted !== undefined) return { sent: { outcome: 'refused', reason: unlisted } }
  const addresses = isIP(host) === 0 ? await orAborted(resolve(host), signal) : [host]
  const problem = addresses.map((one) => addressProblem(one, destination, reach)).find((found) => found !== undefined)
  if (problem !== undefined) return { sent: { outcome: 'refused', reason: problem } }
  const [address] = addresses
  return address === undefined ? { sent: { outcome: 'later', reason: 'the name has no address' } } : { address }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
    promise.then(resolve, reject)
  })
}
