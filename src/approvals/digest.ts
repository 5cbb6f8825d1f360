import { createHmac, timingSafeEqual } from 'node:crypto'
import type { PersonName, ScriptId, SessionId, TargetName } from '../model/ids.ts'
import type { Parameter } from '../model/statement.ts'

/** Everything that an approver agrees to, and that must still be so when the statement runs. */
export interface Subject {
  /** The held bytes, whole frames, in the order in which they will be sent. */
  readonly frame: Uint8Array
  readonly parameters: readonly Parameter[]
  readonly person: PersonName
  /** The session that waits, or the script that any later session may run. */
  readonly session: SessionId | ScriptId
  readonly target: TargetName
  /** The upstream's account that runs it, after any SET ROLE. */
  readonly account: string
  readonly database: string
  /** Every tracked setting that changes how the bytes are read or resolved; search_path among them. */
  readonly settings: Readonly<Record<string, string>>
  readonly policyVersion: string
  readonly classificationVersion: string
  readonly catalogEpoch: string
}

/**
 * HMAC-SHA-256 under a key of the node over a canonical encoding in which every field has its length in front, so that no two subjects
 * share one. Keyed, because a bare hash beside BIN and last four would give a card number away. 64 hex characters.
 */
export function digestOf(key: Uint8Array, subject: Subject, of: Agreed = 'approval'): string {
  const mac = createHmac('sha256', key)
  for (const part of encoded(subject, of)) mac.update(part)
  return mac.digest('hex')
}

/** What is agreed to: one held frame, or a whole script ahead of time. No digest of one is a digest of the other. */
export type Agreed = 'approval' | 'script'

/** Compares in constant time; anything that is no digest is not equal. */
export function sameDigest(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Fields in a fixed order; a new field is a new version in the first one. */
function encoded(subject: Subject, of: Agreed): Uint8Array[] {
  const settings = Object.entries(subject.settings).sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    ...text(`countersign/${of}/1`),
    ...bytes(subject.frame),
    count(subject.parameters.length),
    ...subject.parameters.flatMap(parameter),
    ...[subject.person, subject.session, subject.target, subject.account, subject.database].flatMap(text),
    count(settings.length),
    ...settings.flatMap(([name, value]) => [...text(name), ...text(value)]),
    ...[subject.policyVersion, subject.classificationVersion, subject.catalogEpoch].flatMap(text),
  ]
}

const parameter = ({ type, format, value }: Parameter): Uint8Array[] => [
  count(type),
  ...text(format),
  // NULL and the empty value are different values.
  ...(value === undefined ? [count(0)] : [count(1), ...bytes(value)]),
]

const text = (value: string): Uint8Array[] => bytes(Buffer.from(value))

const bytes = (value: Uint8Array): Uint8Array[] => [count(value.length), value]

function count(value: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt(value))
  return buffer
}
