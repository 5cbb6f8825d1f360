const DAY = /^\d{4}-\d\d-\d\d$/
const MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/

/** A moment of a filter in milliseconds, read as UTC: a day, or a day with a time. Undefined for anything else. */
export function momentOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const bare = text.replace(/Z$/, '')
  if (!DAY.test(bare) && !MINUTE.test(bare)) return undefined
  const ms = Date.parse(DAY.test(bare) ? bare : `${bare}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

const DAY_MS = 86_400_000

/** The end of a period: a day is taken in whole. */
export function endOf(text: string | undefined): number | undefined {
  const ms = momentOf(text)
  return ms !== undefined && DAY.test((text ?? '').replace(/Z$/, '')) ? ms + DAY_MS : ms
}

/** The end as a field of a form takes it. */
export const endField = (text: string | undefined): string | undefined => fieldText(endOf(text))

/** The same as a field of a form takes it. */
export const fieldOf = (text: string | undefined): string | undefined => fieldText(momentOf(text))

const fieldText = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16)

/** Time since the beginning of a session: `0:07.3`, `12:05.0`, `1:02:03.4`. */
export function offset(ms: number): string {
  const tenths = Math.floor(Math.max(0, ms) / 100)
  const [hours, minutes] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60]
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0')
  return hours === 0 ? `${minutes}:${seconds}` : `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`
}
