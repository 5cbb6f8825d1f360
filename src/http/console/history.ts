import { html } from 'hono/html'
import { z } from 'zod'
import { isName, personName, targetName } from '../../model/ids.ts'
import type { PersonName, TargetName } from '../../model/ids.ts'
import { filterOf, FilterText } from './form.ts'
import type { Html } from './frame.ts'
import { endField, endOf, fieldOf, momentOf } from './moments.ts'
import type { FilterField } from './parts.ts'
import { queryOf, setOf } from './query.ts'

/** What every list of the past may be asked for in its address; each adds its own states. */
export const HISTORY_FILTERS = {
  text: FilterText,
  person: FilterText,
  target: FilterText,
  from: FilterText,
  to: FilterText,
  /** Where the page before ended, in milliseconds. */
  before: z.coerce.number().int().min(0).max(8.64e15).optional().catch(undefined),
  format: filterOf(['csv', 'json']),
}
export type HistoryAsked = z.infer<z.ZodObject<typeof HISTORY_FILTERS>>

/** Rows of one page, and of one export. */
export const PAGE_ROWS = 100
export const MOST_EXPORTED = 5000
/** What a store gives at once. */
const LOOK = 500
/** How much one request looks through; the next page goes on from there. */
const DEEPEST = 20_000

interface Dated {
  readonly id: string
  readonly createdAt: number
}

/** What a store is asked: names that nobody can have find nothing, so they are no filter of a store's. */
export interface StorePage {
  readonly person?: PersonName
  readonly target?: TargetName
  readonly before?: number
  readonly limit: number
}

export interface Walk<One extends Dated> {
  readonly asked: Omit<HistoryAsked, 'format'>
  /** Newest first. */
  readonly page: (of: StorePage) => Promise<readonly One[]>
  readonly fits: (one: One) => boolean
  readonly most: number
}

export interface Walked<One> {
  readonly found: readonly One[]
  /** Undefined where there is no more; otherwise where to go on. */
  readonly next: number | undefined
}

/** Goes back through a list of the past until `most` fit, the period begins, or nothing is left. */
export async function walkBack<One extends Dated>({ asked, page, fits, most }: Walk<One>): Promise<Walked<One>> {
  const { person, target } = asked
  if ([person, target].some((name) => name !== undefined && !isName(name))) return { found: [], next: undefined }
  const from = momentOf(asked.from) ?? 0
  const names = {
    ...(person !== undefined && { person: personName(person) }),
    ...(target !== undefined && { target: targetName(target) }),
  }
  const found: One[] = []
  const seen = new Set<string>()
  let before = Math.min(asked.before ?? Infinity, endOf(asked.to) ?? Infinity)
  for (;;) {
    const some = await page({ ...names, ...(Number.isFinite(before) && { before }), limit: LOOK })
    const fresh = some.filter((one) => !seen.has(one.id) && one.createdAt < before)
    for (const one of fresh) {
      const last = found.at(-1)
      // What was asked in the same millisecond stays together, so that the next page loses nothing.
      if (found.length >= most && last !== undefined && one.createdAt < last.createdAt)
        return { found, next: last.createdAt }
      if (one.createdAt < from) return { found, next: undefined }
      seen.add(one.id)
      if (fits(one)) found.push(one)
    }
    const oldest = fresh.at(-1)
    if (some.length < LOOK || oldest === undefined) return { found, next: undefined }
    if (seen.size >= DEEPEST) return { found, next: oldest.createdAt }
    before = oldest.createdAt + 1
  }
}

/** The fields of such a list's search, with its states between them. */
export const historyFields = (
  { text, person, target, from, to }: HistoryAsked,
  { textLabel, states }: { readonly textLabel: string; readonly states: FilterField },
): readonly FilterField[] => [
  { name: 'text', label: textLabel, value: text, type: 'search' },
  { name: 'person', label: 'Person', value: person },
  { name: 'target', label: 'Target', value: target },
  states,
  { name: 'from', label: 'From (UTC)', value: fieldOf(from), type: 'datetime-local' },
  { name: 'to', label: 'Until (UTC)', value: endField(to), type: 'datetime-local' },
]

/** Whether anything but the place in the list is asked for. */
export const isFiltered = (asked: object): boolean => Object.keys(setOf(asked, ['format'])).length > 0

/** To the page after this one, with the same search. */
export const olderLink = (path: string, asked: object, next: number | undefined): Html | string =>
  next === undefined
    ? ''
    : html`<p class="pager">
        <a class="quiet" rel="next" href="${path}?${queryOf({ ...setOf(asked, ['format']), before: String(next) })}"
          >Older ones</a
        >
      </p>`

/** The options of a state's field. */
export const stateField = (states: readonly string[], value: string | undefined): FilterField => ({
  name: 'state',
  label: 'State',
  value,
  options: states.map((state) => ({ value: state, label: state })),
})
