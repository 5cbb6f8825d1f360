import { z } from 'zod'
import { REPORTS } from '../../evidence/report.ts'
import { filterOf, FilterText } from './form.ts'

/** What a report may be asked for in its address. */
export const EvidenceAsked = z.object({
  report: filterOf(REPORTS),
  person: FilterText,
  table: FilterText,
  column: FilterText,
  class: FilterText,
  from: FilterText,
  to: FilterText,
  format: filterOf(['csv', 'html', 'json']),
})
export type EvidenceAsked = z.infer<typeof EvidenceAsked>
