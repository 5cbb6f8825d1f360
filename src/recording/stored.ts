import { z } from 'zod'
import { FORMAT } from './session-file.ts'

/** What is read back from `session.json`. */
export const StoredSession = z.looseObject({
  format: z.literal(FORMAT),
  session: z.string(),
  startedAt: z.string(),
  key: z.string(),
  ledger: z.object({ seq: z.int(), head: z.string() }),
  who: z.object({ person: z.string(), account: z.string(), upstreamAccount: z.string() }),
  origin: z.object({ address: z.string(), tls: z.string().nullable(), node: z.string() }),
  resource: z.object({ target: z.string(), protocol: z.string(), database: z.string() }),
})
export type StoredSession = z.infer<typeof StoredSession>

/** The part that every line of a session repeats, from its stored head. */
export function constantOf({ session, who, origin, resource }: StoredSession): string {
  const json = (value: unknown): string => JSON.stringify(value)
  return `"session":${json(session)},"who":${json(who)},"origin":${json(origin)},"resource":${json(resource)}`
}

const Token = z.object({
  withheld: z.enum(['text', 'number', 'bits', 'comment', 'binary', 'pan']),
  bytes: z.number(),
  tag: z.string().exactOptional(),
  shown: z.string().exactOptional(),
})
const Redacted = z.array(z.union([z.string(), Token]))
const Transfer = z.object({ bytes: z.number(), sha256: z.string().nullable(), whole: z.boolean(), pans: z.number() })
const place = { seq: z.number(), at: z.string(), mono: z.number(), outcome: z.string() }

/** The events that a reader shows; other kinds of a newer writer come as `other`. */
export const StoredEvent = z.discriminatedUnion('kind', [
  z.object({ ...place, kind: z.literal('open'), policyVersion: z.string() }),
  z.object({
    ...place,
    kind: z.literal('statement'),
    statement: z.number(),
    message: z.string(),
    text: Redacted,
    values: z.array(Redacted.nullable()),
    verdict: z.object({ effect: z.string(), rules: z.array(z.string()), policyVersion: z.string() }),
    place: z
      .object({
        directory: z.string().nullable(),
        environment: z.array(z.object({ name: z.string(), value: Redacted })),
        terminal: z.boolean(),
      })
      .exactOptional(),
  }),
  z.object({
    ...place,
    kind: z.literal('hold'),
    statement: z.number(),
    approval: z.string(),
    digest: z.string(),
    terms: z.array(z.object({ rule: z.string(), from: z.array(z.string()), need: z.number(), withinMs: z.number() })),
  }),
  z.object({
    ...place,
    kind: z.literal('ruling'),
    statement: z.number(),
    ruling: z.enum(['cleared', 'refused']),
    approval: z.string().nullable(),
    by: z.array(z.string()),
    reason: z.string(),
  }),
  z.object({
    ...place,
    kind: z.literal('result'),
    statement: z.number(),
    end: z.enum(['done', 'failed', 'cancelled', 'unknown']),
    sqlstate: z.string().nullable(),
    tag: z.string().nullable(),
    rows: z.number(),
    bytes: z.number(),
    ms: z.number(),
    masked: z.number(),
    pans: z.number(),
  }),
  z.object({
    ...place,
    kind: z.literal('rows'),
    statement: z.number(),
    columns: z.array(z.string()),
    rows: z.array(z.array(Redacted.nullable())),
  }),
  z.object({ ...place, kind: z.literal('pg.notice'), severity: z.string(), text: z.string() }),
  z.object({ ...place, kind: z.literal('pg.parameter'), name: z.string(), value: z.string() }),
  z.object({ ...place, kind: z.literal('pg.notification'), channel: z.string(), payload: z.string() }),
  z.object({
    ...place,
    kind: z.literal('ssh.cast'),
    channel: z.int(),
    state: z.enum(['begun', 'running', 'ended']),
    file: z.string(),
    bytes: z.int(),
    sha256: z.string(),
    kept: z.number(),
    output: z.number(),
    outputHash: z.string().nullable(),
  }),
  z.object({ ...place, kind: z.literal('ssh.resize'), channel: z.int(), columns: z.int(), rows: z.int() }),
  z.object({
    ...place,
    kind: z.literal('ssh.input'),
    channel: z.int(),
    what: z.string(),
    detail: z.string().nullable(),
  }),
  z.object({
    ...place,
    kind: z.literal('ssh.exit'),
    statement: z.int(),
    channel: z.int(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
    bytesOut: z.number(),
    bytesErr: z.number(),
    bytesIn: z.number(),
    ms: z.number(),
    pans: z.number(),
  }),
  z.object({
    ...place,
    kind: z.literal('ssh.file'),
    statement: z.int().nullable(),
    by: z.string(),
    operation: z.string(),
    path: z.string(),
    to: z.string().nullable(),
    end: z.enum(['done', 'failed', 'unknown']),
    status: z.string().nullable(),
    read: Transfer.nullable(),
    written: Transfer.nullable(),
    ms: z.number(),
  }),
  z.object({
    ...place,
    kind: z.literal('ssh.forward'),
    statement: z.int(),
    direction: z.enum(['local', 'remote']),
    state: z.enum(['listening', 'opened', 'ended', 'failed']),
    host: z.string(),
    port: z.int(),
    from: z.string().nullable(),
    bytesIn: z.number(),
    bytesOut: z.number(),
    ms: z.number(),
    reason: z.string().nullable(),
  }),
  z.object({ ...place, kind: z.literal('find'), where: z.string(), count: z.number() }),
  z.object({ ...place, kind: z.literal('close'), reason: z.string(), text: z.string().nullable() }),
  z.object({ ...place, kind: z.literal('seal'), key: z.string(), signature: z.string() }),
  z.object({
    ...place,
    kind: z.literal('crash'),
    torn: z.number(),
    tornHash: z.string().nullable(),
    unknown: z.array(z.number()),
  }),
])
export type StoredEvent = z.infer<typeof StoredEvent> | OtherEvent

/** An event of a kind that this version does not know. */
export interface OtherEvent {
  readonly kind: 'other'
  readonly seq: number
  readonly at: string
  readonly mono: number
  readonly outcome: string
  readonly name: string
}

const Digest = z.strictObject({ bytes: z.number(), sha256: z.string() })

/** What is read back from `summary.json`. */
export const StoredSummary = z.strictObject({
  summary: z.strictObject({
    format: z.literal('countersign.summary/1'),
    session: z.string(),
    startedAt: z.string(),
    endedAt: z.string(),
    reason: z.string(),
    events: z.number(),
    head: z.string(),
    counts: z.record(z.string(), z.number()),
    files: z.record(z.string(), Digest),
    key: z.string(),
  }),
  signature: z.string(),
})
export type StoredSummary = z.infer<typeof StoredSummary>
