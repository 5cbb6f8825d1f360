import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { encodeBackend } from '../../../src/protocol/postgres/encode.ts'
import type { BackendMessage } from '../../../src/protocol/postgres/messages.ts'
import { cancelUpstream, dialUpstream, type Dial } from '../../../src/proxy/postgres/dial.ts'
import { UpstreamError } from '../../../src/proxy/postgres/upstream-error.ts'
import { isLoopback } from '../../../src/proxy/postgres/upstream-tls.ts'
import type { Clock } from '../../../src/std/clock.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { Secret } from '../../../src/std/secret.ts'
import { testCertificates } from '../../support/certificates.ts'
import { answering, fakeUpstream, type FakeUpstream, type Script } from '../../support/fake-upstream.ts'

const PASSWORD = 'do-not-tell'
const certificates = testCertificates()

const dial = ({ port }: { port: number }, change: Partial<Dial> = {}): Dial => ({
  target: { host: '127.0.0.1', port, tls: 'off' },
  user: 'app',
  password: new Secret(PASSWORD),
  database: 'cards',
  parameters: new Map(),
  clock: systemClock,
  deadlineMs: 5000,
  ...change,
})

const said = (...messages: readonly BackendMessage[]): Buffer => Buffer.concat(messages.map(encodeBackend))
const raw = (tag: string, length: number, body = ''): Buffer => {
  const bytes = Buffer.from(`${tag}0000${body}`, 'latin1')
  bytes.writeInt32BE(length, 1)
  return bytes
}

const ok: BackendMessage = { name: 'authenticationOk' }
const ready: BackendMessage = { name: 'readyForQuery', status: 'idle' }
const refusal = (sqlState: string): BackendMessage => ({
  name: 'errorResponse',
  fields: new Map([
    ['S', 'FATAL'],
    ['C', sqlState],
    ['M', 'card 4111111111111111 is not welcome'],
  ]),
})
const sasl: BackendMessage = { name: 'authenticationSasl', mechanisms: ['SCRAM-SHA-256'] }

/** A clock whose one timer the test fires. */
function pushedClock(): Clock & { fire(): void } {
  let callback = (): void => undefined
  return {
    ...systemClock,
    after: (_ms, wanted) => {
      callback = wanted
      return () => undefined
    },
    fire: () => callback(),
  }
}

async function against(script: Script, body: (upstream: FakeUpstream) => Promise<void>): Promise<void> {
  const upstream = await fakeUpstream(script)
  try {
    await body(upstream)
  } finally {
    await upstream.stop()
  }
}

