import { scrub } from '../../mask/scrub.ts'
import { encodeBackend } from '../../protocol/postgres/encode.ts'
import type { TransactionStatus } from '../../protocol/postgres/messages.ts'
import { oneLine } from '../../std/one-line.ts'
import type { HeldNotice, Refused, RefusalKind } from '../../session/ruling.ts'

/** SQLSTATE of each kind of refusal. Manual: Appendix A. */
const CODES: Readonly<Record<Exclude<RefusalKind, 'native'>, string>> = {
  denied: '42501',
  declined: '42501',
  expired: '42501',
  void: '42501',
  withdrawn: '57014',
  unavailable: '57P03',
  syntax: '42601',
  names: '42501',
  'no-statement': '26000',
  'no-portal': '34000',
  'statement-exists': '42P05',
  'portal-exists': '42P03',
}

/** An ErrorResponse in Postgres's own words and fields. Names and reasons in it are typed by people: see `told`. `severity` FATAL announces that the session ends. */
export function errorResponse(error: ErrorText): Buffer {
  const fields = new Map<string, string>([
    ['S', error.severity ?? 'ERROR'],
    ['V', error.severity ?? 'ERROR'],
    ['C', error.code],
    ['M', told(error.message)],
  ])
  if (error.detail !== undefined) fields.set('D', told(error.detail))
  if (error.hint !== undefined) fields.set('H', told(error.hint))
  if (error.position !== undefined) fields.set('P', String(error.position))
  return encodeBackend({ name: 'errorResponse', fields })
}

export interface ErrorText {
  readonly severity?: 'ERROR' | 'FATAL'
  readonly code: string
  readonly message: string
  readonly detail?: string | undefined
  readonly hint?: string | undefined
  readonly position?: number | undefined
}

export const refusalResponse = (refusal: Refused): Buffer => errorResponse({ ...refusal, code: codeOf(refusal) })

const codeOf = ({ kind, native }: Refused): string => (kind === 'native' ? (native ?? 'XX000') : CODES[kind])

export const readyForQuery = (status: TransactionStatus): Buffer => encodeBackend({ name: 'readyForQuery', status })

/** What psql prints while a statement waits. */
export function heldNotice(held: HeldNotice): Buffer {
  const fields = new Map<string, string>([
    ['S', 'NOTICE'],
    ['V', 'NOTICE'],
    ['C', '01000'],
    ['M', told(`this statement is held: ${held.message}`)],
    [
      'D',
      `Approval ${held.approval}, rule ${held.rules.join(', ')}, needs ${held.needs} before ${clock(held.expiresAt)} UTC.`,
    ],
    ['H', `Countersign at ${held.link} or with: countersign approve ${held.approval}. Ctrl-C withdraws it.`],
  ])
  return encodeBackend({ name: 'noticeResponse', fields })
}

/** A NOTICE of the session itself, e.g. that its grant ends soon. */
export const notice = (message: string): Buffer =>
  encodeBackend({ name: 'noticeResponse', fields: new Map([['S', 'NOTICE'], ['V', 'NOTICE'], ['C', '01000'], ['M', told(message)]]) }) // prettier-ignore

/** Card numbers are cut down; and psql prints what it is sent: whoever denies a statement must not draw on the terminal of whoever asked, nor speak in our name. */
const told = (text: string): string => oneLine(scrub(text))

const clock = (millis: number): string => new Date(millis).toISOString().slice(11, 19)
