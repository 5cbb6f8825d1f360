/** Ends a session that nobody uses. What a program prints does not count: `top` would keep a terminal open for ever. */
export class Idle {
  readonly #deps: IdleDeps
  #last: number
  #busy = 0
  #stop = (): void => undefined

  constructor(deps: IdleDeps) {
    this.#deps = deps
    this.#last = deps.monoMicros()
  }

  start(): void {
    this.#watch()
  }

  /** The person, or their program, did something. */
  active(): void {
    this.#last = this.#deps.monoMicros()
  }

  /** Something waits for people, or runs where nobody types; until the returned function is called. */
  busy(): () => void {
    this.#busy += 1
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#busy -= 1
      this.active()
    }
  }

  stop(): void {
    this.#stop()
  }

  /** One timer, set anew only when it fires: activity itself costs a clock reading. */
  #watch(): void {
    const { after, idleMs, monoMicros, onIdle } = this.#deps
    if (this.#busy > 0) this.active()
    const left = idleMs - (monoMicros() - this.#last) / 1000
    if (left <= 0) onIdle()
    else this.#stop = after(Math.ceil(left), () => this.#watch())
  }
}

export interface IdleDeps {
  readonly idleMs: number
  readonly monoMicros: () => number
  readonly after: (ms: number, callback: () => void) => () => void
  readonly onIdle: () => void
}
