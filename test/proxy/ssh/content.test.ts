import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { CardCount } from '../../../src/proxy/ssh/card-count.ts'
import { Content } from '../../../src/proxy/ssh/content.ts'
import { seeded } from '../../support/random.ts'

const PAN = '4012888888881881'

/** Bytes as a program writes them, with NUL and everything else, but never 13 digits in a row. */
function binary(size: number, seed: number): Buffer {
  const random = seeded(seed)
  return Buffer.from(Array.from({ length: size }, (_, at) => (at % 11 === 0 ? 0 : random.below(256))))
}

function counted(pieces: readonly Buffer[]): number {
  const cards = new CardCount()
  for (const piece of pieces) cards.push(piece)
  cards.cut()
  return cards.count
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

describe('card numbers in content', () => {
  test('are found in text over every edge between two pieces', () => {
    const text = Buffer.from(`a,${PAN}\nb,4012-8888-8888-1881\nc,nothing\n`)
    for (let size = 1; size <= text.length; size++) assert.equal(counted(cut(text, size)), 2, String(size))
  })

  test('are found in what is no text, wherever they lie and however it is cut', () => {
    for (const size of [7, 64, 100, 1000, 4096]) {
      for (let at = 0; at < 200; at += 13) {
        const [before, behind] = [binary(2000 + at, at + 1), binary(1500, at + 2)]
        const bytes = Buffer.concat([before, Buffer.from(`\0${PAN}\0`), behind])
        assert.equal(counted(cut(bytes, size)), 1, `${size} at ${at}`)
      }
    }
  })

  test('are not where there are none', () => {
    assert.equal(counted(cut(binary(100_000, 9), 8192)), 0)
    assert.equal(counted([Buffer.from('4012888888881882, 1234567890123')]), 0)
  })

  test('are not put together from pieces that do not follow one another', () => {
    const content = new Content()
    content.push(0n, Buffer.from(PAN.slice(0, 8)))
    content.push(100n, Buffer.from(PAN.slice(8)))
    assert.equal(content.finish().pans, 0)
  })

  test('are told with the piece that completes them', () => {
    const content = new Content()
    assert.equal(content.push(0n, Buffer.from(`x ${PAN.slice(0, 8)}`)), 0)
    assert.equal(content.push(10n, Buffer.from(`${PAN.slice(8)} y`)), 1)
  })
})

describe('content', () => {
  const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

  test('in order has a hash, and is whole once its end is known', () => {
    const content = new Content()
    content.push(0n, Buffer.from('ab'))
    content.push(2n, Buffer.from('c'))
    content.end(3n)
    assert.deepEqual(content.finish(), { bytes: 3, sha256: hashOf('abc'), whole: true, pans: 0 })
    const open = new Content()
    open.push(0n, Buffer.from('abc'))
    open.end(9n)
    assert.deepEqual(open.finish(), { bytes: 3, sha256: hashOf('abc'), whole: false, pans: 0 })
  })

  test('of nothing is the hash of nothing', () => {
    assert.deepEqual(new Content().finish(true), { bytes: 0, sha256: hashOf(''), whole: true, pans: 0 })
  })

  test('that comes twice, from the middle or not at all in part has none', () => {
    const twice = new Content()
    twice.push(0n, Buffer.from('ab'))
    twice.push(0n, Buffer.from('ab'))
    const middle = new Content()
    middle.push(5n, Buffer.from('ab'))
    const spoilt = new Content()
    spoilt.push(0n, Buffer.from('ab'))
    spoilt.spoil()
    for (const content of [twice, middle, spoilt]) {
      const { sha256, whole } = content.finish(true)
      assert.deepEqual([sha256, whole], [undefined, false])
    }
  })
})
