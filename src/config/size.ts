const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** What to write for a size, for messages. */
export const SIZE_FORM = 'a number of bytes, or a number and a unit, e.g. 512KiB or 1MiB'

/** `1MiB`, `512KiB` or a plain number as bytes; undefined for anything else. */
export function parseSize(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? value : undefined
  const match = typeof value === 'string' ? /^(\d{1,9})(B|KiB|MiB|GiB)$/.exec(value) : null
  const unit = UNITS[match?.[2] ?? '']
  return match?.[1] === undefined || unit === undefined ? undefined : Number(match[1]) * unit
}
