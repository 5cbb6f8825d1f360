const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** What to write for a duration, for messages. */
export const DURATION_FORM = 'a number and a unit, e.g. 30s, 15m, 8h or 2d'

/** `15m` as milliseconds; undefined for anything but a whole number directly followed by ms, s, m, h or d. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  const unit = UNITS[match?.[2] ?? '']
  if (match?.[1] === undefined || unit === undefined) return undefined
  return Number(match[1]) * unit
}

/** Milliseconds in the largest unit that divides them: `900000` is `15m`. */
export function printDuration(ms: number): string {
  const fitting = Object.entries(UNITS).filter(([, size]) => ms >= size && ms % size === 0)
  const [unit, size] = fitting.at(-1) ?? ['ms', 1]
  return `${ms / size}${unit}`
}
