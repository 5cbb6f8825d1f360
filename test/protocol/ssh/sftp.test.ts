import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { NO_ATTRIBUTES } from '../../../src/protocol/ssh/sftp-attributes.ts'
import { SftpError } from '../../../src/protocol/ssh/sftp-error.ts'
import { MAX_PACKET, SftpReader, type SftpPacket } from '../../../src/protocol/ssh/sftp-framing.ts'
import { entryOf, isPlainPath, lexical, within } from '../../../src/protocol/ssh/sftp-path.ts'
import { readRequest } from '../../../src/protocol/ssh/sftp-read-request.ts'
import {
  knownExtensions,
  readReply,
  readVersion,
  writeStatus,
  writeVersion,
} from '../../../src/protocol/ssh/sftp-replies.ts'
import { writeRequest, type WritableRequest } from '../../../src/protocol/ssh/sftp-write-request.ts'
import { seeded } from '../../support/random.ts'
import { assertSplitInvariant } from '../../support/split.ts'

const attributes = {
  size: 1n,
  owner: { user: 1000, group: 100 },
  mode: 0o644,
  times: { accessed: 1, modified: 2 },
  extended: [[Buffer.from('n'), Buffer.from('v')] as const],
}
const handle = Buffer.from('h1')

/** Requests with their bytes, by draft-ietf-secsh-filexfer-02 and OpenSSH's PROTOCOL. */
const VECTORS: readonly (readonly [request: WritableRequest, hex: string])[] = [
  [{ name: 'init', version: 3 }, '00000005 01 00000003'],
  [
    { name: 'open', id: 1, path: '/a', flags: 26, attributes: { ...NO_ATTRIBUTES, mode: 0o644 } },
    '00000017 03 00000001 00000002 2f61 0000001a 00000004 000001a4',
  ],
  [{ name: 'close', id: 2, handle }, '0000000b 04 00000002 00000002 6831'],
  [
    { name: 'read', id: 3, handle, offset: 0x1_0000_0002n, length: 32768 },
    '00000017 05 00000003 00000002 6831 0000000100000002 00008000',
  ],
  [
    { name: 'write', id: 4, handle, offset: 0xffff_ffff_ffff_ffffn, content: Buffer.from('xyz') },
    '0000001a 06 00000004 00000002 6831 ffffffffffffffff 00000003 78797a',
  ],
  [{ name: 'lstat', id: 5, path: 'é' }, '0000000b 07 00000005 00000002 c3a9'],
  [{ name: 'fstat', id: 6, handle }, '0000000b 08 00000006 00000002 6831'],
  [
    { name: 'setstat', id: 7, path: 'a', attributes },
    '00000038 09 00000007 00000001 61 8000000f 0000000000000001 000003e8 00000064 000001a4 00000001 00000002 00000001 00000001 6e 00000001 76',
  ],
  [{ name: 'fsetstat', id: 8, handle, attributes: NO_ATTRIBUTES }, '0000000f 0a 00000008 00000002 6831 00000000'],
  [{ name: 'opendir', id: 9, path: '.' }, '0000000a 0b 00000009 00000001 2e'],
  [{ name: 'readdir', id: 10, handle }, '0000000b 0c 0000000a 00000002 6831'],
  [{ name: 'remove', id: 11, path: '' }, '00000009 0d 0000000b 00000000'],
  [{ name: 'mkdir', id: 12, path: 'd', attributes: NO_ATTRIBUTES }, '0000000e 0e 0000000c 00000001 64 00000000'],
  [{ name: 'rmdir', id: 13, path: 'd' }, '0000000a 0f 0000000d 00000001 64'],
  [{ name: 'realpath', id: 14, path: '.' }, '0000000a 10 0000000e 00000001 2e'],
  [{ name: 'stat', id: 15, path: 'a' }, '0000000a 11 0000000f 00000001 61'],
  [{ name: 'rename', id: 16, path: 'a', to: 'b' }, '0000000f 12 00000010 00000001 61 00000001 62'],
  [{ name: 'readlink', id: 17, path: 'a' }, '0000000a 13 00000011 00000001 61'],
  [{ name: 'symlink', id: 18, leadsTo: 't', link: 'l' }, '0000000f 14 00000012 00000001 74 00000001 6c'],
  [
    { name: 'posixRename', id: 19, path: 'a', to: 'b' },
    '0000002b c8 00000013 00000018 706f7369782d72656e616d65406f70656e7373682e636f6d 00000001 61 00000001 62',
  ],
  [
    { name: 'statvfs', id: 20, path: '/' },
    '00000021 c8 00000014 00000013 73746174766673406f70656e7373682e636f6d 00000001 2f',
  ],
]

