import { ACCOUNTS } from './accounts.ts'
import { BUILTINS } from './builtins.ts'
import { CONTAINERS } from './containers.ts'
import { DATABASES } from './databases.ts'
import { FILES } from './files.ts'
import { INTERPRETERS } from './interpreters.ts'
import { NETWORK } from './network.ts'
import type { Program } from './row.ts'
import { SOFTWARE } from './software.ts'
import { SYSTEM } from './system.ts'
import { TEXT_TOOLS } from './text-tools.ts'
import { WRAPPERS } from './wrappers.ts'

/** Every program that is known, by the last part of its name. */
export const PROGRAMS: ReadonlyMap<string, Program> = new Map(
  Object.entries({
    ...TEXT_TOOLS,
    ...FILES,
    ...SYSTEM,
    ...NETWORK,
    ...SOFTWARE,
    ...INTERPRETERS,
    ...DATABASES,
    ...CONTAINERS,
    ...ACCOUNTS,
    ...WRAPPERS,
    ...BUILTINS,
  }),
)

/** No interpreter has a longer name. */
const MAX_NAME = 32

/** The row of a program. A version at the end of an interpreter's or compiler's name (`python3.11`, `gcc-12`) makes no other program of it. */
export function programNamed(name: string): Program | undefined {
  const row = PROGRAMS.get(name)
  if (row !== undefined || name.length > MAX_NAME) return row
  const unversioned = PROGRAMS.get(name.replace(/-?\d+(\.\d+)*$/, ''))
  return unversioned?.effects?.includes('code') === true ? unversioned : undefined
}
