import type { Cursor } from '../../bytes/cursor.ts'
import { Secret } from '../../std/secret.ts'
import type { BindMessage, FrontendMessages, FrontendName, FunctionCallMessage } from './messages.ts'
import { checkFormats, formatOf, readCell, readFormat, readList, readOid, readSubject } from './parts.ts'

/** Reads the body of each frontend message. They throw BytesError; that nothing is left over is their caller's check. */
export const readFrontend: { readonly [Name in FrontendName]: (body: Cursor) => FrontendMessages[Name] } = {
  query: (body) => ({ name: 'query', text: body.cstring() }),
  parse: (body) => ({
    name: 'parse',
    statement: body.cstring(),
    text: body.cstring(),
    parameterTypes: readList(body, readOid),
  }),
  bind: readBind,
  describe: (body) => ({ name: 'describe', subject: readSubject(body), subjectName: body.cstring() }),
  execute: (body) => ({ name: 'execute', portal: body.cstring(), maxRows: body.i32() }),
  close: (body) => ({ name: 'close', subject: readSubject(body), subjectName: body.cstring() }),
  sync: () => ({ name: 'sync' }),
  flush: () => ({ name: 'flush' }),
  terminate: () => ({ name: 'terminate' }),
  functionCall: readFunctionCall,
  copyData: (body) => ({ name: 'copyData', bytes: body.rest() }),
  copyDone: () => ({ name: 'copyDone' }),
  copyFail: (body) => ({ name: 'copyFail', reason: body.cstring() }),
  password: (body) => ({ name: 'password', password: new Secret(body.cstring()) }),
}

function readBind(body: Cursor): BindMessage {
  const portal = body.cstring()
  const statement = body.cstring()
  const parameterFormats = readList(body, readFormat)
  const parameters = readList(body, readCell)
  checkFormats(parameterFormats, parameters.length)
  return { name: 'bind', portal, statement, parameterFormats, parameters, resultFormats: readList(body, readFormat) }
}

function readFunctionCall(body: Cursor): FunctionCallMessage {
  const functionOid = body.u32()
  const argumentFormats = readList(body, readFormat)
  const values = readList(body, readCell)
  checkFormats(argumentFormats, values.length)
  return { name: 'functionCall', functionOid, argumentFormats, arguments: values, resultFormat: formatOf(body.i16()) }
}
