import { z } from 'zod'
import { nearest } from './nearest.ts'
import { sortProblems, type Problem } from './problem.ts'
import type { YamlSource } from './yaml-source.ts'

/** A map with exactly these keys. An unknown key is a problem of its own that names the nearest known one. */
export const map = <Fields extends z.ZodRawShape>(fields: Fields): z.ZodObject<Fields, z.core.$strict> =>
  z.strictObject(fields, { error: (issue) => mapFault(issue, Object.keys(fields)) })

/** The words of a problem for a schema: what to write where it is missing, what it must be where it is something else. */
export const wants =
  (what: string): ((issue: { readonly input?: unknown }) => string) =>
  (issue) =>
    issue.input === undefined || issue.input === null ? `is missing; write ${what}` : `must be ${what}`

/** One of `words`; another word is a problem that names the nearest one. */
export const oneOf = <const Words extends readonly string[]>(
  words: Words,
): z.ZodEnum<z.core.util.ToEnum<Words[number]>> => z.enum(words, { error: (issue) => wordFault(issue.input, words) })

/** `text` is none of `words`: says so and names the nearest. */
export function unknownWord(text: string, words: readonly string[]): string {
  const close = nearest(text, words)
  return `${JSON.stringify(text)} is not known here${close === undefined ? '' : `; did you mean ${JSON.stringify(close)}?`}`
}

/** Everything that `schema` finds wrong with the file, each at its line, in reading order; or the value. */
export function readShape<Schema extends z.ZodType>(
  schema: Schema,
  source: YamlSource,
):
  | { readonly value: z.output<Schema>; readonly problems: [] }
  | { readonly value: undefined; readonly problems: readonly Problem[] } {
  if (source.problems.length > 0) return { value: undefined, problems: source.problems }
  const result = schema.safeParse(source.value)
  if (result.success) return { value: result.data, problems: [] }
  return { value: undefined, problems: sortProblems(result.error.issues.flatMap((issue) => problemsOf(issue, source))) }
}

function problemsOf(issue: z.core.$ZodIssue, source: YamlSource): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    // The message of `map` is the list of the keys that it knows.
    const known = issue.message.split(' ')
    return issue.keys.map((key) => unknownKey(source, [...issue.path, key], known))
  }
  return [source.problem(issue.path, `${place(issue.path)}${issue.message}`)]
}

function unknownKey(source: YamlSource, path: readonly PropertyKey[], known: readonly string[]): Problem {
  const key = String(path.at(-1))
  const close = nearest(key, known)
  const advice = close === undefined ? '' : `; did you mean "${close}"? Known here: ${known.join(', ')}`
  return source.keyProblem(path, `${place(path.slice(0, -1))}unknown key ${JSON.stringify(key)}${advice}`)
}

/** `targets.cards.address: `, or nothing at the top. */
export const place = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? '' : `${path.map((part, index) => step(part, index)).join('')}: `

const step = (part: PropertyKey, index: number): string =>
  typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`

function mapFault(
  issue: { readonly code?: string | undefined; readonly input?: unknown },
  known: readonly string[],
): string {
  if (issue.code === 'unrecognized_keys') return known.join(' ')
  return wants(`a map with the keys ${known.join(', ')}`)(issue)
}

function wordFault(input: unknown, words: readonly string[]): string {
  if (typeof input !== 'string') return wants(`one of ${words.join(', ')}`)({ input })
  return `${unknownWord(input, words)} Known: ${words.join(', ')}`
}
