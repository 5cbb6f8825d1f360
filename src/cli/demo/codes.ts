import { setTimeout as pause } from 'node:timers/promises'
import { fromBase32 } from '../../access/base32.ts'
import { codeAt, counterAt } from '../../access/totp.ts'
import type { DemoPerson } from './people.ts'

const STEP_MS = 30_000
/** A code is used up within this time after it was made. */
const USE_MS = 3_000

/**
 * One-time codes of a person, each later than the one before, as the server takes them: one step back and one ahead are good, so three can
 * be had at once. The fourth waits for the clock and tells how long.
 */
export function createCodes(person: DemoPerson, onWait: (ms: number) => void): () => Promise<string> {
  const secret = fromBase32(person.factor)
  if (secret === undefined) throw new Error(`${person.name} has no second factor`)
  let last = 0
  return async () => {
    const counter = Math.max(last + 1, counterAt(Date.now() + USE_MS) - 1)
    last = counter
    const wait = (counter - 1) * STEP_MS - Date.now()
    if (wait > 0) {
      onWait(wait)
      await pause(wait + 10)
    }
    return codeAt(secret, counter * STEP_MS)
  }
}
