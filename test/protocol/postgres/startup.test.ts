import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ProtocolError } from '../../../src/protocol/postgres/protocol-error.ts'
import { encodeStartup, MAX_STARTUP, negotiate, StartupReader } from '../../../src/protocol/postgres/startup.ts'
import { decodeStartup, type StartupMessage, type StartupPacket } from '../../../src/protocol/postgres/startup.ts'
import { seeded } from '../../support/random.ts'
import { assertSplitInvariant } from '../../support/split.ts'
import { bytesOf, STARTUP_VECTORS } from '../../vectors/postgres.ts'

function packetsOf(chunks: readonly Buffer[]): { packets: StartupPacket[]; rest: string } {
  const reader = new StartupReader()
  const packets: StartupPacket[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let packet = reader.next(); packet !== undefined; packet = reader.next()) packets.push(packet)
  }
  return { packets, rest: reader.rest.toString() }
}

function packet(code: number, body: string): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(8), Buffer.from(body, 'latin1')])
  bytes.writeInt32BE(bytes.length, 0)
  bytes.writeInt32BE(code, 4)
  return bytes
}

const V3 = 0x30000
const startup = (given: Partial<StartupMessage>): StartupMessage => ({
  name: 'startup',
  minor: 0,
  parameters: new Map([['user', 'alice']]),
  options: new Map(),
  ...given,
})

describe('every startup packet', () => {
  for (const vector of STARTUP_VECTORS) {
    test(`${vector.message.name}, ${vector.about}, is decoded and encoded as in the manual`, () => {
      assert.deepEqual(decodeStartup(bytesOf(vector)), vector.message)
      assert.deepEqual(encodeStartup(vector.message), bytesOf(vector))
    })
  }

  test('is the same however the bytes are cut', () => {
    const stream = Buffer.concat(STARTUP_VECTORS.map(bytesOf))
    assertSplitInvariant(stream, packetsOf)
    assert.deepEqual(
      packetsOf([stream]).packets,
      STARTUP_VECTORS.map((vector) => vector.message),
    )
  })

  test('that is cut is awaited', () => {
    for (const vector of STARTUP_VECTORS) {
      const bytes = bytesOf(vector)
      for (let length = 0; length < bytes.length; length++) {
        assert.deepEqual(packetsOf([bytes.subarray(0, length)]).packets, [])
      }
    }
  })

  test('leaves what follows it to others', () => {
    const reader = new StartupReader()
    reader.push(Buffer.concat([encodeStartup({ name: 'sslRequest' }), Buffer.from('\x16\x03')]))
    assert.equal(reader.next()?.name, 'sslRequest')
    assert.deepEqual(reader.rest, Buffer.from('\x16\x03'))
  })
})

describe('a startup packet', () => {
  const refused: readonly (readonly [string, Buffer])[] = [
    ['of another protocol, told by its first byte', Buffer.from('G')],
    ['of TLS at once', Buffer.from([0x16])],
    ['of length 0', Buffer.alloc(4)],
    ['of length 3', Buffer.from([0, 0, 0, 3])],
    ['of length 7', Buffer.from([0, 0, 0, 7])],
    ['of length -1', Buffer.from([255, 255, 255, 255])],
    ['of length 2^31-1', Buffer.from([127, 255, 255, 255])],
    ['of length 1 GB - 1', Buffer.from([0x3f, 255, 255, 255])],
    ['of more than 10 000 bytes', Buffer.from([0, 0, 0x27, 0x11])],
    ['with bytes behind its end', packet(V3, 'user\0a\0\0x')],
    ['without its end', packet(V3, 'user\0a\0')],
    ['that ends in a name', packet(V3, 'user\0a\0data')],
    ['with a parameter twice', packet(V3, 'user\0a\0user\0b\0\0')],
    ['with a protocol option twice', packet(V3, '_pq_.a\0a\0_pq_.a\0b\0\0')],
    ['with invalid UTF-8', packet(V3, 'user\0\xc0\xa7\0\0')],
    ['without any body', packet(V3, '')],
    ['of protocol 2', packet(0x20000, 'user\0a\0\0')],
    ['of protocol 4', packet(0x40000, 'user\0a\0\0')],
    ['of an unknown request', packet(80_877_105, '')],
    ['SSLRequest with a body', packet(80_877_103, 'x')],
    ['GSSENCRequest with a body', packet(80_877_104, 'x')],
    ['CancelRequest with three bytes of key', packet(80_877_102, '1234abc')],
    ['CancelRequest with 257 bytes of key', packet(80_877_102, 'x'.repeat(261))],
  ]
  for (const [about, bytes] of refused) {
    test(`${about} is a ProtocolError`, () => {
      assert.throws(() => packetsOf([bytes]), ProtocolError)
    })
  }

  test('of 10 000 bytes is read', () => {
    const bytes = packet(V3, `user\0${'a'.repeat(MAX_STARTUP - 8 - 7)}\0\0`)
    assert.equal(bytes.length, MAX_STARTUP)
    assert.equal(packetsOf([bytes]).packets.length, 1)
  })

  test('keeps names that differ in case apart', () => {
    const [message] = packetsOf([packet(V3, 'user\0a\0USER\0b\0\0')]).packets
    assert.deepEqual(message, startup({ parameters: new Map(Object.entries({ user: 'a', USER: 'b' })) }))
  })

  test('with random changes gives a value or a ProtocolError', () => {
    const random = seeded(3)
    for (let round = 0; round < 3_000; round++) {
      const vector = STARTUP_VECTORS[round % STARTUP_VECTORS.length]
      const bytes = Buffer.from(vector === undefined ? '' : bytesOf(vector))
      bytes.writeUInt8(random.below(256), 4 + random.below(bytes.length - 4))
      try {
        assert.deepEqual(encodeStartup(decodeStartup(bytes)).length, bytes.length)
      } catch (error) {
        assert.ok(error instanceof ProtocolError, bytes.toString('hex'))
      }
    }
  })
})

describe('negotiation', () => {
  test('is silent for a client that asks for what we speak', () => {
    assert.equal(negotiate(startup({}), 0), undefined)
    assert.equal(negotiate(startup({ minor: 2 }), 2), undefined)
  })
  test('names our minor version to a client that asks for a newer one', () => {
    assert.deepEqual(negotiate(startup({ minor: 2 }), 0), {
      name: 'negotiateProtocolVersion',
      version: 196_608,
      unknownOptions: [],
    })
  })
  test('lists every protocol option, at the version that the client asked for', () => {
    const options = new Map(Object.entries({ '_pq_.a': '1', '_pq_.b': '2' }))
    assert.deepEqual(negotiate(startup({ options }), 2), {
      name: 'negotiateProtocolVersion',
      version: 196_608,
      unknownOptions: ['_pq_.a', '_pq_.b'],
    })
  })
})
