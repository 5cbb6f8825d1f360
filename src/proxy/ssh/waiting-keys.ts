import type { Call } from './call.ts'

const CTRL_C = 0x03
/** Keys that are kept for a command which is not running yet. Whoever types more has to wait. */
const MOST = 64 * 1024

export interface WaitingKeys {
  /** Fires when the person takes back what waits. */
  readonly cancelled: AbortSignal
  /** What was typed ahead is given back to the channel; the command reads it. */
  release(): void
}

/**
 * Looks out for Ctrl-C, or the signal of it, while a command waits. Only a terminal's keys are looked at: what a program pipes into a command is its input, stays
 * unread, and may hold any byte.
 */
export function watchKeys(call: Call, isTerminal: boolean): WaitingKeys {
  const cancel = new AbortController()
  const kept: Buffer[] = []
  let size = 0
  const take = (chunk: Buffer): void => {
    kept.push(chunk)
    size += chunk.length
    if (chunk.includes(CTRL_C)) cancel.abort()
    if (size > MOST) call.channel.pause()
  }
  const stop = call.onSignal((signal) => {
    if (signal === 'INT') cancel.abort()
  })
  if (isTerminal) call.channel.on('data', take)
  return {
    cancelled: cancel.signal,
    release() {
      stop()
      if (!isTerminal) return
      call.channel.removeListener('data', take)
      call.channel.pause()
      if (kept.length > 0 && !call.channel.readableEnded) call.channel.unshift(Buffer.concat(kept.splice(0)))
    },
  }
}
