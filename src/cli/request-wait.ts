import type { RequestView } from '../http/request-schemas.ts'
import type { Client } from './client.ts'
import { RefusedError } from './command.ts'
import type { Io } from './io.ts'
import { askedLine, endOf } from './request-text.ts'
import { terminalLine } from './terminal.ts'

/** Waits until a request is settled. The lines for the person go to `err`, so that a pipe gets the outcome only. */
export async function settled(client: Client, request: RequestView, io: Io): Promise<RequestView> {
  if (request.state !== 'open') return request
  const waiting = `${request.id}: waiting for ${askedLine(request)} until ${request.expiresAt}; ${request.link}`
  io.err(`${terminalLine(waiting)}\n`)
  const stop = new AbortController()
  try {
    for await (const { event, data } of client.events(stop.signal)) {
      // The event is a hint; what counts was asked for.
      if (event !== 'open' && !(event === 'request' && data.includes(`"${request.id}"`))) continue
      const now = await client.access.find(request.id)
      if (now.state !== 'open') return now
    }
  } finally {
    stop.abort()
  }
  throw new RefusedError(`the server ended the watch; ${request.id} goes on waiting: countersign requests`, {
    code: 'watch-ended',
    request: request.id,
  })
}

/** The request, or why there is no grant behind it. */
export function grantedOr(request: RequestView): RequestView {
  if (request.state === 'granted') return request
  throw new RefusedError(endOf(request), { code: request.state, request: request.id })
}
