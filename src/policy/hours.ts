/** Monday first, as people plan their week. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]

/** Minutes since midnight; `to` is the first minute outside. Where it comes before `from`, the span goes over midnight. */
export interface Hours {
  readonly from: number
  readonly to: number
}

const SPAN = /^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/
const MIDNIGHT = 24 * 60

/** `08:00-18:00`; undefined for anything else. */
export function parseHours(text: string): Hours | undefined {
  const [, ...parts] = (SPAN.exec(text) ?? []).map(Number)
  const [hour = 0, minute = 0, lastHour = 0, lastMinute = 0] = parts
  const [from, to] = [hour * 60 + minute, lastHour * 60 + lastMinute]
  return parts.length === 0 || from >= MIDNIGHT || to > MIDNIGHT || from === to ? undefined : { from, to }
}

/** `mon`, or `mon-fri` with both ends; undefined for anything else. */
export function parseDays(text: string): readonly Day[] | undefined {
  const [first, last, more] = text.split('-').map((word) => DAYS.findIndex((day) => day === word))
  if (first === undefined || first < 0 || more !== undefined || last === -1) return undefined
  const length = last === undefined ? 1 : ((last - first + DAYS.length) % DAYS.length) + 1
  return Array.from({ length }, (_, index) => DAYS[(first + index) % DAYS.length] ?? 'mon')
}

/** Whether `zone` is a time zone, e.g. `Europe/Berlin` or `UTC`. */
export function isZone(zone: string): boolean {
  try {
    return clockIn(zone).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** A test of an instant, in milliseconds since 1970, against days and hours as clocks in `zone` show them. */
export function timeTest(days: readonly Day[] | undefined, hours: Hours | undefined, zone: string) {
  const clock = clockIn(zone)
  return (at: number): boolean => {
    const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]))
    const minute = Number(parts.get('hour')) * 60 + Number(parts.get('minute'))
    const day = parts.get('weekday')?.toLowerCase()
    return (days === undefined || days.some((one) => one === day)) && (hours === undefined || within(minute, hours))
  }
}

const within = (minute: number, { from, to }: Hours): boolean =>
  from < to ? minute >= from && minute < to : minute >= from || minute < to

const clockIn = (zone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
