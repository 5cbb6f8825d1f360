import type { SpentChallenge } from '../access/passkey.ts'
import type { Database } from './database.ts'

const SPEND = `INSERT INTO challenges (challenge, person, purpose, expires_at) VALUES (:challenge, :person, :purpose, :expiresAt)
  ON CONFLICT DO NOTHING`

/** Keeps an answered challenge until it runs out; false where it was answered before. */
export function spendChallenge(database: Database, spent: SpentChallenge, at: number): boolean {
  database.run('DELETE FROM challenges WHERE expires_at < :at', { at })
  const { challenge, person, purpose, expiresAt } = spent
  return database.run(SPEND, { challenge, person, purpose, expiresAt }) === 1
}
