import type { Socket } from 'node:net'

/**
 * What is written to this socket in one turn leaves in one call to the system. The library writes up to three pieces a packet, and two packets for most pieces that it
 * reads.
 */
export function gatherWrites(socket: Socket): void {
  let isGathering = false
  const letGo = (): void => {
    isGathering = false
    socket.uncork()
  }
  beforeWrites(socket, () => {
    if (isGathering) return true
    isGathering = true
    socket.cork()
    process.nextTick(letGo)
    return true
  })
}

/** The first write of exactly these bytes does nothing: they were said already. */
export function swallowFirst(socket: Socket, said: Buffer): void {
  let isDone = false
  beforeWrites(socket, (chunk) => {
    if (isDone) return true
    isDone = Buffer.isBuffer(chunk) && chunk.equals(said)
    return !isDone
  })
}

/** Asks before each write whether it may be. */
function beforeWrites(socket: Socket, may: (chunk: unknown) => boolean): void {
  socket.write = new Proxy(socket.write.bind(socket), {
    apply: (write, _, given: Parameters<Socket['write']>) =>
      may(given[0]) ? Reflect.apply(write, undefined, given) : true,
  })
}
