import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { serialize } from 'pg-protocol'
import { Parser } from 'pg-protocol/dist/parser.js'
import { decodeFrontend, decodeSaslInitialResponse, decodeSaslResponse } from '../../../src/protocol/postgres/decode.ts'
import { encodeBackend } from '../../../src/protocol/postgres/encode.ts'
import { type Frame, FrameReader } from '../../../src/protocol/postgres/framing.ts'
import { CLIENT_AUTHENTICATING, CLIENT_SESSION } from '../../../src/protocol/postgres/limits.ts'
import type { BackendMessage, FrontendMessage } from '../../../src/protocol/postgres/messages.ts'
import { decodeStartup } from '../../../src/protocol/postgres/startup.ts'

/* pg-protocol, the codec of node-postgres, says the same as ours. */

function frameOf(bytes: Buffer): Frame {
  const reader = new FrameReader({ side: 'frontend', limits: { ...CLIENT_AUTHENTICATING, ...CLIENT_SESSION } })
  reader.push(bytes)
  const frame = reader.next()
  assert.ok(frame !== undefined && !reader.unfinished)
  return frame
}

function passwordFrame(bytes: Buffer): Frame<'password'> {
  const frame = frameOf(bytes)
  assert.ok(frame.name === 'password')
  return frame
}

describe('what its serializer writes is read here', () => {
  const cases: readonly (readonly [Buffer, FrontendMessage])[] = [
    [serialize.query('SELECT 1 -- é'), { name: 'query', text: 'SELECT 1 -- é' }],
    [
      serialize.parse({ name: 's', text: 'SELECT $1', types: [23, 25] }),
      { name: 'parse', statement: 's', text: 'SELECT $1', parameterTypes: [23, 25] },
    ],
    [
      serialize.bind({ portal: 'p', statement: 's', values: ['a', null, Buffer.from([0, 1])], binary: true }),
      {
        name: 'bind',
        portal: 'p',
        statement: 's',
        parameterFormats: ['text', 'text', 'binary'],
        parameters: [Buffer.from('a'), null, Buffer.from([0, 1])],
        resultFormats: ['binary'],
      },
    ],
    [
      serialize.bind(),
      { name: 'bind', portal: '', statement: '', parameterFormats: [], parameters: [], resultFormats: ['text'] },
    ],
    [serialize.execute({ portal: 'p', rows: 7 }), { name: 'execute', portal: 'p', maxRows: 7 }],
    [serialize.execute(), { name: 'execute', portal: '', maxRows: 0 }],
    [serialize.describe({ type: 'S', name: 's' }), { name: 'describe', subject: 'statement', subjectName: 's' }],
    [serialize.describe({ type: 'P' }), { name: 'describe', subject: 'portal', subjectName: '' }],
    [serialize.close({ type: 'S', name: 's' }), { name: 'close', subject: 'statement', subjectName: 's' }],
    [serialize.close({ type: 'P' }), { name: 'close', subject: 'portal', subjectName: '' }],
    [serialize.flush(), { name: 'flush' }],
    [serialize.sync(), { name: 'sync' }],
    [serialize.end(), { name: 'terminate' }],
    [serialize.copyData(Buffer.from('1\n')), { name: 'copyData', bytes: Buffer.from('1\n') }],
    [serialize.copyDone(), { name: 'copyDone' }],
    [serialize.copyFail('no'), { name: 'copyFail', reason: 'no' }],
  ]
  for (const [bytes, message] of cases) {
    test(`${message.name}: ${bytes.toString('hex')}`, () => {
      assert.deepEqual(decodeFrontend(frameOf(bytes)), message)
    })
  }

  test('passwords and SASL', () => {
    const password = decodeFrontend(passwordFrame(serialize.password('hunter2')))
    assert.equal(password.password.reveal(), 'hunter2')
    const initial = passwordFrame(serialize.sendSASLInitialResponseMessage('SCRAM-SHA-256', 'n,,n=*,r=x'))
    assert.deepEqual(decodeSaslInitialResponse(initial), {
      name: 'saslInitialResponse',
      mechanism: 'SCRAM-SHA-256',
      response: Buffer.from('n,,n=*,r=x'),
    })
    const final = passwordFrame(serialize.sendSCRAMClientFinalMessage('c=biws,r=x,p=y'))
    assert.equal(decodeSaslResponse(final).response.toString(), 'c=biws,r=x,p=y')
  })

  test('startup packets', () => {
    assert.deepEqual(decodeStartup(serialize.requestSsl()), { name: 'sslRequest' })
    const key = Buffer.from([0, 0, 0, 42])
    assert.deepEqual(decodeStartup(serialize.cancel(7, 42)), { name: 'cancelRequest', processId: 7, key })
    assert.deepEqual(decodeStartup(serialize.startup({ user: 'alice@cards' })), {
      name: 'startup',
      minor: 0,
      parameters: new Map(Object.entries({ user: 'alice@cards', client_encoding: 'UTF8' })),
      options: new Map(),
    })
  })
})

