import type { Call } from './scope.ts'
import { COPYING } from './special/copying.ts'
import { EDITING } from './special/editing.ts'
import { FINDING } from './special/finding.ts'
import { REMOTE } from './special/remote.ts'
import { SCRIPTS } from './special/scripts.ts'
import { SHELLS } from './special/shells.ts'
import { STATE } from './special/state.ts'
import { TOOLS } from './special/tools.ts'

/** Programs of which a row of the table cannot say everything. Each analysis judges the whole call. */
export type Special = (call: Call) => void

export const SPECIALS: ReadonlyMap<string, Special> = new Map(
  Object.entries({ ...COPYING, ...EDITING, ...FINDING, ...REMOTE, ...SCRIPTS, ...SHELLS, ...STATE, ...TOOLS }),
)
