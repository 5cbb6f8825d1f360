import type { z } from 'zod'
import type { ShownFacts } from '../schemas.ts'

type Facts = z.infer<typeof ShownFacts>

/** The words of the effect, as on the button: `DELETE on public.payments`. */
export function verbs(facts: readonly Facts[]): string {
  const names = [...new Set(facts.flatMap((one) => one.verbs.map((verb) => verb.toUpperCase())))]
  const tables = [
    ...new Set(facts.flatMap(({ writes, reads }) => (writes.length > 0 ? writes : reads).map(({ name }) => name))),
  ]
  const head = names.length === 0 ? 'a statement' : names.slice(0, 4).join(', ')
  return tables.length === 0
    ? head
    : `${head} on ${tables.slice(0, 4).join(', ')}${tables.length > 4 ? ` and ${tables.length - 4} more` : ''}`
}