/** Its messages as plain values: it has classes of its own, and lengths that we do not keep. */
function parsed(message: BackendMessage): Record<string, unknown> {
  const found: object[] = []
  new Parser().parse(encodeBackend(message), (one) => found.push(one))
  assert.equal(found.length, 1)
  const { length, ...values } = Object.fromEntries(Object.entries(found[0] ?? {}))
  assert.equal(length, encodeBackend(message).length - 1)
  return values
}

describe('what is written here is read by its parser', () => {
  const cases: readonly (readonly [BackendMessage, Record<string, unknown>])[] = [
    [{ name: 'authenticationOk' }, { name: 'authenticationOk' }],
    [{ name: 'authenticationCleartextPassword' }, { name: 'authenticationCleartextPassword' }],
    [
      { name: 'authenticationMd5Password', salt: Buffer.from('abcd') },
      { name: 'authenticationMD5Password', salt: Buffer.from('abcd') },
    ],
    [
      { name: 'authenticationSasl', mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] },
      { name: 'authenticationSASL', mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] },
    ],
    [
      { name: 'authenticationSaslContinue', challenge: Buffer.from('r=x') },
      { name: 'authenticationSASLContinue', data: 'r=x' },
    ],
    [
      { name: 'authenticationSaslFinal', outcome: Buffer.from('v=x') },
      { name: 'authenticationSASLFinal', data: 'v=x' },
    ],
    [
      { name: 'backendKeyData', processId: 7, key: Buffer.from([0, 0, 0, 42]) },
      { name: 'backendKeyData', processID: 7, secretKey: 42 },
    ],
    [{ name: 'bindComplete' }, { name: 'bindComplete' }],
    [{ name: 'closeComplete' }, { name: 'closeComplete' }],
    [{ name: 'parseComplete' }, { name: 'parseComplete' }],
    [{ name: 'noData' }, { name: 'noData' }],
    [{ name: 'portalSuspended' }, { name: 'portalSuspended' }],
    [{ name: 'emptyQueryResponse' }, { name: 'emptyQuery' }],
    [{ name: 'copyDone' }, { name: 'copyDone' }],
    [
      { name: 'commandComplete', commandTag: 'DELETE 5000' },
      { name: 'commandComplete', text: 'DELETE 5000' },
    ],
    [
      { name: 'copyData', bytes: Buffer.from('1\n') },
      { name: 'copyData', chunk: Buffer.from('1\n') },
    ],
    [
      { name: 'copyInResponse', format: 'text', columnFormats: ['text'] },
      { name: 'copyInResponse', binary: false, columnTypes: [0] },
    ],
    [
      { name: 'copyOutResponse', format: 'binary', columnFormats: ['binary', 'binary'] },
      { name: 'copyOutResponse', binary: true, columnTypes: [1, 1] },
    ],
    [
      { name: 'dataRow', cells: [Buffer.from('é'), null, Buffer.alloc(0)] },
      { name: 'dataRow', fieldCount: 3, fields: ['é', null, ''] },
    ],
    [
      { name: 'notificationResponse', processId: 7, channel: 'c', payload: 'p' },
      { name: 'notification', processId: 7, channel: 'c', payload: 'p' },
    ],
    [
      { name: 'parameterStatus', parameter: 'TimeZone', value: 'UTC' },
      { name: 'parameterStatus', parameterName: 'TimeZone', parameterValue: 'UTC' },
    ],
    [
      { name: 'readyForQuery', status: 'failed' },
      { name: 'readyForQuery', status: 'E' },
    ],
  ]
  for (const [message, expected] of cases) {
    test(message.name, () => {
      assert.deepEqual(parsed(message), expected)
    })
  }

  test('rowDescription', () => {
    const field = { tableOid: 16_400, attnum: 3, typeOid: 4_294_967_295, typeSize: -1, typeModifier: 23 } as const
    const message: BackendMessage = { name: 'rowDescription', fields: [{ ...field, name: 'pan', format: 'binary' }] }
    const [first] = JSON.parse(JSON.stringify(parsed(message)['fields'])) as unknown[]
    assert.deepEqual(first, {
      name: 'pan',
      tableID: 16_400,
      columnID: 3,
      dataTypeID: 4_294_967_295,
      dataTypeSize: -1,
      dataTypeModifier: 23,
      format: 'binary',
    })
  })

  test('parameterDescription', () => {
    assert.deepEqual(parsed({ name: 'parameterDescription', types: [23, 0] })['dataTypeIDs'], [23, 0])
  })

  test('errorResponse and noticeResponse', () => {
    const fields = new Map(
      Object.entries({ S: 'ERROR', C: '42501', M: 'no', D: 'detail', H: 'hint', P: '3', t: 'cards' }),
    )
    const error = parsed({ name: 'errorResponse', fields })
    const notice = parsed({ name: 'noticeResponse', fields })
    for (const values of [error, notice]) {
      assert.equal(values['severity'], 'ERROR')
      assert.equal(values['code'], '42501')
      assert.equal(values['detail'], 'detail')
      assert.equal(values['hint'], 'hint')
      assert.equal(values['position'], '3')
      assert.equal(values['table'], 'cards')
    }
    assert.equal(notice['message'], 'no')
  })
})
