import type { Clock } from '../../src/std/clock.ts'

/** A clock that stands still until a test moves it; timers that come due meanwhile fire in their order. */
export class FakeClock implements Clock {
  #now: number
  readonly #timers = new Map<symbol, { readonly at: number; readonly callback: () => void }>()

  constructor(start = Date.UTC(2026, 10, 22)) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  nowMicros(): bigint {
    return BigInt(this.#now) * 1000n
  }

  monoMicros(): number {
    return this.#now * 1000
  }

  after(ms: number, callback: () => void): () => void {
    const key = Symbol('timer')
    this.#timers.set(key, { at: this.#now + ms, callback })
    return () => this.#timers.delete(key)
  }

  get timers(): number {
    return this.#timers.size
  }

  advance(ms: number): void {
    this.#now += ms
    const due = [...this.#timers].filter(([, timer]) => timer.at <= this.#now).sort(([, a], [, b]) => a.at - b.at)
    for (const [key, timer] of due) {
      if (this.#timers.delete(key)) timer.callback()
    }
  }
}
