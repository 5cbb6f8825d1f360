import type { Problem } from './problem.ts'
import { summaryText } from './seal.ts'
import { SESSION_FILE } from './session-file.ts'
import { StoredSummary } from './stored.ts'
import { signatureProblem, type TrustedKeys } from './verify-keys.ts'

/** `summary.json` as a value; undefined where it is not byte for byte what our writer makes of that value. */
export function parseSummary(bytes: Buffer): StoredSummary | undefined {
  const value = StoredSummary.safeParse(parseJson(bytes)).data
  return value !== undefined && `${JSON.stringify(value)}\n` === bytes.toString('utf8') ? value : undefined
}

/** What is wrong with a summary by itself and against the head of its session. */
export function summaryProblems(
  { summary, signature }: StoredSummary,
  { trusted, expected }: { trusted: TrustedKeys; expected: ExpectedSummary },
): Pick<Problem, 'code' | 'text'>[] {
  const found: Pick<Problem, 'code' | 'text'>[] = []
  const text = summaryText(JSON.stringify(summary))
  const wrong = signatureProblem(trusted, { key: summary.key, signature, text, expected: expected.key })
  if (wrong !== undefined) {
    found.push({
      code: wrong.code === 'signature' ? 'summary-changed' : wrong.code,
      text: `summary.json: ${wrong.text}`,
    })
  }
  if (summary.session !== expected.session) {
    found.push({ code: 'summary-changed', text: `summary.json is of session ${summary.session}` })
  }
  if (summary.files[SESSION_FILE]?.sha256 !== expected.headerHash) {
    found.push({ code: 'session-changed', text: 'session.json was changed' })
  }
  return found
}

/** What a summary has to agree with. */
export interface ExpectedSummary {
  readonly session: string | undefined
  readonly headerHash: string
  /** The key that began the recording; undefined after a crash, when a newer one may have ended it. */
  readonly key: string | undefined
}

/** JSON, or undefined where it is none. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
