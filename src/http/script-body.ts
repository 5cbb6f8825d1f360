import { z } from 'zod'
import { SCRIPT_STATES } from '../approvals/script.ts'
import { Factor } from './factor.ts'

const Name = z
  .string()
  .regex(/^[a-z0-9._-]{1,32}$/, 'must be 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen')
const Digest = z.string().regex(/^[A-Za-z0-9_:+/=-]{16,128}$/, 'must be the digest as it was shown')
const Reason = z.string().trim().min(1).max(500)

/** The text's own limit is the configuration's; this one only bounds what is parsed. */
const Text = z.string().min(1)

export const SubmitBody = z.strictObject({
  target: Name,
  text: Text,
  reason: Reason,
  ticket: z.string().trim().min(1).max(100).optional(),
  forSeconds: z.int().min(60).max(86_400).default(14_400),
})
export const ScriptsQuery = z.strictObject({ state: z.enum(SCRIPT_STATES).optional() })
export const CheckBody = z.strictObject({ text: Text })
export const ApproveScriptBody = z.strictObject({ digest: Digest, factor: Factor })
export const DenyScriptBody = z.strictObject({ digest: Digest, reason: Reason, factor: Factor })

/** Room for the rest of a body around a text. */
const AROUND = 8192

/** Largest body that carries a script: JSON may write one byte of text as two, as it does with line ends and quotes. */
export const scriptBodyLimit = (maxText: number): number => 2 * maxText + AROUND

export const isScriptPath = (path: string): boolean => path === '/api/v1/scripts' || path.startsWith('/api/v1/scripts/')
