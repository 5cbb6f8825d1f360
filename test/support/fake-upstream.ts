import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** A peer on loopback that does what a test tells it: its first answer to each connection's bytes is what `script` does. */
export interface FakeUpstream {
  readonly port: number
  /** Everything that came, of all connections, in order. */
  readonly heard: Buffer[]
  stop(): Promise<void>
}

/** Called with each connection; it listens and answers as it likes. */
export type Script = (socket: Socket) => void

export async function fakeUpstream(script: Script): Promise<FakeUpstream> {
  const heard: Buffer[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    script(socket)
    socket.on('data', (chunk) => heard.push(chunk))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { port: address.port, heard, stop }
}

/** Sends one answer to each chunk that comes, in turn, and says no more after the last. */
export const answering =
  (...answers: readonly Buffer[]): Script =>
  (socket) => {
    const left = [...answers]
    socket.on('data', () => {
      const answer = left.shift()
      if (answer !== undefined) socket.write(answer)
    })
  }
