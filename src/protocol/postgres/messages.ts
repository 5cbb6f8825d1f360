import type { Secret } from '../../std/secret.ts'

/*
 * The messages of protocol 3 after the startup packet, named as in the manual's chapter "Message Formats". SQL NULL is `null` everywhere. Buffers of decoded
 * messages are views of the frame.
 */

export type Format = 'text' | 'binary'
/** A parameter, argument or cell as sent; `null` is SQL NULL. */
export type Cell = Buffer | null
/** What Describe and Close speak of. */
export type Subject = 'statement' | 'portal'
/** As in ReadyForQuery: no transaction, in one, in one that failed. */
export type TransactionStatus = 'idle' | 'transaction' | 'failed'

interface Named<Name extends string> {
  readonly name: Name
}

export interface QueryMessage extends Named<'query'> {
  readonly text: string
}
export interface ParseMessage extends Named<'parse'> {
  /** Empty: the unnamed statement. */
  readonly statement: string
  readonly text: string
  /** Type OIDs, 0 where the client leaves the type to the server; may be fewer than the parameters. */
  readonly parameterTypes: readonly number[]
}
export interface BindMessage extends Named<'bind'> {
  /** Empty: the unnamed portal. */
  readonly portal: string
  readonly statement: string
  /** None (all text), one for all, or one each: see `formatAt`. */
  readonly parameterFormats: readonly Format[]
  readonly parameters: readonly Cell[]
  /** None (all text), one for all, or one for each result column. */
  readonly resultFormats: readonly Format[]
}
export interface DescribeMessage extends Named<'describe'> {
  readonly subject: Subject
  readonly subjectName: string
}
export interface CloseMessage extends Named<'close'> {
  readonly subject: Subject
  readonly subjectName: string
}
export interface ExecuteMessage extends Named<'execute'> {
  readonly portal: string
  /** 0 is no limit. */
  readonly maxRows: number
}
export interface FunctionCallMessage extends Named<'functionCall'> {
  readonly functionOid: number
  readonly argumentFormats: readonly Format[]
  readonly arguments: readonly Cell[]
  readonly resultFormat: Format
}
export interface CopyDataMessage extends Named<'copyData'> {
  readonly bytes: Buffer
}
export interface CopyFailMessage extends Named<'copyFail'> {
  readonly reason: string
}
export interface PasswordMessage extends Named<'password'> {
  readonly password: Secret
}
/** Messages that one side sends without a body. */
export type EmptyFrontendMessage = Named<'sync'> | Named<'flush'> | Named<'terminate'> | Named<'copyDone'>

/** What a client may send after its startup packet, by name. */
export interface FrontendMessages {
  query: QueryMessage
  parse: ParseMessage
  bind: BindMessage
  describe: DescribeMessage
  execute: ExecuteMessage
  close: CloseMessage
  sync: Named<'sync'>
  flush: Named<'flush'>
  terminate: Named<'terminate'>
  functionCall: FunctionCallMessage
  copyData: CopyDataMessage
  copyDone: Named<'copyDone'>
  copyFail: CopyFailMessage
  /** Tag `p`; while SASL runs its frames are read by `decodeSaslInitialResponse` and `decodeSaslResponse`. */
  password: PasswordMessage
}
export type FrontendName = keyof FrontendMessages
export type FrontendMessage = FrontendMessages[FrontendName]

/** The other meanings of tag `p`; which one is meant only the state of authentication tells. */
export interface SaslInitialResponse extends Named<'saslInitialResponse'> {
  readonly mechanism: string
  /** null: the client waits for the server's first word. */
  readonly response: Cell
}
export interface SaslResponse extends Named<'saslResponse'> {
  readonly response: Buffer
}
export interface GssResponse extends Named<'gssResponse'> {
  readonly token: Buffer
}
export type AuthenticationResponse = PasswordMessage | SaslInitialResponse | SaslResponse | GssResponse

