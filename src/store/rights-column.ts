import { RIGHTS, type Rights } from '../model/rights.ts'
import { text } from './row.ts'
import type { Row } from './row.ts'

/** What cannot be read is no right to anything: the row is broken, and nothing stands on it. */
export function rightsFrom(row: Row): Rights {
  const rights = RIGHTS.find((known) => known === text(row, 'rights'))
  if (rights === undefined) throw new TypeError('a grant has unknown rights')
  return rights
}
