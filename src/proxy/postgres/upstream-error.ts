import { CodedError, type CodedErrorOptions } from '../../std/errors.ts'

/** Why an upstream connection could not be made, cannot be used, or refused a statement of ours. */
export type UpstreamCode = keyof typeof SENTENCES

/** What a client may be told; nothing in it comes from the upstream. */
const SENTENCES = {
  E_UPSTREAM_UNREACHABLE: 'the target cannot be reached',
  E_UPSTREAM_TIMEOUT: 'the target did not answer in time',
  E_UPSTREAM_ABORTED: 'the connection to the target was given up',
  E_UPSTREAM_TLS: 'no trusted encrypted connection to the target',
  E_UPSTREAM_AUTH: 'the target refused our credentials',
  E_UPSTREAM_DATABASE: 'the target has no such database, or not for our account',
  E_UPSTREAM_BUSY: 'the target takes no connections now',
  E_UPSTREAM_REFUSED: 'the target refused the connection',
  E_UPSTREAM_PROTOCOL: 'the target does not speak the protocol as it must',
  E_UPSTREAM_QUERY: 'the target refused a query of ours',
} as const

/** An error about an upstream. `fields` hold a SQLSTATE or an error number, never a server's text: it may repeat values. */
export class UpstreamError extends CodedError {
  declare readonly code: UpstreamCode

  constructor(code: UpstreamCode, options: Omit<CodedErrorOptions, 'clientMessage'> = {}) {
    super(code, { ...options, clientMessage: SENTENCES[code] })
    this.name = 'UpstreamError'
  }
}

/** An ErrorResponse during startup. Manual: appendix "PostgreSQL Error Codes". */
export function startupRefusal(fields: ReadonlyMap<string, string>): UpstreamError {
  const sqlState = sqlStateOf(fields)
  return new UpstreamError(codeOf(sqlState), {
    message: `${EXPLAINED[sqlState] ?? 'the upstream refused'} (${sqlState})`,
    fields: { sqlState },
  })
}

/** Five letters or digits, or `XXXXX`: the only part of an error that cannot repeat a value. */
export function sqlStateOf(fields: ReadonlyMap<string, string>): string {
  const sqlState = fields.get('C') ?? ''
  return /^[0-9A-Z]{5}$/.test(sqlState) ? sqlState : 'XXXXX'
}

function codeOf(sqlState: string): UpstreamCode {
  if (sqlState.startsWith('28')) return 'E_UPSTREAM_AUTH'
  if (sqlState === '3D000' || sqlState === '42501') return 'E_UPSTREAM_DATABASE'
  if (sqlState.startsWith('53') || sqlState.startsWith('57P')) return 'E_UPSTREAM_BUSY'
  return 'E_UPSTREAM_REFUSED'
}

const EXPLAINED: Readonly<Record<string, string>> = {
  '28P01': "the upstream did not take the account's password",
  '28000':
    'the upstream does not let this account in from here: unknown, may not log in, or no line of pg_hba.conf fits',
  '3D000': 'the upstream has no such database',
  '42501': 'the account may not connect to this database',
  '53300': 'the upstream has no free connection slot',
  '57P03': 'the upstream is starting up or shutting down',
}
