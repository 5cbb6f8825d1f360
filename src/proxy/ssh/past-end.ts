/** What the library puts what it received into: a readable stream's own way of being filled. */
interface Receiving {
  push(chunk: unknown, encoding?: BufferEncoding): boolean
}

/**
 * Drops what a client sends behind the end of its own input, which the protocol forbids (RFC 4254, section 5.3): the library would take the whole channel down
 * with it, and with that the output that is still to come. `onDropped` is called once. Does nothing where the library is not the one that this was written for: the channel
 * then ends by itself.
 */
export function dropPastEnd(channel: object, onDropped: () => void): void {
  if (!isReceiving(channel)) return
  const push = channel.push.bind(channel)
  let hasEnded = false
  let hasTold = false
  channel.push = (chunk, encoding) => {
    if (!hasEnded) {
      hasEnded = chunk === null
      return push(chunk, encoding)
    }
    if (chunk !== null && !hasTold) {
      hasTold = true
      onDropped()
    }
    return true
  }
}

const isReceiving = (channel: object): channel is Receiving => typeof Reflect.get(channel, 'push') === 'function'
