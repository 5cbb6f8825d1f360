import { once } from 'node:events'
import type { Socket } from 'node:net'
import { encodeFrontend } from '../src/protocol/postgres/encode.ts'
import { dialUpstream } from '../src/proxy/postgres/dial.ts'
import { systemClock } from '../src/std/clock.ts'
import type { Route } from './route.ts'

/** Opens and logs in one connection over a route. */
export async function connectOver({ port, user, password, database }: Route): Promise<Socket> {
  const { socket } = await dialUpstream({
    ...{ user, password, database, parameters: new Map(), clock: systemClock, deadlineMs: 20_000 },
    target: { host: '127.0.0.1', port, tls: 'off' },
  })
  return socket
}

export interface Read {
  readonly bytes: number
  readonly seconds: number
}

/** ReadyForQuery, idle: what every result ends with. Rows of ours never do. */
const END = Buffer.from('Z\0\0\0\x05I', 'latin1')
/** CommandComplete of a million rows, in front of it. */
const WHOLE = / 1000000\0$/

/**
 * Asks one question and reads all of the answer, looking at nothing but its end: the same small price for every route. Throws where it does not end with
 * a million rows.
 */
export async function readMillion(route: Route, text: string): Promise<Read> {
  const socket = await connectOver(route)
  try {
    const began = performance.now()
    let bytes = 0
    let tail: Buffer = Buffer.alloc(0)
    const ended = new Promise<void>((resolve, reject) => {
      socket.on('close', () => reject(new Error('the connection was closed')))
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        tail = chunk.length >= 64 ? chunk.subarray(-64) : Buffer.concat([tail, chunk]).subarray(-64)
        if (tail.subarray(-END.length).equals(END)) resolve()
      })
    })
    socket.write(encodeFrontend({ name: 'query', text }))
    await ended
    const seconds = (performance.now() - began) / 1000
    const end = tail.subarray(0, -END.length).toString('latin1')
    if (!WHOLE.test(end)) throw new Error(`${route.name} did not give a million rows: ${JSON.stringify(end)}`)
    return { bytes, seconds }
  } finally {
    await hangUp(socket)
  }
}

/** Ends a connection as clients do. */
export async function hangUp(socket: Socket): Promise<void> {
  if (socket.destroyed) return
  socket.resume()
  socket.end(encodeFrontend({ name: 'terminate' }))
  await once(socket, 'close')
}
