import { z } from 'zod'
import { SCRIPT_STATES } from '../approvals/script.ts'
import { ApprovalSummary, ShownStatement } from './schemas.ts'

const Time = z.string()
const { rules, needs, decisions } = ApprovalSummary.shape

/** What a list shows of a script: no full text, literals withheld. */
export const ScriptSummary = z.object({
  id: z.string(),
  state: z.enum(SCRIPT_STATES),
  person: z.string(),
  target: z.string(),
  database: z.string(),
  digest: z.string(),
  reason: z.string(),
  ticket: z.string().nullable(),
  /** Its first line or so, on one line. */
  statement: z.string(),
  statements: z.number(),
  /** How many of them have been let through. */
  position: z.number(),
  rules,
  needs,
  decisions,
  /** How it left `open`, or `approved` without a run. */
  ended: z.object({ at: Time, by: z.string().nullable(), reason: z.string().nullable() }).nullable(),
  session: z.string().nullable(),
  runAt: Time.nullable(),
  finishedAt: Time.nullable(),
  detail: z.string().nullable(),
  createdAt: Time,
  expiresAt: Time,
  link: z.string(),
})
export const ScriptList = z.object({ scripts: z.array(ScriptSummary) })

const ShownPart = z.object({
  number: z.number(),
  /** Rules that would hold it, were it sent by itself. */
  rules: z.array(z.string()),
  ...ShownStatement.shape,
})

/** The whole of it for those who decide: the texts of its parts in a row are the script, nothing left out between them. Null where it is too much for a person. */
export const ScriptDetail = z.object({
  ...ScriptSummary.shape,
  shown: z.object({ account: z.string(), searchPath: z.array(z.string()), parts: z.array(ShownPart) }).nullable(),
  /** Whether this very person could decide it now. */
  mayDecide: z.boolean(),
})

/** How to run it: where each statement stands in the text, in bytes, and how a session says that it runs it. */
export const ScriptPlan = z.object({
  id: z.string(),
  target: z.string(),
  database: z.string(),
  parameter: z.object({ name: z.string(), value: z.string() }),
  statements: z.array(z.object({ start: z.number(), end: z.number() })),
})
