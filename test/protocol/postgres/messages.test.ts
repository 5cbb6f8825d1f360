import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeBackend, decodeFrontend, decodeGssResponse } from '../../../src/protocol/postgres/decode.ts'
import { decodeSaslInitialResponse, decodeSaslResponse } from '../../../src/protocol/postgres/decode.ts'
import { encodeBackend, encodeFrontend } from '../../../src/protocol/postgres/encode.ts'
import { backendFrame, type Frame } from '../../../src/protocol/postgres/framing.ts'
import type { BackendName, FrontendName } from '../../../src/protocol/postgres/messages.ts'
import { formatAt } from '../../../src/protocol/postgres/messages.ts'
import { ProtocolError } from '../../../src/protocol/postgres/protocol-error.ts'
import { BACKEND_TAGS, FRONTEND_TAGS } from '../../../src/protocol/postgres/tags.ts'
import { Secret } from '../../../src/std/secret.ts'
import { seeded } from '../../support/random.ts'
import { BACKEND_VECTORS, bytesOf, FRONTEND_VECTORS, PASSWORD_VECTORS, SASL_VECTORS } from '../../vectors/postgres.ts'

const frontend = (name: FrontendName, bytes: Buffer): Frame => ({ ...placed(bytes), name, tag: FRONTEND_TAGS[name] })
const passwordFrame = (bytes: Buffer): Frame<'password'> => ({
  ...placed(bytes),
  name: 'password',
  tag: FRONTEND_TAGS.password,
})
const placed = (bytes: Buffer) => ({ bytes, chunk: bytes, start: 0 })

/** The frame with another body and a length that fits it. */
function withBody(frame: Buffer, body: Buffer): Buffer {
  const bytes = Buffer.concat([frame.subarray(0, 5), body])
  bytes.writeInt32BE(bytes.length - 1, 1)
  return bytes
}

/** Calls `decode` and gives its value or ProtocolError; everything else that is thrown fails the test. */
function outcomeOf(decode: () => unknown, about: string): unknown {
  try {
    return decode()
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw new Error(`${about} threw something else`, { cause: error })
  }
}

const saslDecoders = {
  saslInitialResponse: decodeSaslInitialResponse,
  saslResponse: decodeSaslResponse,
  gssResponse: decodeGssResponse,
}

describe('every frontend message', () => {
  for (const vector of FRONTEND_VECTORS) {
    test(`${vector.message.name}, ${vector.about}, is decoded and encoded as in the manual`, () => {
      assert.deepEqual(decodeFrontend(frontend(vector.message.name, bytesOf(vector))), vector.message)
      assert.deepEqual(encodeFrontend(vector.message), bytesOf(vector))
    })
  }
  for (const vector of SASL_VECTORS) {
    test(`${vector.message.name}, ${vector.about}, is decoded and encoded as in the manual`, () => {
      assert.deepEqual(saslDecoders[vector.message.name](passwordFrame(bytesOf(vector))), vector.message)
      assert.deepEqual(encodeFrontend(vector.message), bytesOf(vector))
    })
  }
  for (const vector of PASSWORD_VECTORS) {
    test(`password, ${vector.about}, is decoded to a secret and encoded as in the manual`, () => {
      const decoded = decodeFrontend(passwordFrame(bytesOf(vector)))
      assert.equal(decoded.password.reveal(), vector.message.password)
      assert.ok(!JSON.stringify(decoded).includes(vector.message.password))
      const message = { name: 'password', password: new Secret(vector.message.password) } as const
      assert.deepEqual(encodeFrontend(message), bytesOf(vector))
    })
  }
  test('has a vector', () => {
    const known = new Set<string>([...FRONTEND_VECTORS, ...PASSWORD_VECTORS].map((vector) => vector.message.name))
    assert.deepEqual(known, new Set(Object.keys(FRONTEND_TAGS)))
  })
})

