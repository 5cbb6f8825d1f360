import type { Builder } from '../../bytes/builder.ts'
import type { AuthenticationResponse, BindMessage, FrontendMessage, FunctionCallMessage } from './messages.ts'
import { checkFormats, writeCell, writeFormat, writeList, writeOid, writeSubject } from './parts.ts'

/** Writes the body of a frontend message. */
export function writeFrontend(body: Builder, message: Exclude<FrontendMessage, { name: 'password' }>): Builder {
  switch (message.name) {
    case 'query':
      return body.cstring(message.text)
    case 'parse':
      body.cstring(message.statement).cstring(message.text)
      return writeList(body, message.parameterTypes, writeOid)
    case 'bind':
      return writeBind(body, message)
    case 'describe':
    case 'close':
      return writeSubject(body, message.subject).cstring(message.subjectName)
    case 'execute':
      return body.cstring(message.portal).i32(message.maxRows)
    case 'functionCall':
      return writeFunctionCall(body, message)
    case 'copyData':
      return body.bytes(message.bytes)
    case 'copyFail':
      return body.cstring(message.reason)
    case 'sync':
    case 'flush':
    case 'terminate':
    case 'copyDone':
      return body
  }
}

/** Writes the body of what tag `p` may mean. */
export function writeAuthentication(body: Builder, message: AuthenticationResponse): Builder {
  switch (message.name) {
    case 'password':
      return body.cstring(message.password.reveal())
    case 'saslInitialResponse':
      body.cstring(message.mechanism)
      return writeCell(body, message.response)
    case 'saslResponse':
      return body.bytes(message.response)
    case 'gssResponse':
      return body.bytes(message.token)
  }
}

function writeBind(body: Builder, message: BindMessage): Builder {
  checkFormats(message.parameterFormats, message.parameters.length)
  body.cstring(message.portal).cstring(message.statement)
  writeList(body, message.parameterFormats, writeFormat)
  writeList(body, message.parameters, writeCell)
  return writeList(body, message.resultFormats, writeFormat)
}

function writeFunctionCall(body: Builder, message: FunctionCallMessage): Builder {
  checkFormats(message.argumentFormats, message.arguments.length)
  body.u32(message.functionOid)
  writeList(body, message.argumentFormats, writeFormat)
  writeList(body, message.arguments, writeCell)
  return writeFormat(body, message.resultFormat)
}
