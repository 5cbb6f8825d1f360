import type { ScriptId } from '../../model/ids.ts'

/** What a client may say in its startup packet, and what we send upstream for it. */
export type StartupCheck =
  | {
      readonly ok: true
      readonly user: string
      readonly database: string | undefined
      readonly settings: ReadonlyMap<string, string>
      /** A script that this session runs; a word of ours, which the target never hears. */
      readonly script: ScriptId | undefined
    }
  | { readonly ok: false; readonly code: string; readonly message: string }

const FREE_TEXT = /^[\x20-\x7e]{0,64}$/
const TIME_ZONE = /^[A-Za-z0-9_+\-/:.]{1,64}$/
const DATE_STYLE = /^[A-Za-z]{2,12}(, ?[A-Za-z]{2,8})?$/
const SMALL_NUMBER = /^-?\d{1,2}$/
const UTF8 = /^'?(utf-?8|unicode)'?$/i
const ON = /^(on|true|yes|1)$/i

/** Drivers send these; each with the values that keep the reading of a statement as it is pinned. Anything else is refused. */
const ALLOWED: Readonly<Record<string, RegExp>> = {
  application_name: FREE_TEXT,
  client_encoding: UTF8,
  datestyle: DATE_STYLE,
  timezone: TIME_ZONE,
  intervalstyle: /^[a-z_]{2,20}$/i,
  extra_float_digits: SMALL_NUMBER,
  bytea_output: /^(hex|escape)$/i,
  standard_conforming_strings: ON,
  statement_timeout: /^\d{1,9}(ms|s|min)?$/,
  lock_timeout: /^\d{1,9}(ms|s|min)?$/,
  idle_in_transaction_session_timeout: /^\d{1,9}(ms|s|min)?$/,
  jit: /^(on|off)$/i,
}

/** Settings that change how bytes are read or names resolve: always ours, whatever the client asked. */
export const PINNED: ReadonlyMap<string, string> = new Map([
  ['client_encoding', 'UTF8'],
  ['standard_conforming_strings', 'on'],
])

const refused = (message: string): StartupCheck => ({ ok: false, code: '0A000', message })

/** By which a session says that it runs a script that was approved ahead of time. */
export const SCRIPT_PARAMETER = 'countersign.script'
const SCRIPT_ID = /^x_[0-9a-z]{12}$/
/** A script is approved for a session as it begins by itself: what changes how values are read is not to be chosen by whoever runs it. */
const BESIDE_SCRIPT: ReadonlySet<string> = new Set(['application_name', 'client_encoding'])

/** Judges the parameters of a StartupMessage. Names are compared without case, as the server does. */
export function checkStartup(parameters: readonly (readonly [string, string])[]): StartupCheck {
  const seen = new Map<string, string>()
  for (const [name, value] of parameters) {
    const key = name.toLowerCase()
    if (seen.has(key)) return refused(`startup parameter "${key}" was given twice`)
    seen.set(key, value)
  }
  const user = seen.get('user')
  if (user === undefined || user === '')
    return { ok: false, code: '28000', message: 'no user name was given in the startup packet' }
  const database = seen.get('database')
  seen.delete('user')
  seen.delete('database')
  return settingsOf(seen, { user, database })
}

function settingsOf(
  seen: ReadonlyMap<string, string>,
  login: { user: string; database: string | undefined },
): StartupCheck {
  const script = seen.get(SCRIPT_PARAMETER)
  if (script !== undefined && !SCRIPT_ID.test(script)) return refused(`${SCRIPT_PARAMETER} names no script`)
  const settings = new Map([...seen].filter(([key]) => key !== SCRIPT_PARAMETER))
  for (const [key, value] of settings) {
    if (script !== undefined && !BESIDE_SCRIPT.has(key))
      return refused(`a session that runs a script takes no startup parameter "${printable(key)}"`)
    if (key === 'replication') return refused('replication connections do not pass here')
    if (key === 'options')
      return refused('startup options do not pass here; set what you need with SET after connecting')
    const allowed = ALLOWED[key]
    if (allowed === undefined) return refused(`startup parameter "${printable(key)}" does not pass here`)
    if (!allowed.test(value)) return refused(`startup parameter "${key}" may not have this value here`)
  }
  return { ok: true, ...login, settings, script: script === undefined ? undefined : (script as ScriptId) }
}

const printable = (text: string): string => text.replace(/[^a-z0-9_.]/g, '?').slice(0, 64)