describe('every backend message', () => {
  for (const vector of BACKEND_VECTORS) {
    test(`${vector.message.name}, ${vector.about}, is decoded and encoded as in the manual`, () => {
      const bytes = bytesOf(vector)
      const frame = backendFrame(bytes.readUInt8(0), bytes)
      assert.equal(frame.name, vector.message.name)
      assert.deepEqual(decodeBackend(frame), vector.message)
      assert.deepEqual(encodeBackend(vector.message), bytes)
    })
  }
  test('has a vector', () => {
    const known = new Set(BACKEND_VECTORS.map((vector) => vector.message.name))
    const kinds = [...known].map((name) => (name.startsWith('authentication') ? 'authentication' : name))
    assert.deepEqual(new Set(kinds), new Set(Object.keys(BACKEND_TAGS)))
    assert.equal([...known].filter((name) => name.startsWith('authentication')).length, 10)
  })
})

interface Sample {
  readonly name: string
  readonly bytes: Buffer
  /** Decodes and encodes again. */
  readonly decode: (bytes: Buffer) => Buffer
  /** The body is taken whole, so that no length of it is wrong. */
  readonly opaque: boolean
}

const OPAQUE: readonly string[] = [
  'copyData',
  'authenticationGssContinue',
  'authenticationSaslContinue',
  'authenticationSaslFinal',
]
const backendSample = (name: BackendName, bytes: Buffer): Sample => ({
  name,
  bytes,
  decode: (changed) => encodeBackend(decodeBackend(backendFrame(changed.readUInt8(0), changed))),
  opaque: OPAQUE.includes(name),
})
const SAMPLES: readonly Sample[] = [
  ...FRONTEND_VECTORS.map((vector) => ({
    name: vector.message.name,
    bytes: bytesOf(vector),
    decode: (changed: Buffer) => encodeFrontend(decodeFrontend(frontend(vector.message.name, changed))),
    opaque: OPAQUE.includes(vector.message.name),
  })),
  ...SASL_VECTORS.map((vector) => ({
    name: vector.message.name,
    bytes: bytesOf(vector),
    decode: (changed: Buffer) => encodeFrontend(saslDecoders[vector.message.name](passwordFrame(changed))),
    opaque: vector.message.name !== 'saslInitialResponse',
  })),
  ...BACKEND_VECTORS.map((vector) => backendSample(vector.message.name, bytesOf(vector))),
]

describe('a message that is not whole', () => {
  test('is a ProtocolError at each prefix of its body', () => {
    for (const { name, bytes, decode, opaque } of SAMPLES) {
      // A cancel key may be as short as four bytes, so a longer one may be cut.
      const shortest = name === 'backendKeyData' ? 12 : bytes.length - 1
      for (let length = 5; length <= Math.min(bytes.length - 1, shortest); length++) {
        const outcome = outcomeOf(() => decode(withBody(bytes, bytes.subarray(5, length))), `${name} cut at ${length}`)
        if (!opaque) assert.ok(outcome instanceof ProtocolError, `${name} cut at ${length}`)
      }
    }
  })

  test('is a ProtocolError with bytes behind its end', () => {
    for (const { name, bytes, decode, opaque } of SAMPLES) {
      if (opaque || name === 'backendKeyData') continue
      for (const extra of ['\0', '\0\0\0\0', 'x']) {
        const longer = withBody(bytes, Buffer.concat([bytes.subarray(5), Buffer.from(extra)]))
        assert.ok(outcomeOf(() => decode(longer), name) instanceof ProtocolError, name)
      }
    }
  })

  test('is a ProtocolError where the frame is not as long as it says', () => {
    for (const { name, bytes, decode } of SAMPLES) {
      const longer = Buffer.concat([bytes, Buffer.alloc(1)])
      assert.throws(() => decode(longer), ProtocolError, name)
    }
  })
})

test('twenty thousand mutations give a value or a ProtocolError, and what is a value is encoded to the same bytes', () => {
  const random = seeded(20_240)
  for (let round = 0; round < 20_000; round++) {
    const sample = SAMPLES[round % SAMPLES.length]
    if (sample === undefined) continue
    const body = Buffer.from(sample.bytes.subarray(5))
    for (let changes = 1 + random.below(3); changes > 0 && body.length > 0; changes--) {
      body.writeUInt8(
        random.below(2) === 0 ? random.below(256) : ([0, 1, 127, 128, 255][random.below(5)] ?? 0),
        random.below(body.length),
      )
    }
    const bytes = withBody(sample.bytes, body)
    const message = outcomeOf(() => sample.decode(bytes), `${sample.name} in round ${round}: ${bytes.toString('hex')}`)
    if (!(message instanceof ProtocolError)) assert.deepEqual(message, bytes)
  }
})

