import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Builder } from '../../../src/bytes/builder.ts'
import { NO_ATTRIBUTES, writeAttributes } from '../../../src/protocol/ssh/sftp-attributes.ts'
import { SftpError } from '../../../src/protocol/ssh/sftp-error.ts'
import type { SftpPacket } from '../../../src/protocol/ssh/sftp-framing.ts'
import { checkListing, wordsOf } from '../../../src/protocol/ssh/sftp-names.ts'

const packetOf = (type: number, body: Builder): SftpPacket => {
  const bytes = Buffer.from(new Builder().u32(0).u8(type).u32(9).bytes(body.finish()).finish())
  bytes.writeUInt32BE(bytes.length - 4, 0)
  return { type, id: 9, bytes }
}

const text = (builder: Builder, word: string): Builder => builder.u32(Buffer.byteLength(word)).utf8(word)

function listing(...entries: [name: string, long: string][]): SftpPacket {
  const builder = new Builder().u32(entries.length)
  for (const [name, long] of entries) {
    text(text(builder, name), long)
    writeAttributes(builder, { ...NO_ATTRIBUTES, size: 5n, mode: 0o100644 })
  }
  return packetOf(104, builder)
}

test('names of a folder pass as they are, the folder itself and the one above it among them', () => {
  const packet = listing(['.', '.'], ['..', '..'], ['ä \u001b[31m', '-rw-r--r-- 1 root'], ['a\nb', 'x'])
  const before = Buffer.from(packet.bytes)
  checkListing(packet)
  assert.ok(packet.bytes.equals(before))
})

test('a name that would lead elsewhere is none', () => {
  for (const name of ['../../.ssh/authorized_keys', '/etc/passwd', 'a/b', '', 'a\0b'])
    assert.throws(() => checkListing(listing(['fine', 'fine'], [name, name])), SftpError, JSON.stringify(name))
})

test('in the form for people nothing is left that a terminal acts on', () => {
  const packet = listing(['fine', '-rw-r--r-- \u001b]0;owned\u0007 fine\u007f'])
  checkListing(packet)
  assert.ok(packet.bytes.toString('latin1').includes('-rw-r--r-- ?]0;owned? fine?'))
})

test('a listing that says more or less than it announces is broken', () => {
  const { bytes } = listing(['a', 'a'])
  for (const changed of [bytes.subarray(0, bytes.length - 1), Buffer.concat([bytes, Buffer.of(0)])])
    assert.throws(() => checkListing({ type: 104, id: 9, bytes: changed }), SftpError)
  const more = Buffer.from(bytes)
  more.writeUInt32BE(2, 9)
  assert.throws(() => checkListing({ type: 104, id: 9, bytes: more }), SftpError)
})

test('the words of a status are read where it has any', () => {
  const status = text(text(new Builder().u32(4), 'No such file'), 'en')
  assert.deepEqual(wordsOf(packetOf(101, status)), { code: 4, message: 'No such file' })
  assert.equal(wordsOf(packetOf(101, new Builder().u32(0))), undefined)
  assert.equal(wordsOf(packetOf(103, text(new Builder(), 'content'))), undefined)
})
