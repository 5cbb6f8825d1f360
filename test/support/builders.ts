import { encodeBackend, encodeFrontend } from '../../src/protocol/postgres/encode.ts'
import type {
  BackendMessage,
  Format,
  FrontendMessage,
  TransactionStatus,
} from '../../src/protocol/postgres/messages.ts'

/*
 * Messages as a test writes them down, and as it reads them: `spoken` gives one short line for each.
 */

const front = (message: FrontendMessage): Buffer => encodeFrontend(message)
const back = (message: BackendMessage): Buffer => encodeBackend(message)
const cells = (values: readonly (string | null)[]): (Buffer | null)[] =>
  values.map((value) => (value === null ? null : Buffer.from(value)))

export const query = (text: string): Buffer => front({ name: 'query', text })
export const parse = (text: string, statement = ''): Buffer =>
  front({ name: 'parse', statement, text, parameterTypes: [] })
export const bind = (statement = '', portal = '', values: readonly (string | null)[] = []): Buffer =>
  front({ name: 'bind', portal, statement, parameterFormats: [], parameters: cells(values), resultFormats: [] })
export const execute = (portal = '', maxRows = 0): Buffer => front({ name: 'execute', portal, maxRows })
export const describePortal = (name = ''): Buffer => front({ name: 'describe', subject: 'portal', subjectName: name })
export const describeStatement = (name = ''): Buffer =>
  front({ name: 'describe', subject: 'statement', subjectName: name })
export const closeStatement = (name: string): Buffer =>
  front({ name: 'close', subject: 'statement', subjectName: name })
export const closePortal = (name: string): Buffer => front({ name: 'close', subject: 'portal', subjectName: name })
export const sync = front({ name: 'sync' })
export const flush = front({ name: 'flush' })
export const terminate = front({ name: 'terminate' })
export const copyBytes = (text: string): Buffer => front({ name: 'copyData', bytes: Buffer.from(text) })
export const copyDone = front({ name: 'copyDone' })
export const copyFail = front({ name: 'copyFail', reason: 'no more' })
export const functionCall = front({
  name: 'functionCall',
  functionOid: 42,
  argumentFormats: [],
  arguments: [],
  resultFormat: 'text',
})
/** Parse, Bind and Execute of a statement without a name. */
export const run = (text: string): Buffer => Buffer.concat([parse(text), bind(), execute()])

export const parsed = back({ name: 'parseComplete' })
export const bound = back({ name: 'bindComplete' })
export const closed = back({ name: 'closeComplete' })
export const noData = back({ name: 'noData' })
export const suspended = back({ name: 'portalSuspended' })
export const nothingToRun = back({ name: 'emptyQueryResponse' })
export const complete = (commandTag: string): Buffer => back({ name: 'commandComplete', commandTag })
export const ready = (status: TransactionStatus = 'idle'): Buffer => back({ name: 'readyForQuery', status })
export const row = (...values: readonly (string | null)[]): Buffer => back({ name: 'dataRow', cells: cells(values) })
export const failure = (code: string, message = 'no'): Buffer =>
  back({ name: 'errorResponse', fields: new Map([['S', 'ERROR'], ['V', 'ERROR'], ['C', code], ['M', message]]) }) // prettier-ignore
export const parameter = (name: string, value: string): Buffer =>
  back({ name: 'parameterStatus', parameter: name, value })
export const notification = (channel: string, payload: string): Buffer =>
  back({ name: 'notificationResponse', processId: 7, channel, payload })
export const parameters = (...types: readonly number[]): Buffer => back({ name: 'parameterDescription', types })
export const copyIn = back({ name: 'copyInResponse', format: 'text', columnFormats: [] })
export const copyOut = back({ name: 'copyOutResponse', format: 'text', columnFormats: [] })
export const copiedBytes = (text: string): Buffer => back({ name: 'copyData', bytes: Buffer.from(text) })
export const copied = back({ name: 'copyDone' })

/** A column of a RowDescription: its name and where it comes from; 0 is nowhere. */
export interface Shown {
  readonly name: string
  readonly tableOid?: number
  readonly attnum?: number
  readonly typeOid?: number
}

const TEXT = 25

export const columns = (...shown: readonly Shown[]): Buffer =>
  back({
    name: 'rowDescription',
    fields: shown.map(({ name, tableOid = 0, attnum = 0, typeOid = TEXT }) => {
      const format: Format = 'text'
      return { name, tableOid, attnum, typeOid, typeSize: -1, typeModifier: -1, format }
    }),
  })

/** One message of either side as a line for people. */
export function spoken(message: FrontendMessage | BackendMessage): string {
  switch (message.name) {
    case 'query':
      return `query ${message.text}`
    case 'parse':
      return `parse ${message.statement || '-'} ${message.text}`
    case 'bind':
      return `bind ${message.portal || '-'} ${message.statement || '-'}`
    case 'execute':
      return `execute ${message.portal || '-'} ${message.maxRows}`
    case 'describe':
    case 'close':
      return `${message.name} ${message.subject} ${message.subjectName || '-'}`
    case 'commandComplete':
      return message.commandTag
    case 'dataRow':
      return `row ${message.cells.map((cell) => (cell === null ? 'NULL' : cell.toString('utf8'))).join('|')}`
    case 'readyForQuery':
      return `ready ${message.status}`
    case 'errorResponse':
      return `error ${message.fields.get('C') ?? ''}`
    case 'noticeResponse':
      return `notice ${(message.fields.get('M') ?? '').slice(0, 22)}`
    case 'rowDescription':
      return `columns ${message.fields.map((field) => field.name).join('|')}`
    case 'copyData':
      return `copy ${message.bytes.toString('utf8')}`
    default:
      return message.name
  }
}

/** What the upstream hears in place of a refused frame whose segment must not commit. */
export const POISON = 'parse countersign refused refused by countersign'
