import type { Socket } from 'node:net'

/** RFC 4253, 4.2: an identification has at most 255 characters with its line end, and a client says nothing before it. */
const MAX_LINE = 255
const IDENTIFICATIONS: readonly Buffer[] = [Buffer.from('SSH-2.0-'), Buffer.from('SSH-1.99-')]
const LINE_FEED = 0x0a

/**
 * Looks at what a client says first and calls back once, with the first byte that no SSH client says: the library itself would read on for eight megabytes. Only looks: the
 * bytes reach whoever else listens.
 */
export function watchFirstBytes(socket: Socket, onGarbage: () => void): void {
  let seen = Buffer.alloc(0)
  const look = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk.subarray(0, MAX_LINE + 1 - seen.length)])
    const ended = seen.includes(LINE_FEED)
    const garbage = !IDENTIFICATIONS.some((word) => startsAlike(seen, word)) || (!ended && seen.length > MAX_LINE)
    if (!ended && !garbage) return
    socket.off('data', look)
    if (garbage) onGarbage()
  }
  // Before the library, which listens once its own start is over; a paused socket stays paused.
  socket.prependListener('data', look)
}

/** As far as both go. */
function startsAlike(seen: Buffer, word: Buffer): boolean {
  const length = Math.min(seen.length, word.length)
  return seen.subarray(0, length).equals(word.subarray(0, length))
}
