import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { Secret } from '../std/secret.ts'
import { map, wants } from '../std/shape.ts'

/** What a configuration is read against: the process's environment and the folder that relative paths start from. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
}

/** What is wrong with something outside of the configuration file, in words. */
interface Fault {
  readonly fault: string
}

const FORM = '{ env: NAME } or { file: PATH }; secrets are never written into this file'

// Longer than any password or token; a bigger file is not the one that was meant.
const MAX_SECRET = 64 * 1024

/** `{ env: NAME }` or `{ file: PATH }`, read while the configuration is loaded. Problems never quote what was found. */
export const secretRef = (around: Surroundings): z.ZodType<Secret> =>
  z
    .union([map({ env: z.string() }), map({ file: z.string() })], {
      error: (issue) => wants(FORM)(issue),
    })
    .transform((ref, issues) => {
      const found = 'env' in ref ? fromEnvironment(ref.env, around) : fromFile(ref.file, around)
      if (typeof found === 'string') return new Secret(found)
      issues.addIssue({ code: 'custom', message: found.fault })
      return z.NEVER
    })

/** A file that must be there and readable; gives its absolute path. */
export const filePath = (around: Surroundings): z.ZodType<string> => located(around, (file) => fileFault(file))

/** The same for a private key, which nobody else may read. */
export const keyPath = (around: Surroundings): z.ZodType<string> =>
  located(around, (file) => fileFault(file) ?? exposure(file))

/** A folder, which may still have to be made. */
export const folderPath = (around: Surroundings): z.ZodType<string> => located(around, () => undefined)

const located = (around: Surroundings, check: (file: string) => string | undefined): z.ZodType<string> =>
  z
    .string({ error: wants('a path') })
    .min(1, { error: 'must not be empty' })
    .transform((written, issues) => {
      const file = path.resolve(around.folder, written)
      const fault = check(file)
      if (fault !== undefined) issues.addIssue({ code: 'custom', message: fault })
      return file
    })

function fromEnvironment(name: string, { env }: Surroundings): string | Fault {
  const value = env[name]
  if (value === undefined) return { fault: `the environment variable ${name} is not set` }
  return value === '' ? { fault: `the environment variable ${name} is empty` } : value
}

function fromFile(written: string, { folder }: Surroundings): string | Fault {
  const file = path.resolve(folder, written)
  const fault = fileFault(file) ?? exposure(file)
  if (fault !== undefined) return { fault }
  if (statSync(file).size > MAX_SECRET) return { fault: `the file ${written} is too long for a secret` }
  // Editors and `echo` end a file with a newline that nobody means to be part of the secret.
  const secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  return secret === '' ? { fault: `the file ${written} is empty` } : secret
}

function fileFault(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) return `there is no file ${path.basename(file)} at this path`
  if (!found.isFile()) return `${path.basename(file)} is no file`
  return readable(file) ? undefined : `the file ${path.basename(file)} cannot be read by this account`
}

function readable(file: string): boolean {
  try {
    readFileSync(file)
    return true
  } catch {
    return false
  }
}

const exposure = (file: string): string | undefined =>
  (statSync(file).mode & 0o007) === 0
    ? undefined
    : `everybody on this machine may read ${path.basename(file)}; run chmod 600 on it`