/** The error of a dial that must fail; nothing in it may repeat the password or a value that the server sent. */
async function failureOf(dialling: Promise<unknown>): Promise<UpstreamError> {
  const error = await dialling.then(
    () => assert.fail('it connected'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof UpstreamError)
  const told = JSON.stringify([error.message, error.clientMessage, error.fields, error.stack])
  assert.doesNotMatch(told, /do-not-tell|4111/)
  return error
}

const HOSTILE: readonly (readonly [what: string, answer: Buffer, code: string])[] = [
  ['garbage', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'E_UPSTREAM_PROTOCOL'],
  ['a length of 3', raw('R', 3), 'E_UPSTREAM_PROTOCOL'],
  ['a length of 0', raw('R', 0), 'E_UPSTREAM_PROTOCOL'],
  ['a negative length', raw('R', -1), 'E_UPSTREAM_PROTOCOL'],
  ['a length of 1 GB', raw('E', 2 ** 30), 'E_UPSTREAM_PROTOCOL'],
  ['an unknown kind of authentication', raw('R', 8, '\0\0\0\x63'), 'E_UPSTREAM_PROTOCOL'],
  ['a row before login', said({ name: 'dataRow', cells: [] }), 'E_UPSTREAM_PROTOCOL'],
  ['readiness without authentication', said(ready), 'E_UPSTREAM_PROTOCOL'],
  ['readiness inside a transaction', said(ok, { name: 'readyForQuery', status: 'transaction' }), 'E_UPSTREAM_PROTOCOL'],
  ['authentication twice', said(ok, ok), 'E_UPSTREAM_PROTOCOL'],
  [
    'notices without end',
    Buffer.concat(Array.from({ length: 300 }, () => said({ name: 'noticeResponse', fields: new Map() }))),
    'E_UPSTREAM_PROTOCOL',
  ],
  ['a wrong password', said(refusal('28P01')), 'E_UPSTREAM_AUTH'],
  ['no such database', said(refusal('3D000')), 'E_UPSTREAM_DATABASE'],
  ['too many connections', said(refusal('53300')), 'E_UPSTREAM_BUSY'],
  ['a start-up that is not over', said(refusal('57P03')), 'E_UPSTREAM_BUSY'],
  ['a SQLSTATE that is none', said(refusal('4111111111111111')), 'E_UPSTREAM_REFUSED'],
  ['a question for the password in the clear', said({ name: 'authenticationCleartextPassword' }), 'E_UPSTREAM_AUTH'],
  ['a question for Kerberos', said({ name: 'authenticationGss' }), 'E_UPSTREAM_AUTH'],
  ['success in the middle of SCRAM', said(sasl, ok), 'E_UPSTREAM_PROTOCOL'],
  [
    'a SCRAM challenge that is not for us',
    said(sasl, { name: 'authenticationSaslContinue', challenge: Buffer.from('r=other,s=AAAA,i=4096') }),
    'E_UPSTREAM_PROTOCOL',
  ],
]

for (const [what, answer, code] of HOSTILE) {
  test(`an upstream that answers the startup packet with ${what} gives ${code}`, async () => {
    await against(answering(answer), async (upstream) => {
      const error = await failureOf(dialUpstream(dial(upstream)))
      assert.equal(error.code, code)
      assert.equal(Buffer.concat(upstream.heard).includes(PASSWORD), false)
    })
  })
}

const TLS_ANSWERS: readonly (readonly [what: string, answer: string, code: string])[] = [
  ['N', 'N', 'E_UPSTREAM_TLS'],
  ['an error message', 'E', 'E_UPSTREAM_TLS'],
  ['S and plaintext behind it', `S${said(ok, ready).toString('latin1')}`, 'E_UPSTREAM_PROTOCOL'],
  ['S and one byte behind it', 'SS', 'E_UPSTREAM_PROTOCOL'],
]

for (const [what, answer, code] of TLS_ANSWERS) {
  test(`an upstream that answers SSLRequest with ${what} gives ${code}, and hears nothing more`, async () => {
    await against(answering(Buffer.from(answer, 'latin1')), async (upstream) => {
      const target = { host: '127.0.0.1', port: upstream.port, tls: 'verify-full' } as const
      assert.equal((await failureOf(dialUpstream(dial(upstream, { target })))).code, code)
      assert.equal(Buffer.concat(upstream.heard).toString('hex'), '0000000804d2162f')
    })
  })
}

test('an upstream that speaks plaintext instead of the handshake gives E_UPSTREAM_TLS', async () => {
  await against(answering(Buffer.from('S'), said(ok, ready)), async (upstream) => {
    const target = { host: '127.0.0.1', port: upstream.port, tls: 'verify-full' } as const
    assert.equal((await failureOf(dialUpstream(dial(upstream, { target })))).code, 'E_UPSTREAM_TLS')
  })
})

test('an upstream with a certificate of its own making gives E_UPSTREAM_TLS', async () => {
  const { cert, key } = certificates.stranger
  const inner = createTlsServer({ cert, key }).listen(0, '127.0.0.1')
  await once(inner, 'listening')
  const script: Script = (socket) => {
    socket.once('data', () => {
      socket.write('S')
      inner.emit('connection', socket)
    })
  }
  await against(script, async (upstream) => {
    const target = { host: 'localhost', port: upstream.port, tls: { ca: certificates.ca } } as const
    const error = await failureOf(dialUpstream(dial(upstream, { target })))
    assert.equal(error.code, 'E_UPSTREAM_TLS')
  })
  inner.close()
})

test('every byte of an honest login may come alone', async () => {
  const login = said(
    ok,
    { name: 'parameterStatus', parameter: 'TimeZone', value: 'UTC' },
    { name: 'backendKeyData', processId: 7, key: Buffer.from('abcd') },
    ready,
  )
  const script: Script = (socket) => {
    socket.setNoDelay(true)
    socket.once('data', () => {
      for (const byte of login) socket.write(Buffer.of(byte))
    })
  }
  await against(script, async (upstream) => {
    const { socket, backendKey, parameters, proof } = await dialUpstream(dial(upstream))
    assert.deepEqual(
      [backendKey?.pid, backendKey?.secret.toString(), parameters.get('TimeZone'), proof],
      [7, 'abcd', 'UTC', 'none'],
    )
    socket.destroy()
  })
})

test('what comes behind ReadyForQuery stays in the socket for its next owner', async () => {
  const notice = said({ name: 'noticeResponse', fields: new Map([['M', 'hello']]) })
  await against(answering(Buffer.concat([said(ok, ready), notice.subarray(0, 7)])), async (upstream) => {
    const { socket, leftover } = await dialUpstream(dial(upstream))
    const chunks: unknown[] = await once(socket, 'data')
    assert.deepEqual([leftover.length, chunks], [0, [notice.subarray(0, 7)]])
    socket.destroy()
  })
})

test('an upstream that offers to speak an older protocol is let in', async () => {
  const negotiate: BackendMessage = { name: 'negotiateProtocolVersion', version: 196_608, unknownOptions: [] }
  await against(answering(said(negotiate, ok, ready)), async (upstream) => {
    const { socket } = await dialUpstream(dial(upstream))
    socket.destroy()
  })
})

for (const [phase, answers] of [
  ['after the connection', []],
  ['in the middle of a frame', [said(ok).subarray(0, 6)]],
  ['after authentication', [said(ok)]],
] as const) {
  test(`an upstream that falls silent ${phase} is given up at the deadline`, async () => {
    const clock = pushedClock()
    const heard = Promise.withResolvers<undefined>()
    const script: Script = (socket) => {
      answering(...answers)(socket)
      socket.once('data', () => heard.resolve(undefined))
    }
    await against(script, async (upstream) => {
      const dialling = failureOf(dialUpstream(dial(upstream, { clock })))
      await heard.promise
      clock.fire()
      assert.equal((await dialling).code, 'E_UPSTREAM_TIMEOUT')
    })
  })
}

for (const [address, isOurs] of [
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['128.127.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['fe80::1', false],
  ['', false],
] as const) {
  test(`${address || 'an unknown address'} ${isOurs ? 'may' : 'may not'} be reached without TLS`, () => {
    assert.equal(isLoopback(address), isOurs)
  })
}

test('an upstream that hangs up gives E_UPSTREAM_UNREACHABLE', async () => {
  const script: Script = (socket) => socket.once('data', () => socket.end(said(ok).subarray(0, 7)))
  await against(script, async (upstream) => {
    assert.equal((await failureOf(dialUpstream(dial(upstream)))).code, 'E_UPSTREAM_UNREACHABLE')
  })
})

test('a port where nobody listens gives E_UPSTREAM_UNREACHABLE', async () => {
  const upstream = await fakeUpstream(() => undefined)
  await upstream.stop()
  const error = await failureOf(dialUpstream(dial(upstream)))
  assert.deepEqual([error.code, error.fields['reason']], ['E_UPSTREAM_UNREACHABLE', 'ECONNREFUSED'])
})

test('a dial whose session has gone is given up, before and while it runs', async () => {
  await against(
    () => undefined,
    async (upstream) => {
      assert.equal(
        (await failureOf(dialUpstream(dial(upstream, { signal: AbortSignal.abort() })))).code,
        'E_UPSTREAM_ABORTED',
      )
      const leaving = new AbortController()
      const dialling = failureOf(dialUpstream(dial(upstream, { signal: leaving.signal })))
      leaving.abort()
      assert.equal((await dialling).code, 'E_UPSTREAM_ABORTED')
    },
  )
})

test('a cancel request says the key and waits until the upstream has hung up', async () => {
  const script: Script = (socket) => socket.once('data', () => socket.end())
  await against(script, async (upstream) => {
    const { target, clock, deadlineMs } = dial(upstream)
    await cancelUpstream({ target, clock, deadlineMs, backendKey: { pid: 258, secret: Buffer.from('abcd') } })
    assert.equal(Buffer.concat(upstream.heard).toString('hex'), '0000001004d2162e0000010261626364')
  })
})
