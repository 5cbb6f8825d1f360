/** Time as a collaborator: core and organs never ask the machine themselves. */
export interface Clock {
  /** Wall clock in microseconds since 1970-01-01T00:00:00Z. Whoever has just read `monoMicros` hands it in and saves a reading. */
  nowMicros(mono?: number): bigint
  /** Wall clock in milliseconds since 1970. */
  now(): number
  /** Monotonic clock in microseconds from an arbitrary start; never goes back. */
  monoMicros(): number
  /** Calls back once after `ms`; the returned function cancels it. Does not keep the process alive. */
  after(ms: number, callback: () => void): () => void
}

/** Where a clock reads: milliseconds since 1970, and monotonic milliseconds with a fraction. */
export interface TimeSource {
  readonly wall: () => number
  readonly mono: () => number
}

/** How far the wall clock may stand from where the monotonic one has carried it before it counts as set anew, in microseconds. */
const DRIFT_MICROS = 2000

/**
 * A clock of microseconds: the monotonic clock counts them from a wall time, so that stamps do not go back from one to the next. Once the wall clock has been
 * set, or has drifted, it is believed.
 */
export function createClock({ wall, mono }: TimeSource): Clock {
  let offset = wall() * 1000 - mono() * 1000
  return {
    nowMicros(counted = mono() * 1000) {
      const told = wall() * 1000
      if (Math.abs(told - (counted + offset)) > DRIFT_MICROS) offset = told - counted
      return BigInt(Math.floor(counted + offset))
    },
    now: wall,
    monoMicros: () => Math.round(mono() * 1000),
    after(ms, callback) {
      const timer = setTimeout(callback, ms)
      timer.unref()
      return () => clearTimeout(timer)
    },
  }
}

/** The machine's own clock. */
export const systemClock: Clock = createClock({ wall: () => Date.now(), mono: () => performance.now() })

/** RFC 3339 in UTC with microseconds, e.g. `2026-11-22T01:02:03.000004Z`. */
export function rfc3339Micros(micros: bigint): string {
  const millis = new Date(Number(micros / 1000n)).toISOString().slice(0, -1)
  return `${millis}${(micros % 1000n).toString().padStart(3, '0')}Z`
}
