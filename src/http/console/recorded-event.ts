import { z } from 'zod'
import type { RecordedLine } from '../../evidence/questions.ts'
import { StoredEvent } from '../../recording/stored.ts'

const Place = z.object({ seq: z.number(), at: z.string(), mono: z.number(), outcome: z.string(), kind: z.string() })
const SqlFacts = z.object({
  verbs: z.array(z.string()),
  tables: z.array(z.string()),
  classes: z.array(z.string()),
  complete: z.boolean(),
  gaps: z.array(z.string()),
})
/** What is done over SSH: its programs are shown where verbs are, what it touches where tables are, and its effects as tags. */
const ActionFacts = z
  .object({
    effects: z.array(z.string()),
    programs: z.array(z.string()),
    paths: z.array(z.object({ path: z.string() })),
    peer: z.string().exactOptional(),
    complete: z.boolean(),
    gaps: z.array(z.string()),
  })
  .transform(({ programs, effects, paths, peer, ...rest }) => ({
    ...{ ...rest, verbs: programs, classes: effects },
    tables: [...paths.map(({ path }) => path), ...(peer === undefined ? [] : [peer])],
  }))
const Facts = z.object({ facts: z.array(z.union([SqlFacts, ActionFacts])) })

/** What classification found out, as far as a recording keeps it. */
export type RecordedFacts = z.infer<typeof Facts>['facts'][number]

/** A line of a recording as a page shows it. */
export interface Shown {
  readonly event: StoredEvent
  /** Of a statement; empty for every other event, and where this version cannot read them. */
  readonly facts: readonly RecordedFacts[]
}

/** Reads a line; undefined where it is no event at all (a recording that was damaged). */
export function shownEvent(line: RecordedLine): Shown | undefined {
  const event = StoredEvent.safeParse(line)
  if (event.success) {
    const facts = event.data.kind === 'statement' ? Facts.safeParse(line) : undefined
    return { event: event.data, facts: facts?.success === true ? facts.data.facts : [] }
  }
  const place = Place.safeParse(line)
  if (!place.success) return undefined
  const { kind, ...rest } = place.data
  return { event: { ...rest, kind: 'other', name: kind }, facts: [] }
}
