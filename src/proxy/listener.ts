import { createServer, type Server, type Socket } from 'node:net'

export interface ListenerDeps {
  readonly host: string
  readonly port: number
  /** Connections at once; one more is closed without a word. */
  readonly maxConnections: number
  readonly serve: (socket: Socket) => Promise<void>
}

export interface Listener {
  /** As bound: the port that the system chose where 0 was asked for. */
  readonly port: number
  /** Takes no more connections; resolves when every one that was served has ended, and serving it too. */
  close(): Promise<void>
}

/** Accepts connections for one protocol. Rejects with the system's error (EADDRINUSE, EACCES) when it cannot. */
export async function listen({ host, port, maxConnections, serve }: ListenerDeps): Promise<Listener> {
  const serving = new Set<Promise<void>>()
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000, pauseOnConnect: true },
    (socket) => {
      // Never rejects: serving ends every way a connection can end.
      const served = serve(socket).finally(() => serving.delete(served))
      serving.add(served)
    },
  )
  server.maxConnections = maxConnections
  await bound(server, host, port)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      await new Promise((resolve) => server.close(resolve))
      // A socket is gone before what was recorded about it is sealed.
      await Promise.all(serving)
    },
  }
}

function bound(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      // What goes wrong with one accept (out of descriptors) is over with that connection.
      server.on('error', () => undefined)
      resolve()
    })
  })
}
