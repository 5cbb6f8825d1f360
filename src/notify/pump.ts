export interface Pump {
  wake(): void
  /** Ends after the round that is under way. */
  stop(): Promise<void>
}

export interface PumpDeps {
  /** One batch. Answers when to come back: now, after milliseconds, or not before somebody wakes the pump. Never rejects. */
  readonly round: () => Promise<'now' | number | undefined>
  /** A timer; the returned function cancels it. */
  readonly after: (ms: number, call: () => void) => () => void
}

/** Runs one round at a time; between rounds a timer waits for what is due next. */
export function createPump({ round, after }: PumpDeps): Pump {
  const state = {
    running: undefined as Promise<void> | undefined,
    again: false,
    stopped: false,
    disarm: (): void => undefined,
  }
  const wake = (): void => {
    if (state.stopped) return
    state.disarm()
    state.again = true
    state.running ??= rounds()
  }
  const isAsked = (): boolean => state.again && !state.stopped
  const rounds = async (): Promise<void> => {
    while (isAsked()) {
      state.again = false
      const more = await round()
      if (more === 'now') state.again = true
      else if (more !== undefined && !state.stopped) state.disarm = after(more, wake)
    }
    // In the same step as the last look at `again`, so that no wake falls between.
    state.running = undefined
  }
  return {
    wake,
    async stop() {
      state.stopped = true
      state.disarm()
      await state.running
    },
  }
}
