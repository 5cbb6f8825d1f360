import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { backendFrame, type BackendFrame, type Frame, FrameReader } from '../../../src/protocol/postgres/framing.ts'
import {
  type BackendLimits,
  CLIENT_AUTHENTICATING,
  CLIENT_SESSION,
  type FrontendLimits,
  UPSTREAM_AUTHENTICATING,
  UPSTREAM_SESSION,
  withMax,
} from '../../../src/protocol/postgres/limits.ts'
import { ProtocolError } from '../../../src/protocol/postgres/protocol-error.ts'
import { FrameScanner } from '../../../src/protocol/postgres/scanner.ts'
import { Spans } from '../../../src/protocol/postgres/spans.ts'
import { BACKEND_TAGS, FRONTEND_TAGS } from '../../../src/protocol/postgres/tags.ts'
import { assertSplitInvariant, cutsOf } from '../../support/split.ts'
import { BACKEND_VECTORS, bytesOf, FRONTEND_VECTORS } from '../../vectors/postgres.ts'

const EVERY_BACKEND: BackendLimits = { ...UPSTREAM_AUTHENTICATING, ...UPSTREAM_SESSION }
const EVERY_FRONTEND: FrontendLimits = { ...CLIENT_AUTHENTICATING, ...CLIENT_SESSION }

const clientReader = (limits: FrontendLimits = EVERY_FRONTEND) => new FrameReader({ side: 'frontend', limits })
const upstreamReader = (limits: BackendLimits = EVERY_BACKEND) => new FrameReader({ side: 'backend', limits })

function header(tag: number, length: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt8(tag, 0)
  bytes.writeInt32BE(length, 1)
  return bytes
}

const frameOf = (tag: string, body: string | Buffer): Buffer =>
  Buffer.concat([header(tag.charCodeAt(0), 4 + Buffer.byteLength(body)), Buffer.from(body)])

/** Every frame that the chunks give, read as soon as it is whole. */
function framesOf(
  reader: FrameReader<'frontend'> | FrameReader<'backend'>,
  chunks: readonly Buffer[],
): (Frame | BackendFrame)[] {
  const frames: (Frame | BackendFrame)[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame)
  }
  return frames
}

describe('frames', () => {
  test('of a client are the same however the bytes are cut', () => {
    const stream = Buffer.concat(FRONTEND_VECTORS.map(bytesOf))
    assertSplitInvariant(stream, (chunks) =>
      framesOf(clientReader(), chunks).map(({ name, tag, bytes }) => ({ name, tag, bytes })),
    )
    const frames = framesOf(clientReader(), [stream])
    assert.deepEqual(
      frames.map((frame) => frame.name),
      FRONTEND_VECTORS.map((vector) => vector.message.name),
    )
    assert.deepEqual(
      frames.map((frame) => frame.bytes),
      FRONTEND_VECTORS.map(bytesOf),
    )
  })

  test('of an upstream are the same however the bytes are cut', () => {
    const known = BACKEND_VECTORS.filter((vector) => !vector.message.name.startsWith('copyBoth'))
    const stream = Buffer.concat(known.map(bytesOf))
    assertSplitInvariant(stream, (chunks) => framesOf(upstreamReader(), chunks))
    assert.deepEqual(
      framesOf(upstreamReader(), [stream]).map((frame) => frame.name),
      known.map((vector) => vector.message.name),
    )
  })

  test('inside of one chunk are views of it', () => {
    const chunk = Buffer.concat([frameOf('Q', 'a\0'), frameOf('S', '')])
    const reader = clientReader()
    reader.push(chunk)
    const frame = reader.next()
    assert.ok(frame !== undefined)
    assert.equal(frame.bytes.buffer, chunk.buffer)
    assert.equal(frame.bytes.byteOffset, chunk.byteOffset)
  })

  test('stay good when more chunks follow', () => {
    const chunks = cutsOf(Buffer.concat(Array.from({ length: 50 }, (_, index) => frameOf('Q', `${index}\0`))), {
      rounds: 1,
    })
    for (const { about, chunks: pieces } of chunks) {
      const texts = framesOf(clientReader(), pieces).map((frame) => frame.bytes.toString('latin1', 5))
      assert.deepEqual(
        texts,
        Array.from({ length: 50 }, (_, index) => `${index}\0`),
        about,
      )
    }
  })

  test('are given in order where several chunks are pushed before the first is read', () => {
    const stream = Buffer.concat(FRONTEND_VECTORS.map(bytesOf))
    for (const { about, chunks } of cutsOf(stream)) {
      const reader = clientReader()
      for (const chunk of chunks) reader.push(chunk)
      assert.deepEqual(
        framesOf(reader, [Buffer.alloc(0)]).map((frame) => frame.bytes),
        FRONTEND_VECTORS.map(bytesOf),
        about,
      )
    }
  })

  test('that are unfinished are seen at the end of the stream', () => {
    const reader = clientReader()
    reader.push(frameOf('S', ''))
    assert.equal(reader.unfinished, true)
    reader.next()
    assert.equal(reader.next(), undefined)
    assert.equal(reader.unfinished, false)
    reader.push(Buffer.from('Q'))
    assert.equal(reader.next(), undefined)
    assert.equal(reader.unfinished, true)
  })

  test('of many megabytes in small chunks are joined without quadratic time', () => {
    const row = frameOf('D', Buffer.alloc(16 * 1024 * 1024, 7))
    const pieces = Array.from({ length: row.length / 1024 + 1 }, (_, index) =>
      row.subarray(index * 1024, (index + 1) * 1024),
    )
    const start = performance.now()
    const [frame, ...more] = framesOf(upstreamReader(), pieces)
    assert.ok(frame?.bytes.equals(row))
    assert.equal(more.length, 0)
    assert.ok(performance.now() - start < 2_000)
  })
})

