import { z } from 'zod'
import { FOUND_VERDICTS } from '../evidence/questions.ts'

const Name = z.string().regex(/^[a-z0-9._-]{1,32}$/, 'must be a name of a-z, 0-9, dot, underscore and hyphen')
const Session = z.string().regex(/^s_[0-9a-z]{20}$/, 'must be the id of a session')
const Identifier = z.string().min(1).max(200)
const Cursor = z.string().max(100)

const DAY = /^\d{4}-\d\d-\d\d$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z$/
const FORM = 'must be a day (2026-11-22) or a time in UTC (2026-11-22T09:30:00Z)'
const DAY_MS = 86_400_000

/** A moment in milliseconds: a day is its first one, or with `last` the first one behind it, so that `to` takes its day in. */
const moment = (last: 'from' | 'to') =>
  z
    .string()
    .max(40)
    .transform((text, issues) => {
      const ms = DAY.test(text) || INSTANT.test(text) ? Date.parse(text) : Number.NaN
      if (Number.isNaN(ms)) issues.addIssue({ code: 'custom', message: FORM })
      return last === 'to' && DAY.test(text) ? ms + DAY_MS : ms
    })
    .optional()

const limit = (most: number, standard: number) => z.coerce.number().int().min(1).max(most).default(standard)
const line = z.coerce.number().int().min(0).max(1e12).default(0)

export const Period = { from: moment('from'), to: moment('to') }
/** The parts of a search that look into what was recorded. */
export const Content = {
  table: Identifier.optional(),
  column: Identifier.optional(),
  class: Identifier.optional(),
  text: z.string().min(1).max(500).optional(),
  verdict: z.enum(FOUND_VERDICTS).optional(),
}
const Who = { person: Name.optional(), target: Name.optional() }

export const SearchQuery = z.strictObject({
  ...Who,
  ...Content,
  ...Period,
  session: Session.optional(),
  limit: limit(500, 100),
  cursor: Cursor.optional(),
})
export const LedgerQuery = z.strictObject({
  ...Period,
  kind: z.string().min(1).max(64).optional(),
  by: z.string().min(1).max(100).optional(),
  text: z.string().min(1).max(200).optional(),
  limit: limit(500, 100),
  cursor: Cursor.optional(),
})
export const ReportQuery = z.strictObject({
  ...Period,
  person: Name.optional(),
  table: Identifier.optional(),
  column: Identifier.optional(),
  class: Identifier.optional(),
  format: z.enum(['json', 'csv', 'html']).default('json'),
})
/** `at`, a time, finds its line by itself and stands for `from`. */
export const PageQuery = z.strictObject({ from: line, at: moment('from'), limit: limit(1000, 200) })
export const FindQuery = z.strictObject({ text: z.string().min(1).max(500), from: line })
export const ExportQuery = z.strictObject({ format: z.enum(['jsonl', 'html']).default('jsonl') })

const Strings = z.array(z.string()).readonly()
const Found = { next: z.string().nullable(), complete: z.boolean() }

export const FoundStatements = z.object({
  statements: z
    .array(
      z.object({
        session: z.string(),
        statement: z.number(),
        line: z.number(),
        at: z.string(),
        person: z.string(),
        target: z.string(),
        database: z.string(),
        address: z.string(),
        message: z.string(),
        verbs: Strings,
        effects: Strings,
        tables: Strings,
        columns: Strings,
        classes: Strings,
        verdict: z.string(),
        rules: Strings,
        policyVersion: z.string(),
        approval: z.string().nullable(),
        ruling: z.enum(['cleared', 'refused']).nullable(),
        ruledBy: Strings,
        end: z.string().nullable(),
        sqlstate: z.string().nullable(),
        rows: z.number(),
        masked: z.number(),
        ms: z.number(),
        text: z.string(),
        bound: z.string().nullable(),
        cut: z.boolean(),
      }),
    )
    .readonly(),
  ...Found,
})
export const LedgerEntries = z.object({
  entries: z
    .array(
      z.object({
        line: z.number(),
        at: z.string(),
        writtenAt: z.string(),
        kind: z.string(),
        outcome: z.string(),
        by: z.string(),
        origin: z.string(),
        resource: z.string(),
        node: z.string(),
        detail: z.record(z.string(), z.unknown()).readonly(),
      }),
    )
    .readonly(),
  ...Found,
})
export const RecordingPage = z.object({
  events: z.array(z.record(z.string(), z.unknown()).readonly()).readonly(),
  from: z.number(),
  next: z.number().nullable(),
  lines: z.number(),
})
export const Places = z.object({
  places: z
    .array(z.object({ line: z.number(), statement: z.number(), at: z.string(), excerpt: z.string() }))
    .readonly(),
  next: z.number().nullable(),
  complete: z.boolean(),
})

const Cell = z.union([z.string(), z.number(), z.boolean(), Strings]).nullable()
export const ReportAnswer = z.object({
  name: z.string(),
  front: z.object({
    title: z.string(),
    question: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    madeAt: z.string(),
    node: z.string(),
    version: z.string(),
    policyVersion: z.string(),
    verification: z.object({
      ok: z.boolean(),
      checkedAt: z.string(),
      recordings: z.number(),
      events: z.number(),
      ledgerEntries: z.number(),
      ledgerHead: z.string(),
      keys: Strings,
      problems: z.number(),
      codes: Strings,
    }),
    facts: z.array(z.object({ name: z.string(), value: Cell })),
  }),
  table: z.object({
    title: z.string(),
    columns: z.array(z.object({ name: z.string(), title: z.string() })),
    rows: z.array(z.array(Cell)),
    cut: z.boolean(),
  }),
})
