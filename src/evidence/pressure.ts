/** Of a core's time: where the rest of the process takes more, sessions are being served in numbers. */
const PRESSED = 0.5

export interface PressureDeps {
  /** Processor time of the whole process so far, in microseconds. */
  readonly processMicros: () => number
  /** The same, of the thread that asks. */
  readonly ownMicros: () => number
  readonly monoMicros: () => number
}

/** Whether the other threads have been busy since it was last asked. */
export function createPressure({ processMicros, ownMicros, monoMicros }: PressureDeps): () => boolean {
  const others = (): number => processMicros() - ownMicros()
  let [spent, at] = [others(), monoMicros()]
  return () => {
    const [before, since] = [spent, at]
    spent = others()
    at = monoMicros()
    return spent - before > PRESSED * (at - since)
  }
}