describe('strings', () => {
  const bad = ['c0a7', 'eda080', 'e282', 'ff'].map((text) => Buffer.from(text, 'hex'))
  test('of invalid UTF-8 are a ProtocolError wherever they stand', () => {
    for (const text of bad) {
      const query = withBody(Buffer.from('Q....'), Buffer.concat([text, Buffer.alloc(1)]))
      assert.throws(() => decodeFrontend(frontend('query', query)), ProtocolError)
      const close = withBody(Buffer.from('C....'), Buffer.concat([Buffer.from('S'), text, Buffer.alloc(1)]))
      assert.throws(() => decodeFrontend(frontend('close', close)), ProtocolError)
      const status = withBody(Buffer.from('S....'), Buffer.concat([text, Buffer.from('\0\0')]))
      assert.throws(() => decodeBackend({ name: 'parameterStatus', bytes: status }), ProtocolError)
    }
  })
  test('with a NUL inside are a ProtocolError, not a shorter text', () => {
    const query = withBody(Buffer.from('Q....'), Buffer.from('SELECT 1\0; DROP TABLE cards\0'))
    assert.throws(() => decodeFrontend(frontend('query', query)), ProtocolError)
  })
})

describe('counts', () => {
  const cases: readonly (readonly [string, FrontendName, string])[] = [
    ['more parameters than bytes', 'bind', '00 00 0000 ffff'],
    ['a parameter of negative length', 'bind', '00 00 0000 0001 fffffffe 0000'],
    ['two formats for three parameters', 'bind', '00 00 0002 0000 0001 0003 ffffffff ffffffff ffffffff 0000'],
    ['an unknown format', 'bind', '00 00 0001 0002 0001 ffffffff 0000'],
    ['more types than bytes', 'parse', '00 00 ffff'],
    ['something else than a statement or portal', 'describe', '54 00'],
  ]
  for (const [about, name, hex] of cases) {
    test(`${about} is a ProtocolError`, () => {
      const bytes = withBody(Buffer.from('?....'), Buffer.from(hex.replaceAll(' ', ''), 'hex'))
      assert.throws(() => decodeFrontend(frontend(name, bytes)), ProtocolError)
    })
  }
  test('up to 65535 parameters are read', () => {
    const message = {
      name: 'bind',
      portal: '',
      statement: '',
      parameterFormats: [],
      parameters: Array.from({ length: 65_535 }, () => null),
      resultFormats: [],
    } as const
    assert.deepEqual(decodeFrontend(frontend('bind', encodeFrontend(message))), message)
  })
})

test('an unknown kind of authentication is a ProtocolError', () => {
  for (const hex of [
    '5200000008 00000001',
    '5200000008 00000006',
    '5200000008 0000000d',
    '5200000007 000000',
    '5200000004',
  ]) {
    const bytes = bytesOf({ hex })
    assert.throws(() => backendFrame(0x52, bytes), ProtocolError)
  }
})

test('an error field that comes twice is a ProtocolError', () => {
  const bytes = withBody(Buffer.from('E....'), Buffer.from('Mone\0Mtwo\0\0'))
  assert.throws(() => decodeBackend({ name: 'errorResponse', bytes }), ProtocolError)
})

test('what cannot be said is not encoded', () => {
  assert.throws(() => encodeBackend({ name: 'commandComplete', commandTag: 'a\0b' }))
  assert.throws(() => encodeBackend({ name: 'errorResponse', fields: new Map([['MM', 'x']]) }))
  assert.throws(() => encodeBackend({ name: 'backendKeyData', processId: 1, key: Buffer.alloc(257) }))
  assert.throws(() => encodeFrontend({ name: 'query', text: '\ud800' }))
})

test('formats are none for text, one for all, or one each', () => {
  assert.equal(formatAt([], 3), 'text')
  assert.equal(formatAt(['binary'], 3), 'binary')
  assert.equal(formatAt(['text', 'binary'], 1), 'binary')
})
