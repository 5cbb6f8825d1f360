import path from 'node:path'
import type { FileDigest, RecordingFiles } from './files.ts'
import { summaryText, type Signer } from './seal.ts'
import { SUMMARY_FILE } from './session-file.ts'

/** What `summary.json` says of a session that has ended. */
export interface Summary {
  readonly format: 'countersign.summary/1'
  readonly session: string
  readonly startedAt: string
  readonly endedAt: string
  /** A `CloseReason`. */
  readonly reason: string
  /** Lines of `events.ndjson`. */
  readonly events: number
  /** Hash of the last line: it commits to every byte before it. */
  readonly head: string
  /** Events of each kind. */
  readonly counts: Readonly<Record<string, number>>
  readonly files: Readonly<Record<string, FileDigest>>
  readonly key: string
}

/** The exact text of `summary.json`, signed. */
export function signedSummary(summary: Summary, signer: Signer): string {
  const body = JSON.stringify(summary)
  return `{"summary":${body},"signature":${JSON.stringify(signer.sign(summaryText(body)))}}\n`
}

/** Writes `summary.json` beside its name and renames it, so that it is never half there. */
export async function writeSummary(files: RecordingFiles, folder: string, text: string): Promise<void> {
  const part = path.join(folder, `${SUMMARY_FILE}.part`)
  const file = files.create(part)
  try {
    if (file.write(Buffer.from(text)) !== Buffer.byteLength(text))
      throw new Error('the summary was written only in part')
    await file.datasync()
  } finally {
    file.close()
  }
  files.rename(part, path.join(folder, SUMMARY_FILE))
}
