import type { BackendName, FrontendName } from './messages.ts'

/** Names of the ten kinds of Authentication, which share tag `R` and differ by a code behind the length. */
export type AuthenticationName = Extract<BackendName, `authentication${string}`>
/** What the tag alone tells: the kinds of Authentication are one. */
export type BackendKind = Exclude<BackendName, AuthenticationName> | 'authentication'

const letter = (text: string): number => text.charCodeAt(0)

export const FRONTEND_TAGS: Readonly<Record<FrontendName, number>> = {
  query: letter('Q'),
  parse: letter('P'),
  bind: letter('B'),
  describe: letter('D'),
  execute: letter('E'),
  close: letter('C'),
  sync: letter('S'),
  flush: letter('H'),
  terminate: letter('X'),
  functionCall: letter('F'),
  copyData: letter('d'),
  copyDone: letter('c'),
  copyFail: letter('f'),
  password: letter('p'),
}

export const BACKEND_TAGS: Readonly<Record<BackendKind, number>> = {
  authentication: letter('R'),
  backendKeyData: letter('K'),
  bindComplete: letter('2'),
  closeComplete: letter('3'),
  commandComplete: letter('C'),
  copyData: letter('d'),
  copyDone: letter('c'),
  copyInResponse: letter('G'),
  copyOutResponse: letter('H'),
  copyBothResponse: letter('W'),
  dataRow: letter('D'),
  emptyQueryResponse: letter('I'),
  errorResponse: letter('E'),
  functionCallResponse: letter('V'),
  negotiateProtocolVersion: letter('v'),
  noData: letter('n'),
  noticeResponse: letter('N'),
  notificationResponse: letter('A'),
  parameterDescription: letter('t'),
  parameterStatus: letter('S'),
  parseComplete: letter('1'),
  portalSuspended: letter('s'),
  readyForQuery: letter('Z'),
  rowDescription: letter('T'),
}

/** Codes behind tag `R`. SCM credentials (6) are no longer in the manual and unknown here. */
export const AUTHENTICATION_CODES: Readonly<Record<AuthenticationName, number>> = {
  authenticationOk: 0,
  authenticationKerberosV5: 2,
  authenticationCleartextPassword: 3,
  authenticationMd5Password: 5,
  authenticationGss: 7,
  authenticationGssContinue: 8,
  authenticationSspi: 9,
  authenticationSasl: 10,
  authenticationSaslContinue: 11,
  authenticationSaslFinal: 12,
}
