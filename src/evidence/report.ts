import type { PersonName } from '../model/ids.ts'
import type { Period } from './questions.ts'

/** The questions that an assessor asks for a period. */
export const REPORTS = ['reach', 'person', 'touched', 'decisions', 'failed', 'views', 'accounts', 'chain'] as const
export type ReportName = (typeof REPORTS)[number]

/** What is asked. `person` needs a person, `touched` a table, a column or a class. */
export interface ReportQuestion extends Period {
  readonly name: ReportName
  readonly person?: PersonName | undefined
  readonly table?: string | undefined
  readonly column?: string | undefined
  readonly class?: string | undefined
}

/** What a cell may be. Lists are shown with commas. */
export type Cell = string | number | boolean | null | readonly string[]

/** One table of facts. */
export interface Section {
  readonly title: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  /** There are more rows than a report holds; the shown ones are the newest. */
  readonly cut: boolean
}

export interface Column {
  readonly name: string
  readonly title: string
}

/** What the front page says. */
export interface Front {
  readonly title: string
  /** What the report answers, in a sentence. */
  readonly question: string
  readonly from: string | null
  readonly to: string | null
  readonly madeAt: string
  readonly node: string
  readonly version: string
  readonly policyVersion: string
  readonly verification: Verification
  /** Counts and remarks, e.g. `statements held: 3`. */
  readonly facts: readonly { readonly name: string; readonly value: Cell }[]
}

/** What a check of the recordings of the period and of the ledger found. */
export interface Verification {
  readonly ok: boolean
  readonly checkedAt: string
  readonly recordings: number
  readonly events: number
  readonly ledgerEntries: number
  readonly ledgerHead: string
  readonly keys: readonly string[]
  readonly problems: number
  /** Codes with their counts, in order of the alphabet. */
  readonly codes: readonly string[]
}

/** A report as data: `csv.ts` and `document.ts` write it. */
export interface Report {
  readonly name: ReportName
  readonly front: Front
  readonly table: Section
}
