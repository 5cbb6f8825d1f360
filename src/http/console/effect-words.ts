import type { z } from 'zod'
import type { ShownFacts, ShownStatement } from '../schemas.ts'

type Facts = z.infer<typeof ShownFacts>
type Statement = Pick<z.infer<typeof ShownStatement>, 'facts' | 'actions'>

/** So many verbs, tables or programs are named; of the rest only the number is. */
const MOST_NAMED = 4

/** What statements do in a few words, as in the heading and on the button: `DELETE on public.payments`, `systemctl`. */
export function effectWords(all: readonly Statement[]): string {
  const titles = [...new Set(all.flatMap(({ actions }) => actions.map(({ title }) => title)))]
  return titles.length > 0 ? few(titles) : verbs(all.flatMap(({ facts }) => facts))
}

function verbs(facts: readonly Facts[]): string {
  const names = [...new Set(facts.flatMap((one) => one.verbs.map((verb) => verb.toUpperCase())))]
  const tables = [
    ...new Set(facts.flatMap(({ writes, reads }) => (writes.length > 0 ? writes : reads).map(({ name }) => name))),
  ]
  const head = names.length === 0 ? 'a statement' : few(names)
  return tables.length === 0 ? head : `${head} on ${few(tables)}`
}

const few = (all: readonly string[]): string =>
  `${all.slice(0, MOST_NAMED).join(', ')}${all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : ''}`