describe('a header', () => {
  const lengths = [0, 3, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 30 - 1, 1_000_000_000 - 1]
  for (const length of lengths) {
    test(`with length ${length} is a ProtocolError on every tag of a client, before any of its body`, () => {
      for (const tag of Object.values(FRONTEND_TAGS)) {
        const reader = clientReader()
        reader.push(header(tag, length))
        assert.throws(() => reader.next(), ProtocolError)
        assert.throws(() => reader.next(), ProtocolError, 'and again')
      }
    })
    test(`with length ${length} is a ProtocolError on every tag of an upstream, before any of its body`, () => {
      for (const tag of Object.values(BACKEND_TAGS)) {
        const reader = upstreamReader()
        reader.push(header(tag, length))
        assert.throws(() => reader.next(), ProtocolError)
      }
    })
  }

  test('with any other tag is a ProtocolError', () => {
    for (let tag = 0; tag < 256; tag++) {
      const client = clientReader()
      client.push(header(tag, 4))
      if (!Object.values(FRONTEND_TAGS).includes(tag)) assert.throws(() => client.next(), ProtocolError, `${tag}`)
      const upstream = upstreamReader()
      upstream.push(header(tag, 4))
      if (!Object.values(BACKEND_TAGS).includes(tag)) assert.throws(() => upstream.next(), ProtocolError, `${tag}`)
    }
  })

  test('at its limit is awaited and one byte over it is a ProtocolError, for every kind', () => {
    for (const [kind, tag] of Object.entries(BACKEND_TAGS)) {
      const max = Object.entries(EVERY_BACKEND).find(([name]) => name === kind)?.[1].max ?? 0
      const fits = upstreamReader()
      fits.push(header(tag, max))
      if (max > 8) assert.equal(fits.next(), undefined, kind)
      const over = upstreamReader()
      over.push(header(tag, max + 1))
      assert.throws(() => over.next(), ProtocolError, kind)
    }
  })

  test('does not make the reader take memory for a body that never comes', () => {
    const before = process.memoryUsage().arrayBuffers
    const readers = Array.from({ length: 64 }, () => upstreamReader())
    for (const reader of readers) {
      reader.push(header(BACKEND_TAGS.dataRow, 32 * 1024 * 1024))
      assert.equal(reader.next(), undefined)
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024)
  })
})

