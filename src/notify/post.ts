import { request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { Sent } from './channel.ts'
import { pin } from './pin.ts'
import type { PinDeps } from './pin.ts'
import { destinationOf, urlProblem } from './reach.ts'

export interface PostDeps extends PinDeps {
  readonly url: URL
  /** Time for everything from name lookup to the status line, in milliseconds. */
  readonly timeoutMs?: number | undefined
  /** Further trusted certificates, PEM. */
  readonly ca?: string | undefined
}

const TIMEOUT = 10_000
/** Statuses that say "come again": timeout, too early, too many requests. */
const COME_AGAIN = new Set([408, 425, 429])

/**
 * Posts JSON to one place. The connection goes to the address that was checked; redirects are not followed, no proxy of the environment is used, and the answer's
 * body is never read.
 *
 * @throws RangeError where the URL itself may not be posted to
 */
export function createPost(deps: PostDeps): (body: string, headers: Readonly<Record<string, string>>) => Promise<Sent> {
  const problem = urlProblem(deps.url, deps.reach)
  if (problem !== undefined) throw new RangeError(problem)
  return async (body, headers) => {
    const signal = AbortSignal.timeout(deps.timeoutMs ?? TIMEOUT)
    try {
      const pinned = await pin(destinationOf(deps.url), deps, signal)
      if ('sent' in pinned) return pinned.sent
      return verdictOf(await post({ body, headers, address: pinned.address, signal }, deps))
    } catch {
      // What exactly failed may quote the receiver; the operator gets our word for it.
      return { outcome: 'later', reason: signal.aborted ? 'no answer in time' : 'could not connect' }
    }
  }
}

interface Posting {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly address: string
  readonly signal: AbortSignal
}

function post({ body, headers, address, signal }: Posting, { url, ca }: PostDeps): Promise<number> {
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage): void => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    }
    const own = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'User-Agent': 'countersign',
    }
    const lookup = lookupOf(address)
    const options: RequestOptions = { method: 'POST', agent: false, signal, lookup, headers: { ...own, ...headers } }
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...(ca === undefined ? {} : { ca }) }, answered)
        : httpRequest(url, options, answered)
    request.on('error', reject)
    request.end(body)
  })
}

/** Answers every lookup with the checked address. */
function lookupOf(address: string): NonNullable<RequestOptions['lookup']> {
  const family = isIP(address)
  return (_host, options, callback) => {
    if (options.all === true) callback(null, [{ address, family }])
    else callback(null, address, family)
  }
}

function verdictOf(status: number): Sent {
  if (status >= 200 && status < 300) return { outcome: 'delivered' }
  if (status >= 500 || COME_AGAIN.has(status)) return { outcome: 'later', reason: `status ${status}` }
  return {
    outcome: 'refused',
    reason: status >= 300 && status < 400 ? `status ${status}: redirects are not followed` : `status ${status}`,
  }
}
