import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Builder } from '../../../src/bytes/builder.ts'
import { contentOf, isLate, packetFault, requestIn, unusableChannel } from '../../../src/protocol/ssh/packets.ts'

const text = (builder: Builder, word: string): Builder => builder.u32(Buffer.byteLength(word)).utf8(word)
const bytes = (builder: Builder): Buffer => Buffer.from(builder.finish())
const kind = (number: number): Buffer => Buffer.of(number, 0, 0, 0, 0, 0, 0, 0, 0)

const FIRST = [1, 2, 3, 4, 7, 20]
const CHANNELS = [80, 81, 82, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100]
const TAKEN: readonly ['client' | 'target', boolean, readonly number[]][] = [
  ['client', false, [...FIRST, 5, 50, 61, 80]],
  ['client', true, [...FIRST, 5, ...CHANNELS]],
  ['target', false, [...FIRST, 6, 51, 52, 53, 60]],
  ['target', true, [...FIRST, ...CHANNELS]],
]

test('each side may say what has a place there, before its login and after it, and nothing else', () => {
  const confirmation = bytes(new Builder().u8(91).u32(0).u32(0).u32(1).u32(32_768))
  for (const [from, hasLoggedIn, taken] of TAKEN)
    for (let number = 0; number < 256; number += 1) {
      const fault = packetFault(number === 91 ? confirmation : kind(number), from, hasLoggedIn)
      const expected = taken.includes(number) ? undefined : `a packet of kind ${number} has no place there`
      assert.equal(fault, expected, `${from} ${hasLoggedIn} ${number}`)
    }
  assert.equal(packetFault(Buffer.alloc(0), 'client', true), undefined)
})

test('what belongs to a login is passed over behind it, where a client says it', () => {
  for (const number of [50, 61]) {
    assert.ok(isLate(kind(number), 'client', true))
    assert.ok(!isLate(kind(number), 'client', false))
    assert.ok(!isLate(kind(number), 'target', true))
  }
})

test('more answers or questions than there are bytes for are a fault, before any room is made for them', () => {
  const answers = (count: number, ...words: string[]): Buffer => {
    const builder = new Builder().u8(61).u32(count)
    for (const word of words) text(builder, word)
    return bytes(builder)
  }
  assert.equal(packetFault(answers(1, '123456'), 'client', false), undefined)
  assert.equal(packetFault(answers(0), 'client', false), undefined)
  assert.match(packetFault(answers(0xffff_ffff, '123456'), 'client', false) ?? '', /more answers/)
  const questions = (count: number): Buffer => {
    const builder = new Builder().u8(60)
    for (const word of ['name', 'what to do', '']) text(builder, word)
    return bytes(text(builder.u32(count), 'Password: ').u8(0))
  }
  assert.equal(packetFault(questions(1), 'target', false), undefined)
  assert.match(packetFault(questions(30_000_000), 'target', false) ?? '', /more answers/)
})

test('a channel has to take packets that something fits into', () => {
  const open = (packet: number): Buffer => bytes(text(new Builder().u8(90), 'session').u32(7).u32(1).u32(packet))
  assert.deepEqual(
    [0, 1, 1023, 1024, 0xffff_ffff].map((size) => unusableChannel(open(size))),
    [7, 7, 7, undefined, undefined],
  )
  const confirm = (packet: number): Buffer => bytes(new Builder().u8(91).u32(0).u32(0).u32(1).u32(packet))
  assert.deepEqual(
    [0, 1023, 1024].map((size) => packetFault(confirm(size), 'target', true) !== undefined),
    [true, true, false],
  )
})

test('a packet that was cut anywhere is left to its reader', () => {
  const whole = [
    bytes(text(new Builder().u8(90), 'session').u32(7).u32(1).u32(32_768)),
    bytes(text(new Builder().u8(98).u32(3), 'exec').u8(1)),
    bytes(text(new Builder().u8(94).u32(3), 'content')),
    bytes(new Builder().u8(61).u32(0)),
  ]
  for (const packet of whole)
    for (let at = 1; at < packet.length; at += 1) {
      const cut = packet.subarray(0, at)
      assert.equal(packetFault(cut, 'client', cut[0] !== 61), undefined)
      assert.equal(unusableChannel(cut), undefined)
      assert.ok(requestIn(cut) === undefined || at >= packet.length - 1 || packet[0] !== 98)
      contentOf(cut)
    }
})

test('content and requests are told by channel, length and name', () => {
  assert.deepEqual(contentOf(bytes(text(new Builder().u8(94).u32(3), 'content'))), { channel: 3, length: 7 })
  assert.deepEqual(contentOf(bytes(text(new Builder().u8(95).u32(3).u32(1), 'words'))), { channel: 3, length: 5 })
  assert.deepEqual(requestIn(bytes(text(new Builder().u8(98).u32(3), 'exec').u8(1))), { channel: 3, name: 'exec', wantsReply: true }) // prettier-ignore
  assert.deepEqual(requestIn(bytes(text(new Builder().u8(80), 'x').u8(0))), { channel: undefined, name: 'x', wantsReply: false }) // prettier-ignore
})
