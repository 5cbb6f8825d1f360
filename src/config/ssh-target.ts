import { z } from 'zod'
import { map, oneOf, wants } from '../std/shape.ts'
import { publicKeyLines } from './public-key-line.ts'
import { filePath, keyPath, secretRef, type Surroundings } from './secret-ref.ts'

const onOff = z.boolean({ error: wants('true or false') }).default(false)

/** What an SSH target has beside the keys that all targets share. */
export const sshTargetKeys = (around: Surroundings) => ({
  user: z.string({ error: wants("the target's own account") }).regex(/^[\x21-\x7e]{1,64}$/, {
    error: 'must be 1 to 64 printable characters without a space',
  }),
  /** One of the three lets the node in; `floors.ts` says so where it is none or several. */
  password: secretRef(around).optional(),
  /** A private key without a passphrase, in the form that ssh-keygen writes. */
  key: secretRef(around).optional(),
  /** A certificate of some minutes for each session, signed by the node's own CA: the target needs to know that CA and no key. */
  certificate: z.literal(true, { error: 'must be true, or left out' }).optional(),
  /** The target's own keys, pinned. */
  hostKey: publicKeyLines.optional(),
  /** The keys of those that sign host certificates; the certificate must name the host of `address`. */
  hostCa: publicKeyLines.optional(),
  shell: oneOf(['commands', 'open', 'deny']).default('commands'),
  forwards: map({ local: onOff, remote: onOff }).prefault({}),
})

/** The `ssh` section: what the listener shows and whom it believes. */
export const SshListener = (around: Surroundings) =>
  map({
    /** A private key; without it one is made on first start and kept in the data folder. */
    hostKey: keyPath(around).optional(),
    userCa: z.array(userCa(around), { error: wants('a list of files with public keys') }).default([]),
  })

/** A CA whose user certificates let people in. */
export interface UserCa {
  /** Absolute path of a file with one public key. */
  readonly file: string
  /** Whether it signs only for people who have just shown a second factor; the one-time code is asked for otherwise. */
  readonly checksFactor: boolean
}

const userCa = (around: Surroundings) => {
  const entry = map({ file: filePath(around), checksFactor: onOff })
  return z.unknown().transform((value, issues): UserCa => {
    const read = entry.safeParse(typeof value === 'string' ? { file: value } : value)
    if (read.success) return read.data
    for (const issue of read.error.issues)
      issues.addIssue({ ...issue, path: typeof value === 'string' ? [] : issue.path })
    return z.NEVER
  })
}
