import { z } from 'zod'
import { FOUND_VERDICTS } from '../../evidence/questions.ts'
import { filterOf, FilterText } from './form.ts'

/** What the list of sessions may be asked for in its address. */
export const SessionFilters = z.object({
  person: FilterText,
  target: FilterText,
  state: filterOf(['open', 'closed']),
  table: FilterText,
  column: FilterText,
  text: FilterText,
  verdict: filterOf(FOUND_VERDICTS),
  from: FilterText,
  to: FilterText,
  cursor: FilterText,
  format: filterOf(['csv', 'json']),
})
export type SessionFilters = z.infer<typeof SessionFilters>
