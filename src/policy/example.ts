import { z } from 'zod'
import type { FileOperation } from '../model/statement.ts'
import { isName } from '../model/ids.ts'
import { ROLES, type Role } from '../model/principal.ts'
import { map, oneOf, wants } from '../std/shape.ts'

/** Who sends an example to what, where that matters; what is left out is an engineer and the pack's `given.tags`. */
interface Circumstances {
  readonly tags?: readonly string[] | undefined
  readonly roles?: readonly Role[] | undefined
  readonly person?: string | undefined
  readonly target?: string | undefined
  readonly service?: boolean | undefined
}

/** What an example is of: a SQL statement, a command line, a file transfer, a forwarded connection or an open shell. */
export type Sent =
  | { readonly sql: string }
  | { readonly command: string; readonly directory?: string | undefined }
  | {
      readonly file: FileOperation
      readonly path: string
      readonly to?: string | undefined
      readonly by?: 'sftp' | 'scp' | 'rsync' | undefined
    }
  | { readonly forward: 'local' | 'remote'; readonly host: string; readonly port: number }
  | { readonly shell: 'open' }

export type Example = Sent & Circumstances

const ExampleName = z
  .string()
  .refine(isName, { error: 'must be 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen' })

const circumstances = {
  tags: z.array(z.string()).optional(),
  roles: z.array(z.enum(ROLES)).optional(),
  person: ExampleName.optional(),
  target: ExampleName.optional(),
  service: z.boolean().optional(),
}

const OPERATIONS: readonly FileOperation[] = [
  'read',
  'write',
  'append',
  'list',
  'stat',
  'attributes',
  'remove',
  'rename',
  'make-directory',
  'remove-directory',
  'link',
]

const Example = z.union(
  [
    z.string().transform((sql): Example => ({ sql })),
    map({ sql: z.string(), ...circumstances }).transform((example): Example => example),
    map({ command: z.string(), directory: z.string().optional(), ...circumstances }).transform(
      (example): Example => example,
    ),
    map({
      file: oneOf(OPERATIONS),
      path: z.string(),
      to: z.string().optional(),
      by: oneOf(['sftp', 'scp', 'rsync']).optional(),
      ...circumstances,
    }).transform((example): Example => example),
    map({
      forward: oneOf(['local', 'remote']),
      host: z.string(),
      port: z.int(),
      ...circumstances,
    }).transform((example): Example => example),
    map({ shell: oneOf(['open']), ...circumstances }).transform((example): Example => example),
  ],
  {
    error:
      'must be a SQL statement, or a map of sql, command, file and path, forward with host and port, or shell: open, with any of tags, roles, person, target, service',
  },
)

/** What a rule must catch, or spare. */
export const SomeExamples = z
  .array(Example, { error: wants('a list of statements') })
  .min(1, { error: 'must hold at least one example' })

/** The example on one line, for a message. */
export function printExample(example: Sent): string {
  if ('sql' in example) return example.sql.replace(/\s+/g, ' ').trim()
  if ('command' in example) return example.command.replace(/\s+/g, ' ').trim()
  if ('file' in example) return `${example.file} ${example.path}`
  if ('forward' in example) return `${example.forward} forward of ${example.host}:${example.port}`
  return 'an open shell'
}