/** The rest of the extensions: their names are long, and the round trip tells enough. */
const MORE: readonly WritableRequest[] = [
  { name: 'fstatvfs', id: 21, handle },
  { name: 'hardlink', id: 22, path: 'a', to: 'b' },
  { name: 'fsync', id: 23, handle },
  { name: 'lsetstat', id: 24, path: 'a', attributes },
  { name: 'limits', id: 25 },
  { name: 'expandPath', id: 26, path: '~/x' },
  { name: 'homeDirectory', id: 27, user: 'bob' },
  { name: 'usersGroups', id: 28, users: Buffer.of(0, 0, 0, 1), groups: Buffer.alloc(0) },
]

const unhex = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const EVERY = [...VECTORS.map(([request]) => request), ...MORE]

function packetsOf(chunks: readonly Buffer[]): SftpPacket[] {
  const reader = new SftpReader()
  const packets: SftpPacket[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let packet = reader.next(); packet !== undefined; packet = reader.next()) packets.push(packet)
  }
  return packets
}

function packetOf(bytes: Buffer): SftpPacket {
  const [packet, more] = packetsOf([bytes])
  assert.ok(packet !== undefined && more === undefined)
  return packet
}

describe('a request', () => {
  for (const [request, hex] of VECTORS)
    test(`${request.name} is written and read by the book`, () => {
      assert.equal(writeRequest(request).toString('hex'), unhex(hex).toString('hex'))
      assert.deepEqual(readRequest(packetOf(unhex(hex))), request)
    })

  for (const request of MORE)
    test(`${request.name} is read as it was written`, () => {
      assert.deepEqual(readRequest(packetOf(writeRequest(request))), request)
    })

  test('stream is the same however it is cut', () => {
    assertSplitInvariant(Buffer.concat(EVERY.map(writeRequest)), (chunks) => packetsOf(chunks).map(readRequest))
  })

  test('cut short anywhere inside is unreadable, and never something else', () => {
    for (const request of EVERY) {
      const whole = writeRequest(request)
      for (let end = 9; end < whole.length; end++) {
        const cut = Buffer.from(whole.subarray(0, end))
        cut.writeUInt32BE(end - 4, 0)
        const { name } = readRequest(packetOf(cut))
        // The name of an extension without its end is another extension.
        assert.ok(name === 'unreadable' || name === 'unknown', `${request.name} at ${end} is ${name}`)
      }
    }
  })

  test('with a byte too many is unreadable', () => {
    for (const request of EVERY.filter(({ name }) => name !== 'init')) {
      const more = Buffer.concat([writeRequest(request), Buffer.of(0)])
      more.writeUInt32BE(more.length - 4, 0)
      assert.equal(readRequest(packetOf(more)).name, 'unreadable', request.name)
    }
  })

  const BAD_NAMES: readonly (readonly [about: string, bytes: Buffer])[] = [
    ['no UTF-8', Buffer.of(0x2f, 0xff)],
    ['an overlong slash', Buffer.of(0xc0, 0xaf)],
    ['a surrogate', Buffer.of(0xed, 0xa0, 0x80)],
    ['a NUL', Buffer.from('/a\0b')],
    ['more than 4096 bytes', Buffer.alloc(4097, 'a')],
  ]
  for (const [about, bytes] of BAD_NAMES)
    test(`whose path is ${about} is unreadable`, () => {
      const head = Buffer.from('0000000007000000010000000', 'hex').subarray(0, 9)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      const packet = Buffer.concat([head, length, bytes])
      packet.writeUInt32BE(packet.length - 4, 0)
      const request = readRequest(packetOf(packet))
      assert.equal(request.name, 'unreadable')
      assert.equal('id' in request && request.id, packet.readUInt32BE(5))
    })

  test('of an unknown kind or extension keeps its id and is unknown', () => {
    assert.deepEqual(readRequest(packetOf(unhex('00000005 63 00000009'))), { name: 'unknown', id: 9 })
    const copy = unhex('00000012 c8 0000000a 00000009 636f70792d64617461')
    assert.deepEqual(readRequest(packetOf(copy)), { name: 'unknown', id: 10 })
  })

  test('with attributes of another version is unreadable', () => {
    assert.equal(readRequest(packetOf(unhex('0000000f 09 00000007 00000002 2f61 00000010'))).name, 'unreadable')
  })
})

describe('a length', () => {
  test('that no packet can have is refused before anything is kept for it', () => {
    for (const hex of ['00000000', '00000004', 'ffffffff', '7fffffff', (MAX_PACKET + 1).toString(16).padStart(8, '0')])
      assert.throws(() => packetsOf([unhex(hex)]), SftpError, hex)
  })

  test('of the longest packet passes', () => {
    const packet = Buffer.alloc(4 + MAX_PACKET, 1)
    packet.writeUInt32BE(MAX_PACKET, 0)
    assert.equal(packetsOf([packet.subarray(0, 100_000), packet.subarray(100_000)])[0]?.bytes.length, packet.length)
  })
})