/** One column of a RowDescription. */
export interface RowField {
  readonly name: string
  /** 0 where the column comes from no table. */
  readonly tableOid: number
  readonly attnum: number
  readonly typeOid: number
  readonly typeSize: number
  readonly typeModifier: number
  /** Always text in the answer to Describe of a statement: formats are not known before Bind. */
  readonly format: Format
}

/** Field code (one ASCII letter: S, V, C, M, D, H, P, ...) to text, in the order sent. Manual: "Error and Notice Message Fields". */
export type ErrorFields = ReadonlyMap<string, string>

interface CopyResponse<Name extends string> extends Named<Name> {
  readonly format: Format
  readonly columnFormats: readonly Format[]
}

/** What a server may send, by name. */
export interface BackendMessages {
  authenticationOk: Named<'authenticationOk'>
  authenticationKerberosV5: Named<'authenticationKerberosV5'>
  authenticationCleartextPassword: Named<'authenticationCleartextPassword'>
  authenticationMd5Password: Named<'authenticationMd5Password'> & { readonly salt: Buffer }
  authenticationGss: Named<'authenticationGss'>
  authenticationGssContinue: Named<'authenticationGssContinue'> & { readonly token: Buffer }
  authenticationSspi: Named<'authenticationSspi'>
  authenticationSasl: Named<'authenticationSasl'> & { readonly mechanisms: readonly string[] }
  authenticationSaslContinue: Named<'authenticationSaslContinue'> & { readonly challenge: Buffer }
  authenticationSaslFinal: Named<'authenticationSaslFinal'> & { readonly outcome: Buffer }
  /** `key` is four bytes in protocol 3.0 and up to 256 in 3.2. */
  backendKeyData: Named<'backendKeyData'> & { readonly processId: number; readonly key: Buffer }
  bindComplete: Named<'bindComplete'>
  closeComplete: Named<'closeComplete'>
  commandComplete: Named<'commandComplete'> & { readonly commandTag: string }
  copyData: CopyDataMessage
  copyDone: Named<'copyDone'>
  copyInResponse: CopyResponse<'copyInResponse'>
  copyOutResponse: CopyResponse<'copyOutResponse'>
  copyBothResponse: CopyResponse<'copyBothResponse'>
  dataRow: Named<'dataRow'> & { readonly cells: readonly Cell[] }
  emptyQueryResponse: Named<'emptyQueryResponse'>
  errorResponse: Named<'errorResponse'> & { readonly fields: ErrorFields }
  functionCallResponse: Named<'functionCallResponse'> & { readonly value: Cell }
  /** `version` is the whole number, major in the upper half: servers send 196608 for 3.0, not 0. */
  negotiateProtocolVersion: Named<'negotiateProtocolVersion'> & {
    readonly version: number
    readonly unknownOptions: readonly string[]
  }
  noData: Named<'noData'>
  noticeResponse: Named<'noticeResponse'> & { readonly fields: ErrorFields }
  notificationResponse: Named<'notificationResponse'> & {
    readonly processId: number
    readonly channel: string
    readonly payload: string
  }
  parameterDescription: Named<'parameterDescription'> & { readonly types: readonly number[] }
  parameterStatus: Named<'parameterStatus'> & { readonly parameter: string; readonly value: string }
  parseComplete: Named<'parseComplete'>
  portalSuspended: Named<'portalSuspended'>
  readyForQuery: Named<'readyForQuery'> & { readonly status: TransactionStatus }
  rowDescription: Named<'rowDescription'> & { readonly fields: readonly RowField[] }
}
export type BackendName = keyof BackendMessages
export type BackendMessage = BackendMessages[BackendName]

/** The format of entry `index` in a list of none (text), one (for all) or one each. */
export function formatAt(formats: readonly Format[], index: number): Format {
  if (formats.length === 1) return formats[0] ?? 'text'
  return formats[index] ?? 'text'
}