describe('limits', () => {
  test('of a phase refuse what has no place in it', () => {
    for (const tag of ['Q', 'P', 'B', 'E', 'd', 'F']) {
      const reader = clientReader(CLIENT_AUTHENTICATING)
      reader.push(frameOf(tag, ''))
      assert.throws(() => reader.next(), ProtocolError, tag)
    }
    const reader = clientReader(CLIENT_SESSION)
    reader.push(frameOf('p', 'secret\0'))
    assert.throws(() => reader.next(), ProtocolError)
  })

  test('change between two frames of one chunk', () => {
    const reader = clientReader(CLIENT_AUTHENTICATING)
    reader.push(Buffer.concat([frameOf('p', 'x\0'), frameOf('Q', 'SELECT 1\0')]))
    assert.equal(reader.next()?.name, 'password')
    reader.allow(CLIENT_SESSION)
    assert.equal(reader.next()?.name, 'query')
  })

  test('may be set otherwise without allowing more kinds', () => {
    const limits = withMax(CLIENT_AUTHENTICATING, { password: 8, query: 1_000 })
    assert.deepEqual(Object.keys(limits), Object.keys(CLIENT_AUTHENTICATING))
    const reader = clientReader(limits)
    reader.push(frameOf('p', 'xxxxx'))
    assert.throws(() => reader.next(), ProtocolError)
  })

  test('give a reason each', () => {
    for (const limit of [...Object.values(EVERY_FRONTEND), ...Object.values(EVERY_BACKEND)])
      assert.ok(limit.reason.length > 5)
  })
})

describe('a scanner with spans', () => {
  const row = (text: string) =>
    frameOf('D', Buffer.concat([Buffer.from([0, 1, 0, 0, 0, text.length]), Buffer.from(text)]))
  const stream = Buffer.concat([
    row('aa'),
    row('bb'),
    row('XX'),
    row('cc'),
    frameOf('C', 'SELECT 4\0'),
    frameOf('Z', 'I'),
  ])
  const replaced = Buffer.concat([
    row('aa'),
    row('bb'),
    row('*'),
    row('cc'),
    frameOf('C', 'SELECT 4\0'),
    frameOf('Z', 'I'),
  ])

  /** A pump that replaces the row with XX. */
  function pump(chunks: readonly Buffer[]): { out: Buffer; pieces: number } {
    const scanner = new FrameScanner({ side: 'backend', limits: UPSTREAM_SESSION })
    const out: Buffer[] = []
    for (const chunk of chunks) {
      const spans = new Spans()
      scanner.push(chunk)
      while (scanner.next()) {
        const { buffer, start, end } = scanner
        if (buffer.subarray(start, end).includes('XX')) spans.put(row('*'))
        else spans.keep(buffer, start, end)
      }
      out.push(...spans.take())
    }
    return { out: Buffer.concat(out), pieces: out.length }
  }

  test('passes on what lies together as one piece and replaces the rest', () => {
    assert.deepEqual(pump([stream]), { out: replaced, pieces: 3 })
  })

  test('passes on the same bytes however they come', () => {
    assertSplitInvariant(stream, (chunks) => pump(chunks).out)
  })

  test('walks a hundred thousand rows without an object for each', () => {
    const chunk = Buffer.concat(Array.from({ length: 1_000 }, () => row('x'.repeat(49))))
    const scanner = new FrameScanner({ side: 'backend', limits: UPSTREAM_SESSION })
    let count = 0
    const start = performance.now()
    for (let round = 0; round < 100; round++) {
      scanner.push(chunk)
      while (scanner.next()) count++
    }
    assert.equal(count, 100_000)
    // Some milliseconds; the bound only catches a change of order.
    assert.ok(performance.now() - start < 250)
  })

  test('counts the bytes that it holds', () => {
    const spans = new Spans()
    spans.keep(stream, 0, 10)
    spans.keep(stream, 10, 12)
    spans.put(Buffer.from('abc'))
    assert.equal(spans.length, 15)
    assert.deepEqual(spans.take(), [stream.subarray(0, 12), Buffer.from('abc')])
    assert.equal(spans.length, 0)
    assert.deepEqual(spans.take(), [])
  })
})

test('a frame of an unknown tag is not made', () => {
  assert.throws(() => backendFrame(0x21, frameOf('!', '')), ProtocolError)
})
