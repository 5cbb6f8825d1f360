import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { fromBase32 } from '../../access/base32.ts'
import { codeAt, counterAt } from '../../access/totp.ts'
import type { DemoPerson } from './people.ts'

const STEP_MS = 30_000
/** A code is used up within this time after it was made. */
const USE_MS = 5_000

/**
 * One-time codes of a person, each later than the one before, as the server takes them: one step back and one ahead are good, so three can
 * be had at once. The fourth waits for the clock and tells how long.
 */
export function createCodes(person: DemoPerson, onWait: (ms: number) => void): () => Promise<string> {
  let last = 0
  return async () => {
    last = Math.max(last + 1, counterAt(Date.now() + USE_MS) - 1)
    return codeOf(person, last, onWait)
  }
}

/**
 * The next code for a person at a keyboard: the one of now, or the next one where that was told already, so that a login and a decision can
 * follow each other. What was told is remembered in `memory`, a file.
 */
export async function tellNextCode(person: DemoPerson, memory: string, onWait: (ms: number) => void): Promise<string> {
  const told = Told.parse(existsSync(memory) ? JSON.parse(readFileSync(memory, 'utf8')) : {})
  const counter = Math.max((told[person.name] ?? 0) + 1, counterAt(Date.now()))
  writeFileSync(memory, JSON.stringify({ ...told, [person.name]: counter }), { mode: 0o600 })
  return codeOf(person, counter, onWait)
}

const Told = z.record(z.string(), z.int())

async function codeOf(person: DemoPerson, counter: number, onWait: (ms: number) => void): Promise<string> {
  const secret = fromBase32(person.factor)
  if (secret === undefined) throw new Error(`${person.name} has no second factor`)
  const wait = (counter - 1) * STEP_MS - Date.now()
  if (wait > 0) {
    onWait(wait)
    await pause(wait + 10)
  }
  return codeAt(secret, counter * STEP_MS)
}
