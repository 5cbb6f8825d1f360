import type { z } from 'zod'
import { FoundStatements, ReportAnswer } from '../http/evidence-schemas.ts'
import type { Call } from './client.ts'

export type Filter = Readonly<Record<string, string>>

/** A body that is not JSON of ours, with what its headers say of it. */
export interface Download {
  /** False where a verification named problems. */
  readonly verified: boolean
  readonly pieces: AsyncIterable<string>
}

/** The API of what was recorded. */
export interface EvidenceCalls {
  search(filter: Filter): Promise<z.infer<typeof FoundStatements>>
  report(name: string, filter: Filter): Promise<z.infer<typeof ReportAnswer>>
  /** A report as it is to be kept. */
  written(name: string, filter: Filter, format: 'csv' | 'html' | 'json'): Promise<Download>
}

/** Verification reads every byte of a period: what a year of it takes is not a hang. */
export const REPORT_TIMEOUT = 15 * 60_000

export function evidenceCalls(call: Call, download: (path: string) => Promise<Download>): EvidenceCalls {
  const query = (filter: Filter): string => new URLSearchParams(filter).toString()
  const at = (name: string, filter: Filter): string => `evidence/${encodeURIComponent(name)}?${query(filter)}`
  return {
    search: (filter) => call({ method: 'GET', path: `search?${query(filter)}`, answer: FoundStatements }),
    report: (name, filter) =>
      call({ method: 'GET', path: at(name, filter), answer: ReportAnswer, timeout: REPORT_TIMEOUT }),
    written: (name, filter, format) => download(at(name, { ...filter, format })),
  }
}
