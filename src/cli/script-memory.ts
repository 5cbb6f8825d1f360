import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { profilePath } from './profile.ts'

const Kept = z.strictObject({ file: z.string() })

type Env = Readonly<Record<string, string | undefined>>

const placeOf = (id: string, env: Env): string =>
  path.join(path.dirname(profilePath('default', env)), 'scripts', `${path.basename(id)}.json`)

/** Where a submitted script lies on this machine, so that `run ID` finds it again. Its text is not copied. */
export async function rememberScript(id: string, file: string, env: Env): Promise<void> {
  const place = placeOf(id, env)
  await mkdir(path.dirname(place), { recursive: true, mode: 0o700 })
  await writeFile(place, `${JSON.stringify({ file: path.resolve(file) })}\n`, { mode: 0o600 })
}

/** The file that was submitted from this machine, or undefined. */
export async function recallScript(id: string, env: Env): Promise<string | undefined> {
  const text = await readFile(placeOf(id, env), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const kept = Kept.safeParse(JSON.parse(text))
  return kept.success ? kept.data.file : undefined
}
