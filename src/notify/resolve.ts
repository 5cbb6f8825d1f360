import { lookup } from 'node:dns/promises'

/** All addresses of a host name. Rejects where nobody knows any. */
export type Resolve = (host: string) => Promise<readonly string[]>

/**
 * Lookups under way at once. The system's resolver keeps a thread of Node's pool until it answers or gives up, however soon its asker has; passwords are checked
 * and files read on the same four, so that a name server that hangs must not have them all.
 */
const AT_ONCE = 2

/** Lookups for all channels of a node, a host once at a time. */
export function createResolve(ask: Resolve = bySystem): Resolve {
  const underWay = new Map<string, Promise<readonly string[]>>()
  const waiting: (() => void)[] = []
  let free = AT_ONCE
  const enter = (): Promise<void> => {
    if (free === 0) return new Promise((resolve) => waiting.push(resolve))
    free -= 1
    return Promise.resolve()
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
  return (host) => {
    const known = underWay.get(host)
    if (known !== undefined) return known
    const asked = enter()
      .then(() => ask(host))
      .finally(() => {
        underWay.delete(host)
        leave()
      })
    underWay.set(host, asked)
    return asked
  }
}

/** One lookup by the system's resolver. */
export const bySystem: Resolve = async (host) =>
  (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address)
