import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BytesError } from '../../../src/bytes/bytes-error.ts'
import { askForCertificate, ecdhInit, hostKeyOf, PlainPackets } from '../../../src/protocol/ssh/first-exchange.ts'

const HELLO = Buffer.from('Welcome\r\nSSH-2.0-OpenSSH_9.2p1 Debian\r\n')
const KEXINIT = askForCertificate(Buffer.alloc(16, 7))
const INIT = ecdhInit(Buffer.alloc(32, 9))
const SAID = Buffer.concat([HELLO, KEXINIT, INIT])

function cut(at: readonly number[]): Buffer[] {
  const reader = new PlainPackets()
  const ends = [...at, SAID.length]
  return ends.flatMap((end, index) => reader.push(SAID.subarray(ends[index - 1] ?? 0, end)))
}

test('packets are whole blocks of eight bytes, with four bytes of padding at least', () => {
  for (const packet of [KEXINIT, INIT]) {
    assert.equal(packet.length % 8, 0)
    assert.equal(packet.readUInt32BE(0), packet.length - 4)
    assert.ok((packet[4] ?? 0) >= 4)
  }
})

test('whatever way they are cut, the same payloads come out', () => {
  const [first, second] = cut([])
  assert.ok(first && second)
  assert.deepEqual([first[0], second[0]], [20, 30])
  assert.ok(first.includes('rsa-sha2-512-cert-v01@openssh.com'))
  assert.deepEqual(hostKeyOf(second), Buffer.alloc(32, 9))
  for (let at = 1; at < SAID.length; at += 1) assert.deepEqual(cut([at]), [first, second], `cut at ${at}`)
  assert.deepEqual(cut(Array.from({ length: SAID.length - 1 }, (_, at) => at + 1)), [first, second])
})

const STRANGE: readonly [what: string, bytes: Buffer][] = [
  ['no identification for kilobytes', Buffer.alloc(9000, 0x61)],
  ['lines and no identification for ever', Buffer.from('x\r\n'.repeat(20_000))],
  ['a packet of four gigabytes', Buffer.concat([HELLO, Buffer.alloc(8, 0xff)])],
  ['a packet of nothing', Buffer.concat([HELLO, Buffer.alloc(8)])],
  ['a packet of padding alone', Buffer.concat([HELLO, Buffer.from([0, 0, 0, 12, 11]), Buffer.alloc(11)])],
]

for (const [what, bytes] of STRANGE)
  test(`${what}: an error, and no memory for it`, () => {
    const reader = new PlainPackets()
    assert.throws(() => {
      for (let at = 0; at < bytes.length; at += 4096) reader.push(bytes.subarray(at, at + 4096))
    }, BytesError)
  })