describe('a reply', () => {
  const REPLIES: readonly (readonly [hex: string, meaning: unknown])[] = [
    ['00000011 65 00000001 00000003 00000000 00000000', { name: 'status', id: 1, code: 3 }],
    ['00000009 65 00000001 00000000', { name: 'status', id: 1, code: 0 }],
    ['0000000b 66 00000002 00000002 6831', { name: 'handle', id: 2, handle }],
    ['0000000c 67 00000003 00000003 78797a', { name: 'data', id: 3, content: Buffer.from('xyz') }],
    [
      '0000001b 68 00000004 00000001 00000002 2f61 00000004 6c6f6e67 00000000',
      { name: 'name', id: 4, count: 1, first: '/a' },
    ],
    ['00000009 68 00000004 00000000', { name: 'name', id: 4, count: 0, first: undefined }],
    ['00000009 69 00000005 00000000', { name: 'attrs', id: 5 }],
    ['00000007 c9 00000006 0102', { name: 'extendedReply', id: 6, body: Buffer.of(1, 2) }],
  ]
  for (const [hex, meaning] of REPLIES)
    test(`${hex.slice(9, 11)} is read`, () => assert.deepEqual(readReply(packetOf(unhex(hex))), meaning))

  test('that contradicts itself ends the transfer', () => {
    const broken = [
      '00000005 66 00000002', // no handle
      '0000000b 67 00000003 00000003 7879', // less than it says
      '0000000d 67 00000003 00000003 78797a78', // more than it says
      '00000009 68 00000004 7fffffff', // names that are not there
      '00000005 09 00000001', // a request
    ]
    for (const hex of broken) assert.throws(() => readReply(packetOf(unhex(hex))), SftpError, hex)
  })

  test('of garbage is an error of the protocol and nothing else', () => {
    const random = seeded(3)
    for (let round = 0; round < 2000; round++) {
      const bytes = Buffer.from(Array.from({ length: 5 + random.below(60) }, () => random.below(256)))
      bytes.writeUInt8(101 + random.below(5), 4)
      const packet = { type: bytes.readUInt8(4), id: 0, bytes }
      try {
        readReply(packet)
      } catch (thrown) {
        assert.ok(thrown instanceof SftpError, String(thrown))
      }
      readRequest({ ...packet, type: random.below(30) })
    }
  })

  test('STATUS of our own is one that is read', () => {
    const status = packetOf(writeStatus(7, { code: 3, message: 'not here' }))
    assert.deepEqual(readReply(status), { name: 'status', id: 7, code: 3 })
    assert.ok(status.bytes.includes('not here'))
  })
})

describe('VERSION', () => {
  const offered = [
    { name: 'posix-rename@openssh.com', data: Buffer.from('1') },
    { name: 'statvfs@openssh.com', data: Buffer.from('3') },
    { name: 'copy-data', data: Buffer.from('1') },
    { name: 'evil@example.com', data: Buffer.from('1') },
    { name: 'limits@openssh.com', data: Buffer.from('1') },
  ]

  test('keeps the extensions that are read here, in the version that is read here', () => {
    const read = readVersion(packetOf(writeVersion(offered)))
    assert.deepEqual(read, { version: 3, extensions: offered })
    assert.deepEqual(
      knownExtensions(read.extensions).map(({ name }) => name),
      ['posix-rename@openssh.com', 'limits@openssh.com'],
    )
  })

  test('that is none, or ends in the middle, is an error', () => {
    for (const hex of ['00000005 65 00000003', '00000009 02 00000003 00000009', '00000006 02 00000003 00'])
      assert.throws(() => readVersion(packetOf(unhex(hex))), SftpError, hex)
  })
})

describe('a path', () => {
  test('is parted into folder and name as a kernel does', () => {
    const cases: readonly (readonly [string, string | undefined])[] = [
      ['a', '. a'],
      ['/a', '/ a'],
      ['a/b', 'a b'],
      ['//a//b//', '//a b'],
      ['../a', '.. a'],
      ['/', undefined],
      ['', undefined],
      ['.', undefined],
      ['..', undefined],
      ['a/..', undefined],
      ['a/./', undefined],
    ]
    for (const [path, expected] of cases) {
      const entry = entryOf(path)
      assert.equal(entry && `${entry.parent} ${entry.name}`, expected, path)
    }
  })

  test('is joined and made plain without touching links', () => {
    assert.equal(within('/', 'a'), '/a')
    assert.equal(within('/a', 'b'), '/a/b')
    assert.equal(lexical('/a/b', '../c/./d//'), '/a/c/d')
    assert.equal(lexical('/a', '/x/../../y'), '/y')
    for (const plain of ['/', '/a', '/a/b c']) assert.ok(isPlainPath(plain), plain)
    for (const other of ['', 'a', '/a/', '/a/../b', '//a', '/./a']) assert.ok(!isPlainPath(other), other)
  })
})
