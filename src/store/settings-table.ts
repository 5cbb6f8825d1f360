import type { Database } from './database.ts'
import { text } from './row.ts'
import type { Synchronous } from './synchronous.ts'

/** A few named values of the installation, such as when the ledger was last sealed. No secrets. */
export interface SettingsStore {
  read(input: { readonly name: string }): Promise<string | undefined>
  write(input: { readonly name: string; readonly value: string }): Promise<void>
}

const WRITE =
  'INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value'

export const settingsTable = (database: Database): Synchronous<SettingsStore> => ({
  read({ name }) {
    const row = database.get('SELECT value FROM settings WHERE name = :name', { name })
    return row && text(row, 'value')
  },
  write(input) {
    database.run(WRITE, { ...input })
  },
})
