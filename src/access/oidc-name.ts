import { isName, personName } from '../model/ids.ts'
import type { PersonName } from '../model/ids.ts'

/** What acts in the ledger without being a person. */
const RESERVED = ['system', 'local', '-']

/**
 * The name that an address or a user name stands for here: what is before the `@`, in lower case, anything but a-z, 0-9, dot, underscore and hyphen as a hyphen.
 * Undefined where nothing usable is left. Two addresses may mean one name: the second is refused where names are taken, never joined with the first.
 */
export function nameFrom(claim: string): PersonName | undefined {
  const at = claim.lastIndexOf('@')
  const local = at > 0 ? claim.slice(0, at) : claim
  // ASCII only: other letters that look like these, or that lower case maps onto them, become hyphens.
  const name = local
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
  return isName(name) && !RESERVED.includes(name) ? personName(name) : undefined
}
