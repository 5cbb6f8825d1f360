import { z } from 'zod'
import { unknownWord } from '../std/shape.ts'

/**
 * What a rule wants of one fact that may have several values.
 *
 * - `any`: at least one value is one of these.
 * - `not`: no value is one of these.
 * - `only`: every value is one of these; a statement without any value passes.
 * - `bare`: a word or a list, `effect: [read]`. In a rule that holds or denies it is `any`. In a rule that allows there must be a value and every
 *   one must be on the list: what such a rule does not name, it does not allow.
 */
export interface Wanted {
  readonly any?: readonly string[]
  readonly not?: readonly string[]
  readonly only?: readonly string[]
  readonly bare?: readonly string[]
}

const FORMS = ['any', 'not', 'only'] as const
type Form = (typeof FORMS)[number]

interface Found {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** The schema of a match key: a word, a list of words, or a map of `any`, `not`, `only`. `fault` judges one word. */
export const wanted = (fault: (word: string) => string | undefined): z.ZodType<Wanted> =>
  z.unknown().transform((value, issues): Wanted => {
    const found: Found[] = []
    const result = isMap(value) ? forms(value, found, fault) : { bare: words(value, [], { found, fault }) }
    for (const { path, message } of found) issues.addIssue({ code: 'custom', path: [...path], message })
    return result
  })

/** Words of a closed list: anything else is a mistake, wildcards included, since a list that is closed can be written out. */
export const fromList =
  (known: readonly string[]): ((word: string) => string | undefined) =>
  (word) =>
    known.includes(word) ? undefined : `${unknownWord(word, known)} Known: ${known.join(', ')}`

/** A dotted name with wildcards of at most `parts` parts. */
export const dottedName =
  (parts: number): ((word: string) => string | undefined) =>
  (word) => {
    const names = word.split('.')
    if (names.length <= parts && names.every((name) => name !== '')) return undefined
    return `${JSON.stringify(word)} is no name; write up to ${parts} parts with dots between them; * and ? are wildcards`
  }

export const anyWord = (word: string): string | undefined => (word === '' ? 'must not be empty' : undefined)

/** A TCP port, or a pattern of one. */
export const portNumber = (word: string): string | undefined =>
  /^[0-9*?]{1,5}$/.test(word) ? undefined : `${JSON.stringify(word)} is no port; write a number in quotes, e.g. "5432"`

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

interface Reading {
  readonly found: Found[]
  readonly fault: (word: string) => string | undefined
}

function forms(value: Record<string, unknown>, found: Found[], fault: Reading['fault']): Wanted {
  const result: Partial<Record<Form, readonly string[]>> = {}
  for (const [key, list] of Object.entries(value)) {
    const form = FORMS.find((known) => known === key)
    if (form === undefined)
      found.push({ path: [key], message: `${unknownWord(key, FORMS)} Known: ${FORMS.join(', ')}` })
    else result[form] = words(list, [key], { found, fault })
  }
  if (Object.keys(value).length === 0)
    found.push({ path: [], message: 'is empty; write a word, a list, or any, not, only' })
  return result
}

function words(value: unknown, path: readonly PropertyKey[], { found, fault }: Reading): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0)
    found.push({ path, message: 'is an empty list, which nothing can match; leave the key out or name something' })
  return list.flatMap((word, index) => {
    const at = Array.isArray(value) ? [...path, index] : path
    if (typeof word !== 'string') {
      found.push({ path: at, message: 'must be a word or a list of words' })
      return []
    }
    const wrong = fault(word)
    if (wrong !== undefined) found.push({ path: at, message: wrong })
    return [word]
  })
}
