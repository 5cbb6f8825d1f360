import { RIGHTS, type Rights } from '../model/rights.ts'
import { UsageError } from './command.ts'

/** What is typed behind `--rights`. */
export function rightsOf(text: string): Rights {
  const found = RIGHTS.find((one) => one === text)
  if (found === undefined) throw new UsageError(`--rights is one of ${RIGHTS.join(', ')}`)
  return found
}
