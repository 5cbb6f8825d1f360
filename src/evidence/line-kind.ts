/** What every line of a recording or a ledger begins with, as its writer orders it. */
export interface LineStart {
  readonly at: string
  readonly kind: string
}

const START = /^\{"seq":\d{1,16},"at":"([0-9TZ:.-]{20,32})","mono":[\d.]{1,32},"kind":"([a-z.-]{1,64})"/

/** Longest beginning that is looked at, in bytes. */
const HEAD = 200

/** Kind and time of a line without reading all of it; undefined where it does not begin as our lines do. */
export function lineStart(bytes: Buffer): LineStart | undefined {
  const found = START.exec(bytes.toString('latin1', 0, HEAD))
  return found?.[1] === undefined || found[2] === undefined ? undefined : { at: found[1], kind: found[2] }
}

/** A line as a value; undefined where it is no JSON object. */
export function lineValue(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
