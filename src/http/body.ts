import type { Context } from 'hono'
import type { z } from 'zod'
import { Problem } from './problem.ts'

/** Largest body of any request, in bytes: the biggest legitimate one is a denial with its reason, under 3 kB. */
export const MAX_BODY = 64 * 1024
const MAX_ISSUES = 10
const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/** Reads, parses and checks a JSON body; every way it can be wrong is a Problem. The size is capped before this (`api.ts`). */
export async function readJson<T>(c: Context, schema: z.ZodType<T>): Promise<T | Problem> {
  if (!JSON_TYPE.test(c.req.header('content-type') ?? '')) return new Problem('not-json')
  const input = parseJson(await c.req.arrayBuffer())
  if (input instanceof Problem) return input
  return check(schema, input)
}

/** Checks a value from outside against a strict schema. */
export function check<T>(schema: z.ZodType<T>, input: unknown): T | Problem {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  return new Problem('invalid', 'see issues', { issues: parsed.error.issues.slice(0, MAX_ISSUES).map(printed) })
}

function parseJson(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return new Problem('invalid', 'the body is no JSON in UTF-8')
  }
}

/** Names the place and what is wrong there, never the value; a key is repeated only where it is a plain word. */
function printed(issue: z.core.$ZodIssue): { readonly at: string; readonly message: string } {
  const at = issue.path.map(String).join('.')
  if (issue.code !== 'unrecognized_keys') return { at, message: issue.message }
  const keys = issue.keys.map((key) => (/^[A-Za-z_]{1,40}$/.test(key) ? `"${key}"` : 'one that is no plain word'))
  return { at, message: `unknown key ${keys.slice(0, MAX_ISSUES).join(', ')}` }
}
