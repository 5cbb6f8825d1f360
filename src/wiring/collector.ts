import { setFlagsFromString } from 'node:v8'

/** The engine whose flag this is; another one might answer with a complaint on the terminal. */
const ENGINE = '13.'
const FLAG = '--external-memory-accounted-in-global-limit'

/**
 * Bytes that pass through count towards the heap's own limit. By default every 64 MB of them, however short they lived, are a reason to search the whole heap: for a stream of hundreds of
 * megabytes a second that takes more of the processor than the stream.
 */
export function spareCollector(): void {
  if (process.versions.v8.startsWith(ENGINE)) setFlagsFromString(FLAG)
}
