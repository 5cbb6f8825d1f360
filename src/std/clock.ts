/** Time as a collaborator: core and organs never ask the machine themselves. */
export interface Clock {
  /** Wall clock in microseconds since 1970-01-01T00:00:00Z. */
  nowMicros(): bigint
  /** Wall clock in milliseconds since 1970. */
  now(): number
  /** Monotonic clock in microseconds from an arbitrary start; never goes back. */
  monoMicros(): number
  /** Calls back once after `ms`; the returned function cancels it. Does not keep the process alive. */
  after(ms: number, callback: () => void): () => void
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMicros: () => BigInt(Date.now()) * 1000n + (BigInt(Math.floor(performance.now() * 1000)) % 1000n),
  now: () => Date.now(),
  monoMicros: () => Math.round(performance.now() * 1000),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** RFC 3339 in UTC with microseconds, e.g. `2026-11-22T01:02:03.000004Z`. */
export function rfc3339Micros(micros: bigint): string {
  const millis = new Date(Number(micros / 1000n)).toISOString().slice(0, -1)
  return `${millis}${(micros % 1000n).toString().padStart(3, '0')}Z`
}
