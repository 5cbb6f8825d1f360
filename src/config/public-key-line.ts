import { z } from 'zod'
import { wants } from '../std/shape.ts'

const FORM = 'a public key as it stands in a .pub file, e.g. "ssh-ed25519 AAAA…"'
const TYPES: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
])
/** An RSA key of 16384 bits takes some 2 KiB. */
const MAX_BYTES = 4096

/** `type base64 comment`: one public key. Gives `type base64`; whether the key itself is sound is found out by whoever trusts it. */
export const publicKeyLine = z.string({ error: wants(FORM) }).transform((text, issues) => {
  const [type = '', body = ''] = text.trim().split(/\s+/)
  const fault = lineFault(type, body)
  if (fault === undefined) return `${type} ${body}`
  issues.addIssue({ code: 'custom', message: fault })
  return z.NEVER
})

/** One public key or a list of them. */
export const publicKeyLines = z.unknown().transform((value, issues): readonly string[] => {
  const read = z
    .array(publicKeyLine)
    .min(1, { error: `is empty; write ${FORM}` })
    .safeParse(Array.isArray(value) ? value : [value])
  if (read.success) return read.data
  for (const issue of read.error.issues)
    issues.addIssue({ ...issue, path: Array.isArray(value) ? issue.path : issue.path.slice(1) })
  return z.NEVER
})

function lineFault(type: string, body: string): string | undefined {
  if (type.includes('-cert-')) return 'must be a plain public key, not a certificate'
  if (!TYPES.has(type)) return `must be ${FORM}`
  const blob = Buffer.from(body, 'base64')
  if (blob.length > MAX_BYTES) return 'is longer than any public key'
  // The type stands in the blob as well; a line that was cut or put together by hand disagrees.
  const inner = blob.length < 4 ? '' : blob.toString('latin1', 4, 4 + Math.min(blob.readUInt32BE(0), 64))
  return inner === type ? undefined : `is damaged: it says ${type}, and what follows is another key or was cut`
}
