import type { Clock } from '../std/clock.ts'
import type { Checked } from './check.ts'
import type { CheckWanted } from './check.ts'
import type { Index } from './index-thread.ts'
import type { LedgerEntry, Period } from './questions.ts'
import type { Cell, Column, Front, ReportQuestion, Section } from './report.ts'
import type { EvidenceStore } from './store.ts'

export interface ReportDeps {
  readonly index: Index
  readonly store: EvidenceStore
  readonly check: (wanted: CheckWanted) => Promise<Checked>
  /** Resolves when everything that was done until now stands in the ledger's file. */
  readonly settled: () => Promise<void>
  readonly clock: Pick<Clock, 'now'>
  /** The recordings' root. */
  readonly root: string
  readonly node: string
  readonly version: string
  /** Version of the packs in force. */
  readonly policyVersion: () => string
}

/** The part of a report that differs from one question to the next. */
export interface ReportBody {
  readonly title: string
  readonly question: string
  readonly facts: Front['facts']
  readonly table: Section
}

export type ReportMaker = (deps: ReportDeps, question: ReportQuestion) => Promise<ReportBody>

/** Rows that one report holds at most. */
export const MAX_ROWS = 20_000

export const periodOf = ({ from, to }: Period): Period => ({ from, to })

/** Columns from `name: title` pairs. */
export const columnsOf = (titles: Readonly<Record<string, string>>): readonly Column[] =>
  Object.entries(titles).map(([name, title]) => ({ name, title }))

/** A table of at most `MAX_ROWS` of the rows that were asked for with one more than that. */
export function tableOf(title: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): Section {
  return { title, columns, rows: rows.slice(0, MAX_ROWS), cut: rows.length > MAX_ROWS }
}

/** RFC 3339 of milliseconds. */
export const timeOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** A field of an entry's detail as a cell; null where there is none. */
export function detailCell(entry: LedgerEntry, field: string): Cell {
  const value = entry.detail[field]
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value) && value.every((one): one is string => typeof one === 'string')) return value
  return JSON.stringify(value)
}

/** What an entry tells beyond its own columns, as one text. */
export function restOf(entry: LedgerEntry, told: readonly string[]): string | null {
  const rest = Object.keys(entry.detail).filter((field) => !told.includes(field))
  const parts = rest.map((field) => [field, detailCell(entry, field)] as const).filter(([, value]) => value !== null)
  return parts.length === 0 ? null : parts.map(([field, value]) => `${field}: ${String(value)}`).join('; ')
}
