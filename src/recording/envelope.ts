/** What every line of a recording and of a ledger has, whatever else is in it. */
export interface Envelope {
  readonly [field: string]: unknown
  readonly seq: number
  readonly at: string
  readonly mono: number
  readonly kind: string
  readonly outcome: string
  readonly prev: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A line as a value, or undefined where it is none of ours. */
export function parseEnvelope(bytes: Uint8Array): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    return isEnvelope(value) ? value : undefined
  } catch {
    return undefined
  }
}

const HASH = /^[0-9a-f]{64}$/

// By hand and not by a schema: every line of every verification passes here, and the value must keep the order of its fields.
function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false
  const { seq, at, mono, kind, outcome, prev }: Readonly<Record<string, unknown>> = { ...value }
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0 || typeof mono !== 'number') return false
  return (
    typeof at === 'string' &&
    typeof kind === 'string' &&
    typeof outcome === 'string' &&
    typeof prev === 'string' &&
    HASH.test(prev)
  )
}

/** Where a line stops being JSON, counted in bytes from its start; undefined where it is JSON or the place is unknown. */
export function brokenAt(bytes: Uint8Array): number | undefined {
  const text = Buffer.from(bytes).toString('utf8')
  try {
    JSON.parse(text)
    return undefined
  } catch (thrown) {
    const place = thrown instanceof SyntaxError ? /at position (\d+)/.exec(thrown.message)?.[1] : undefined
    return place === undefined ? undefined : Buffer.byteLength(text.slice(0, Number(place)))
  }
}
