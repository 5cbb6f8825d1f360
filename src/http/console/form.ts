import type { Context } from 'hono'
import { z } from 'zod'
import { check } from '../body.ts'
import { Problem, PROBLEMS } from '../problem.ts'
import type { ConsoleContext } from './seat.ts'

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;.*)?$/i

/** Whether a request calls itself one of a form. */
export const isForm = (c: Context): boolean => FORM_TYPE.test(c.req.header('content-type') ?? '')

/** The fields of a posted form, each given once. The size is capped before this (`api.ts`). */
export async function readFields(c: Context): Promise<ReadonlyMap<string, string> | Problem> {
  // A request without a type is none of our forms either: a check that looks at form types alone would let it pass.
  if (!isForm(c)) return new Problem('invalid', 'not a form')
  const fields = [...new URLSearchParams(await c.req.text())]
  const input = new Map(fields)
  return input.size === fields.length ? input : new Problem('invalid', 'a field stands twice')
}

/** The posted form of a page behind the gate, against a strict schema. */
export const formOf = <T>(c: ConsoleContext, schema: z.ZodType<T>): T | Problem =>
  check(schema, Object.fromEntries(c.get('fields')))

/** A filter of an address: what is empty or wrong is as if it were not there. */
export const FilterText = z
  .string()
  .trim()
  .max(200)
  .transform((text) => (text === '' ? undefined : text))
  .optional()
  .catch(undefined)

/** A filter that takes one of these words. */
export const filterOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words).optional().catch(undefined)

/** The filters of an address by a schema of `FilterText` and `filterOf`; unknown ones are passed over. */
export const filtersOf = <Shape extends z.ZodRawShape>(c: Context, schema: z.ZodObject<Shape>) =>
  schema.parse(c.req.query())

/** A problem as people read it. */
export function sentence({ code, detail, extras }: Problem): string {
  const title = TITLES[code] ?? PROBLEMS[code].title
  const issues = z.array(z.object({ at: z.string(), message: z.string() })).safeParse(extras['issues'])
  if (issues.success) return `${title}: ${issues.data.map(({ at, message }) => `${at}: ${message}`).join('; ')}.`
  return detail === undefined ? `${title}.` : `${title}: ${detail}.`
}

/** Where the API's own words are about requests and tokens. */
const TITLES: Readonly<Record<string, string>> = {
  invalid: 'The form is not filled in right',
  'not-signed-in': 'You are not signed in',
}
