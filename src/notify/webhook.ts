import { lookup as systemLookup } from 'node:dns/promises'
import { request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { Clock } from '../std/clock.ts'
import type { Secret } from '../std/secret.ts'
import type { Channel, Letter, Sent } from './channel.ts'
import { addressProblem, urlProblem } from './reach.ts'
import type { Reach } from './reach.ts'
import { sign } from './signature.ts'

export interface WebhookDeps {
  readonly name: string
  readonly url: URL
  readonly secret: Secret
  readonly reach: Reach
  readonly clock: Clock
  /** All addresses of a host name; the system's resolver unless a test says otherwise. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
  /** Time for everything from name lookup to the status line, in milliseconds. */
  readonly timeoutMs?: number
  /** Further trusted certificates, PEM. */
  readonly ca?: string
}

const TIMEOUT = 10_000
/** Statuses that say "come again": timeout, too early, too many requests. */
const COME_AGAIN = new Set([408, 425, 429])

/**
 * A channel that posts signed JSON. The host is resolved once a delivery, every address is checked, and the connection goes to the address that
 * was checked; redirects are not followed and no proxy of the environment is used.
 *
 * @throws RangeError where the URL itself may not be a webhook
 */
export function createWebhook(deps: WebhookDeps): Channel {
  const problem = urlProblem(deps.url, deps.reach)
  if (problem !== undefined) throw new RangeError(problem)
  return { name: deps.name, send: (letter) => send(letter, deps) }
}

async function send(letter: Letter, deps: WebhookDeps): Promise<Sent> {
  const signal = AbortSignal.timeout(deps.timeoutMs ?? TIMEOUT)
  try {
    const address = await pinned(deps, signal)
    return typeof address === 'string' ? verdictOf(await post(letter, { address, signal, deps })) : address
  } catch {
    // What exactly failed may quote the receiver; the operator gets our word for it.
    return { outcome: 'later', reason: signal.aborted ? 'no answer in time' : 'could not connect' }
  }
}

/** The first address, provided that all of them may be reached: a name that answers with one good and one bad address is bad. */
async function pinned(
  { url, reach, resolve = resolveBySystem }: WebhookDeps,
  signal: AbortSignal,
): Promise<string | Sent> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await orAborted(resolve(host), signal) : [host]
  const problem = addresses.map((address) => addressProblem(address, url, reach)).find((one) => one !== undefined)
  if (problem !== undefined) return { outcome: 'refused', reason: problem }
  return addresses[0] ?? { outcome: 'later', reason: 'the name has no address' }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
    promise.then(resolve, reject)
  })
}

const resolveBySystem = async (host: string): Promise<readonly string[]> =>
  (await systemLookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address)

interface Delivery {
  readonly address: string
  readonly signal: AbortSignal
  readonly deps: WebhookDeps
}

/** The status of the answer; its body is never read. */
function post(letter: Letter, { address, signal, deps }: Delivery): Promise<number> {
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage): void => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    }
    const options: RequestOptions = {
      method: 'POST',
      agent: false,
      signal,
      lookup: lookupOf(address),
      headers: headersOf(letter, deps),
    }
    const { url, ca } = deps
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...(ca === undefined ? {} : { ca }) }, answered)
        : httpRequest(url, options, answered)
    request.on('error', reject)
    request.end(letter.body)
  })
}

function headersOf({ id, body }: Letter, { secret, clock }: WebhookDeps): Record<string, string | number> {
  return {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'User-Agent': 'countersign',
    'Countersign-Delivery': id,
    'Countersign-Signature': sign(body, secret, Math.floor(clock.now() / 1000)),
  }
}

/** Answers every lookup with the checked address, so that a second answer of the name server changes nothing (rebinding). */
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
