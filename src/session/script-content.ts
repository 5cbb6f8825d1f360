import { z } from 'zod'
import type { Estimate } from '../model/estimate.ts'
import type { SqlFacts } from '../model/facts.ts'

/** One statement of a script with what was found out about it against the catalog of that moment. */
export interface ScriptPart {
  /** Bytes of UTF-8 in the text, as the server's grammar split it. */
  readonly start: number
  readonly end: number
  /** Offsets in it count from the beginning of the whole text. */
  readonly facts: SqlFacts
}

/** A script as it was submitted and read. It holds literals, so it is only ever stored sealed. */
export interface ScriptContent {
  readonly text: string
  readonly searchPath: readonly string[]
  readonly epoch: string
  readonly parts: readonly ScriptPart[]
  /** What the relations that it touches were then, by OID. */
  readonly definitions: Readonly<Record<string, string>>
  /** What the planner expected of each part when it was submitted; shown to those who decide, and no part of what they agree to. */
  readonly estimates?: readonly Estimate[] | undefined
}

const Stored = z.object({
  text: z.string(),
  searchPath: z.array(z.string()),
  epoch: z.string(),
  parts: z.array(z.object({ start: z.number(), end: z.number(), facts: z.unknown() })),
  definitions: z.record(z.string(), z.string()),
  estimates: z.array(z.union([z.strictObject({ rows: z.number() }), z.strictObject({ none: z.string() })])).optional(),
})

/** As JSON; sets of offsets become tagged lists. */
export const packContent = (content: ScriptContent): string =>
  JSON.stringify(content, (_, value: unknown) => (value instanceof Set ? { set: [...value] } : value))

/** What `packContent` wrote. The seal round it has proved that nobody else did. Throws on anything else. */
export function unpackContent(packed: string): ScriptContent {
  const stored = Stored.parse(JSON.parse(packed, (_, value: unknown) => (isSet(value) ? new Set(value.set) : value)))
  return { ...stored, parts: stored.parts.map((part) => ({ ...part, facts: asFacts(part.facts) })) }
}

const isSet = (value: unknown): value is { readonly set: readonly unknown[] } =>
  typeof value === 'object' && value !== null && 'set' in value && Array.isArray(value.set)

function asFacts(value: unknown): SqlFacts {
  if (isFacts(value)) return value
  throw new TypeError('a sealed script without facts')
}

const isFacts = (value: unknown): value is SqlFacts =>
  typeof value === 'object' && value !== null && 'verb' in value && 'effects' in value && 'span' in value

/** The exact text of one of its statements. */
export const textOfPart = ({ text }: ScriptContent, { start, end }: Pick<ScriptPart, 'start' | 'end'>): string =>
  Buffer.from(text).subarray(start, end).toString('utf8')
