import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** The version of the package that this file belongs to; the same two levels up from the source and from the compiled file. */
export const VERSION = z
  .looseObject({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))).version
