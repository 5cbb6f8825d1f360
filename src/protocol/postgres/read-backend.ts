import { BytesError } from '../../bytes/bytes-error.ts'
import type { Cursor } from '../../bytes/cursor.ts'
import { decodeUtf8 } from '../../bytes/utf8.ts'
import type { BackendMessages, BackendName, ErrorFields, Format, RowField, TransactionStatus } from './messages.ts'
import { formatOf, readCell, readFormat, readList, readOid } from './parts.ts'

const STATUSES: ReadonlyMap<number, TransactionStatus> = new Map([
  [0x49, 'idle'],
  [0x54, 'transaction'],
  [0x45, 'failed'],
])

/** Reads the body of each backend message; of Authentication what follows the code. They throw BytesError; that nothing is left over is their caller's check. */
export const readBackend: { readonly [Name in BackendName]: (body: Cursor) => BackendMessages[Name] } = {
  authenticationOk: () => ({ name: 'authenticationOk' }),
  authenticationKerberosV5: () => ({ name: 'authenticationKerberosV5' }),
  authenticationCleartextPassword: () => ({ name: 'authenticationCleartextPassword' }),
  authenticationMd5Password: (body) => ({ name: 'authenticationMd5Password', salt: body.take(4) }),
  authenticationGss: () => ({ name: 'authenticationGss' }),
  authenticationGssContinue: (body) => ({ name: 'authenticationGssContinue', token: body.rest() }),
  authenticationSspi: () => ({ name: 'authenticationSspi' }),
  authenticationSasl: (body) => ({ name: 'authenticationSasl', mechanisms: readMechanisms(body) }),
  authenticationSaslContinue: (body) => ({ name: 'authenticationSaslContinue', challenge: body.rest() }),
  authenticationSaslFinal: (body) => ({ name: 'authenticationSaslFinal', outcome: body.rest() }),
  backendKeyData: (body) => ({ name: 'backendKeyData', processId: body.i32(), key: readKey(body) }),
  bindComplete: () => ({ name: 'bindComplete' }),
  closeComplete: () => ({ name: 'closeComplete' }),
  commandComplete: (body) => ({ name: 'commandComplete', commandTag: body.cstring() }),
  copyData: (body) => ({ name: 'copyData', bytes: body.rest() }),
  copyDone: () => ({ name: 'copyDone' }),
  copyInResponse: (body) => ({ name: 'copyInResponse', ...readCopyFormats(body) }),
  copyOutResponse: (body) => ({ name: 'copyOutResponse', ...readCopyFormats(body) }),
  copyBothResponse: (body) => ({ name: 'copyBothResponse', ...readCopyFormats(body) }),
  dataRow: (body) => ({ name: 'dataRow', cells: readList(body, readCell) }),
  emptyQueryResponse: () => ({ name: 'emptyQueryResponse' }),
  errorResponse: (body) => ({ name: 'errorResponse', fields: readErrorFields(body) }),
  functionCallResponse: (body) => ({ name: 'functionCallResponse', value: readCell(body) }),
  negotiateProtocolVersion: (body) => ({
    name: 'negotiateProtocolVersion',
    version: body.i32(),
    unknownOptions: readOptions(body),
  }),
  noData: () => ({ name: 'noData' }),
  noticeResponse: (body) => ({ name: 'noticeResponse', fields: readErrorFields(body) }),
  notificationResponse: (body) => ({
    name: 'notificationResponse',
    processId: body.i32(),
    channel: body.cstring(),
    payload: body.cstring(),
  }),
  parameterDescription: (body) => ({ name: 'parameterDescription', types: readList(body, readOid) }),
  parameterStatus: (body) => ({ name: 'parameterStatus', parameter: body.cstring(), value: body.cstring() }),
  parseComplete: () => ({ name: 'parseComplete' }),
  portalSuspended: () => ({ name: 'portalSuspended' }),
  readyForQuery: (body) => ({ name: 'readyForQuery', status: readStatus(body) }),
  rowDescription: (body) => ({ name: 'rowDescription', fields: readList(body, readField) }),
}

function readMechanisms(body: Cursor): string[] {
  const mechanisms: string[] = []
  for (let mechanism = body.cstring(); mechanism !== ''; mechanism = body.cstring()) mechanisms.push(mechanism)
  return mechanisms
}

function readKey(body: Cursor): Buffer {
  if (body.remaining < 4 || body.remaining > 256) throw new BytesError('a cancel key of 4 to 256 bytes is needed')
  return body.rest()
}

function readCopyFormats(body: Cursor): { format: Format; columnFormats: Format[] } {
  const format = formatOf(body.u8())
  const columnFormats = readList(body, readFormat)
  if (format === 'text' && columnFormats.includes('binary')) throw new BytesError('a binary column in a text copy')
  return { format, columnFormats }
}

function readErrorFields(body: Cursor): ErrorFields {
  const fields = new Map<string, string>()
  for (let code = body.u8(); code !== 0; code = body.u8()) {
    const letter = decodeUtf8(Uint8Array.of(code))
    if (fields.has(letter)) throw new BytesError('a field twice')
    fields.set(letter, body.cstring())
  }
  return fields
}

function readOptions(body: Cursor): string[] {
  const count = body.i32()
  if (count < 0 || count > body.remaining) throw new BytesError('bytes end too early')
  return Array.from({ length: count }, () => body.cstring())
}

function readStatus(body: Cursor): TransactionStatus {
  const status = STATUSES.get(body.u8())
  if (status === undefined) throw new BytesError('an unknown transaction status')
  return status
}

function readField(body: Cursor): RowField {
  return {
    name: body.cstring(),
    tableOid: body.u32(),
    attnum: body.i16(),
    typeOid: body.u32(),
    typeSize: body.i16(),
    typeModifier: body.i32(),
    format: readFormat(body),
  }
}
