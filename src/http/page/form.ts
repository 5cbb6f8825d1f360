import type { Context } from 'hono'
import type { z } from 'zod'
import { check } from '../body.ts'
import { Problem } from '../problem.ts'

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;.*)?$/i

/** The fields of a posted form, each given once, checked against a strict schema. The size is capped before this (`api.ts`). */
export async function readForm<T>(c: Context, schema: z.ZodType<T>): Promise<T | Problem> {
  if (!FORM_TYPE.test(c.req.header('content-type') ?? '')) return new Problem('invalid', 'not a form')
  const fields = [...new URLSearchParams(await c.req.text())]
  const input = new Map(fields)
  if (input.size !== fields.length) return new Problem('invalid', 'a field stands twice')
  return check(schema, Object.fromEntries(input))
}
