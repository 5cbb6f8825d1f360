import { TLSSocket, createSecureContext } from 'node:tls'
import type { Certificate } from './certificates.ts'
import { fakeUpstream, type FakeUpstream } from './fake-upstream.ts'

/** Accepts an SSLRequest and shows this certificate; it speaks no Postgres behind it. */
export function tlsServer({ cert, key }: Certificate): Promise<FakeUpstream> {
  return fakeUpstream((socket) => {
    socket.once('data', () => {
      socket.write('S')
      const secured = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) })
      secured.on('error', () => undefined)
    })
  })
}
