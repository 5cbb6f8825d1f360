/** Microseconds since 1970 of an RFC 3339 time in UTC; undefined where the text is none. */
export function microsOf(at: string): number | undefined {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(at)
  const second = found?.[1] === undefined ? Number.NaN : Date.parse(`${found[1]}Z`)
  return Number.isNaN(second) ? undefined : second * 1000 + Number((found?.[2] ?? '').padEnd(6, '0'))
}

/** RFC 3339 in UTC with microseconds. */
export function timeText(micros: number): string {
  const seconds = new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(((micros % 1e6) + 1e6) % 1e6).padStart(6, '0')}Z`
}
