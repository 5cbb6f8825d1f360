/** How a shell reports an end by a signal. */
const ENDINGS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** What is still to be done when this process exits, the newest first. None of it may wait for the event loop. */
export interface LastActs {
  /** The returned function takes the act back. */
  add(act: () => void): () => void
  /** From now on nothing is done at exit. */
  withdraw(): void
}

/**
 * Runs its acts when this process exits, also by Ctrl-C, a kill or a closed terminal. Where somebody else listens for such a signal too, the
 * ending is theirs and only the exit itself is ours.
 */
export function createLastActs(): LastActs {
  const acts: (() => void)[] = []
  const onExit = (): void => {
    for (const act of acts.splice(0).reverse()) act()
  }
  const onSignal = (signal: keyof typeof ENDINGS): void => {
    if (process.listenerCount(signal) === 1) process.exit(ENDINGS[signal])
  }
  process.once('exit', onExit)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  return {
    add: (act) => {
      acts.push(act)
      return () => {
        if (acts.includes(act)) acts.splice(acts.indexOf(act), 1)
      }
    },
    withdraw: () => {
      process.off('exit', onExit)
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal)
    },
  }
}
