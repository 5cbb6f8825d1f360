import { BytesError } from '../../bytes/bytes-error.ts'
import type { Builder } from '../../bytes/builder.ts'
import type {
  BackendMessage,
  BackendMessages,
  BackendName,
  ErrorFields,
  Format,
  RowField,
  TransactionStatus,
} from './messages.ts'
import { writeCell, writeFormat, writeList, writeOid } from './parts.ts'
import { AUTHENTICATION_CODES, type AuthenticationName } from './tags.ts'

const STATUS_LETTERS: Readonly<Record<TransactionStatus, string>> = { idle: 'I', transaction: 'T', failed: 'E' }

type AuthenticationMessage = BackendMessages[AuthenticationName]

export const isAuthentication = (message: BackendMessage): message is AuthenticationMessage =>
  message.name in AUTHENTICATION_CODES

/** Writes the body of an Authentication message: its code and what follows. */
export function writeAuthenticationRequest(body: Builder, message: AuthenticationMessage): Builder {
  body.i32(AUTHENTICATION_CODES[message.name])
  switch (message.name) {
    case 'authenticationMd5Password':
      return body.bytes(exactly(message.salt, 4, 4))
    case 'authenticationGssContinue':
      return body.bytes(message.token)
    case 'authenticationSasl':
      for (const mechanism of message.mechanisms) body.cstring(mechanism)
      return body.u8(0)
    case 'authenticationSaslContinue':
      return body.bytes(message.challenge)
    case 'authenticationSaslFinal':
      return body.bytes(message.outcome)
    case 'authenticationOk':
    case 'authenticationKerberosV5':
    case 'authenticationCleartextPassword':
    case 'authenticationGss':
    case 'authenticationSspi':
      return body
  }
}

/** Writes the body of every other backend message. */
export function writeBackend(
  body: Builder,
  message: BackendMessages[Exclude<BackendName, AuthenticationName>],
): Builder {
  switch (message.name) {
    case 'backendKeyData':
      return body.i32(message.processId).bytes(exactly(message.key, 4, 256))
    case 'commandComplete':
      return body.cstring(message.commandTag)
    case 'copyData':
      return body.bytes(message.bytes)
    case 'copyInResponse':
    case 'copyOutResponse':
    case 'copyBothResponse':
      return writeCopyFormats(body, message)
    case 'dataRow':
      return writeList(body, message.cells, writeCell)
    case 'errorResponse':
    case 'noticeResponse':
      return writeErrorFields(body, message.fields)
    case 'functionCallResponse':
      return writeCell(body, message.value)
    case 'negotiateProtocolVersion':
      body.i32(message.version).i32(message.unknownOptions.length)
      for (const option of message.unknownOptions) body.cstring(option)
      return body
    case 'notificationResponse':
      return body.i32(message.processId).cstring(message.channel).cstring(message.payload)
    case 'parameterDescription':
      return writeList(body, message.types, writeOid)
    case 'parameterStatus':
      return body.cstring(message.parameter).cstring(message.value)
    case 'readyForQuery':
      return body.utf8(STATUS_LETTERS[message.status])
    case 'rowDescription':
      return writeList(body, message.fields, writeField)
    case 'bindComplete':
    case 'closeComplete':
    case 'copyDone':
    case 'emptyQueryResponse':
    case 'noData':
    case 'parseComplete':
    case 'portalSuspended':
      return body
  }
}

function exactly(bytes: Buffer, least: number, most: number): Buffer {
  if (bytes.length < least || bytes.length > most) throw new BytesError('a value of the wrong length')
  return bytes
}

function writeCopyFormats(body: Builder, message: { format: Format; columnFormats: readonly Format[] }): Builder {
  body.u8(message.format === 'text' ? 0 : 1)
  return writeList(body, message.columnFormats, writeFormat)
}

function writeErrorFields(body: Builder, fields: ErrorFields): Builder {
  for (const [letter, text] of fields) {
    // A code of zero would end the message, and its reader would take the rest for nothing.
    if (letter.length !== 1 || letter === '\0' || letter > '\x7f') throw new BytesError('an error field is one letter')
    body.utf8(letter).cstring(text)
  }
  return body.u8(0)
}

function writeField(body: Builder, field: RowField): void {
  body.cstring(field.name).u32(field.tableOid).i16(field.attnum)
  body.u32(field.typeOid).i16(field.typeSize).i32(field.typeModifier)
  writeFormat(body, field.format)
}
