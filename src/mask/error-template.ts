import { scrub } from './scrub.ts'
import { CONDITIONS } from './sqlstates.ts'

/** One field of an ErrorResponse or NoticeResponse; `code` is its one-letter type. Manual: "Error and Notice Message Fields". */
export interface ErrorField {
  readonly code: string
  readonly value: string
}

const SEVERITIES: ReadonlySet<string> = new Set([
  'ERROR',
  'FATAL',
  'PANIC',
  'WARNING',
  'NOTICE',
  'DEBUG',
  'INFO',
  'LOG',
])
// What RAISE gives without a code of its own.
const MADE_UP = 'P0001'

/** Conditions that people and drivers act on, in words of ours. */
const SENTENCES: Readonly<Record<string, string>> = {
  '25P02': 'the transaction has failed; statements are ignored until it ends',
  '28000': 'the login was refused',
  '28P01': 'the login was refused',
  '40001': 'the transaction collided with another one; try it again',
  '40P01': 'the transaction was stopped to end a deadlock; try it again',
  '42501': 'permission denied',
  '53100': 'the server has no disk space left',
  '53200': 'the server has no memory left',
  '53300': 'the server has too many connections',
  '55P03': 'a lock could not be had in time',
  '57014': 'the statement was canceled',
  '57P01': 'the connection was closed by an administrator',
  '57P02': 'the connection was closed because the server crashed',
  '57P03': 'the server takes no connections at the moment',
  '57P05': 'the connection was closed because it was idle for too long',
}

/**
 * The fields of an error or a notice as the client may see them. Values lie in messages, details, names and even in made-up codes, so a
 * session that has touched tagged relations (`tainted`) gets severity, code, position and a sentence of ours. Errors of the parser
 * keep their text: they name what the person typed. In any other session the fields pass with their card numbers cut down.
 */
export function templateError(fields: readonly ErrorField[], tainted: boolean): readonly ErrorField[] {
  return tainted ? template(fields) : fields.map(scrubbed)
}

const scrubbed = ({ code, value }: ErrorField): ErrorField => ({ code, value: scrub(value) })

function template(fields: readonly ErrorField[]): readonly ErrorField[] {
  const value = (code: string): string | undefined => fields.find((field) => field.code === code)?.value
  const severity = knownSeverity(value('V'), value('S'))
  const state = CONDITIONS.has(value('C') ?? '') ? (value('C') ?? MADE_UP) : MADE_UP
  const position = value('P')
  const head = [
    { code: 'S', value: severity },
    { code: 'V', value: severity },
    { code: 'C', value: state },
  ]
  if (isFromParser(fields)) return [...head, ...fields.filter(({ code }) => 'MDHP'.includes(code)).map(scrubbed)]
  const tail = position !== undefined && isPosition(position) ? [{ code: 'P', value: position }] : []
  return [...head, { code: 'M', value: sentence(state) }, ...tail]
}

/** S is in the server's language and V in English; an unknown word in both would be somebody's carrier. */
const knownSeverity = (...words: readonly (string | undefined)[]): string =>
  words.find((word) => word !== undefined && SEVERITIES.has(word)) ?? 'ERROR'

const isPosition = (value: string): boolean => /^[0-9]{1,7}$/.test(value)

/**
 * Only the parser puts a position into the text that the client sent, and class 42 is about names and grammar. Errors inside a function's
 * own statement carry their query (`q`) or where they were (`W`), and their text may be made of data.
 */
function isFromParser(fields: readonly ErrorField[]): boolean {
  const has = (code: string): boolean => fields.some((field) => field.code === code)
  const isClass42 = fields.some(({ code, value }) => code === 'C' && value.startsWith('42') && CONDITIONS.has(value))
  const placed = fields.some(({ code, value }) => code === 'P' && isPosition(value))
  return isClass42 && placed && !has('q') && !has('p') && !has('W')
}

function sentence(state: string): string {
  const known = SENTENCES[state]
  if (known !== undefined) return known
  const name = (CONDITIONS.get(state) ?? 'unknown condition').replaceAll('_', ' ')
  return `${name} (text withheld: this session has used card data)`
}
