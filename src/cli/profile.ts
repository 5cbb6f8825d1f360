import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { isName } from '../model/ids.ts'
import { RefusedError, UsageError } from './command.ts'

const Saved = z.strictObject({ url: z.url(), person: z.string(), token: z.string(), expiresAt: z.string() })

/** Who is logged in where, on this machine. The token is a secret: the file is the owner's alone. */
export type Profile = z.infer<typeof Saved>

type Env = Readonly<Record<string, string | undefined>>

/** `$XDG_CONFIG_HOME/countersign/<name>.json`, by default below ~/.config. */
export function profilePath(name: string, env: Env): string {
  if (!isName(name))
    throw new UsageError('a profile is named by 1 to 32 characters of a-z, 0-9, dot, underscore and hyphen')
  const home = env['XDG_CONFIG_HOME'] ?? path.join(env['HOME'] ?? homedir(), '.config')
  return path.join(home, 'countersign', `${name}.json`)
}

/** The profile of `--profile`, of COUNTERSIGN_PROFILE, or `default`. */
export const profileName = (option: string | undefined, env: Env): string =>
  option ?? env['COUNTERSIGN_PROFILE'] ?? 'default'

/** Written beside and moved into place, mode 0600 in a folder of mode 0700. */
export async function saveProfile(file: string, profile: Profile): Promise<void> {
  const beside = `${file}.${randomUUID()}`
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  try {
    await writeFile(beside, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await chmod(beside, 0o600)
    await rename(beside, file)
  } finally {
    await rm(beside, { force: true })
  }
}

/** @throws RefusedError where nobody is logged in under this name, or others can read the file */
export async function loadProfile(file: string): Promise<Profile> {
  const mode = await stat(file).then(
    (found) => found.mode,
    () => undefined,
  )
  if (mode === undefined) throw new RefusedError('nobody is logged in here; run: countersign login URL')
  if ((mode & 0o077) !== 0) throw new RefusedError(`${file} can be read by others; run: chmod 600 ${file}`)
  const saved = Saved.safeParse(jsonOf(await readFile(file, 'utf8')))
  if (!saved.success) throw new RefusedError(`${file} is damaged; run: countersign login URL`)
  return saved.data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
