import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCertificate, type UserAuthority } from '../../../src/protocol/ssh/certificate-check.ts'
import { mintCertificate } from '../../../src/protocol/ssh/certificate-mint.ts'
import { readCertificate, type Certificate } from '../../../src/protocol/ssh/certificate.ts'
import { packed } from '../../../src/protocol/ssh/fields.ts'
import { isFault } from '../../../src/protocol/ssh/public-key.ts'
import { craft, HOUR, newAuthority, NOW, option, type Crafted } from './certificates.ts'

const [ca, alice, stranger] = [newAuthority(), newAuthority(), newAuthority()]
const OWN: UserAuthority = { key: ca.key, checksFactor: true, own: true }

function read(changes: Partial<Crafted> = {}): Certificate {
  const found = readCertificate(craft(ca, alice, changes))
  assert.ok(!isFault(found), isFault(found) ? found.fault : '')
  return found
}

test('a certificate that was minted reads as it was wished', () => {
  const wish = {
    ...{ key: alice.key, serial: 2n ** 64n - 1n, keyId: 'alice/1', principals: ['alice', 'bob'] },
    ...{ validAfter: NOW, validBefore: NOW + HOUR + 999, extensions: ['permit-pty', 'permit-X11-forwarding'] },
    nonce: Buffer.alloc(16, 7),
  }
  const found = readCertificate(mintCertificate(ca, wish))
  assert.ok(!isFault(found))
  const { key, authority, ...rest } = found
  assert.ok(key.blob.equals(alice.key.blob) && authority.blob.equals(ca.key.blob))
  assert.deepEqual(rest, {
    ...{
      serial: wish.serial,
      keyId: 'alice/1',
      principals: ['alice', 'bob'],
      validAfter: NOW,
      validBefore: NOW + HOUR,
    },
    ...{ forceCommand: undefined, sourceAddress: undefined },
    extensions: new Set(['permit-X11-forwarding', 'permit-pty']),
  })
})

test('both critical options that are known are read', () => {
  const critical = Buffer.concat([option('force-command', 'ls -l "ä"'), option('source-address', '10.0.0.0/8')])
  const { forceCommand, sourceAddress } = read({ critical })
  assert.deepEqual([forceCommand, sourceAddress], ['ls -l "ä"', '10.0.0.0/8'])
})

const DAMAGED: readonly [what: string, changes: Partial<Crafted>, said: RegExp][] = [
  ['a certificate of a host', { kind: 2 }, /no certificate of a user/],
  ['one of no kind', { kind: 0 }, /no certificate of a user/],
  ['a type that is not known', { type: 'ssh-ed25519-cert-v02@openssh.com' }, /not known/],
  ['a type of another key', { type: 'ssh-rsa-cert-v01@openssh.com' }, /damaged|not known|exponent/],
  ['a critical option that is not known', { critical: option('verify-required') }, /verify-required is not known/],
  [
    'options out of order',
    { critical: Buffer.concat([option('source-address', 'x'), option('force-command', 'x')]) },
    /damaged/,
  ],
  [
    'an option twice',
    { critical: Buffer.concat([option('force-command', 'a'), option('force-command', 'b')]) },
    /damaged/,
  ],
  ['a command with a NUL', { critical: option('force-command', 'a\0b') }, /damaged/],
  ['an option without its string', { critical: option('force-command') }, /damaged/],
  ['a key id that is not printable', { keyId: Buffer.from('a\u001bb') }, /damaged/],
  ['a name that is not printable', { principals: packed(['al\nice']) }, /damaged/],
  ['a list of names that is cut', { principals: packed(['alice']).subarray(0, 6) }, /damaged/],
  ['more names than anybody has', { principals: packed(Array.from({ length: 65 }, () => 'a')) }, /damaged/],
  ['bytes behind its end', { tail: Buffer.of(0) }, /damaged/],
  ['the name of a CA that has not signed it', { authority: stranger.key.blob }, /not signed by the key/],
  ['a CA that is itself a certificate', { authority: craft(ca, stranger) }, /not taken/],
]

for (const [what, changes, said] of DAMAGED)
  test(`${what} is refused`, () => {
    const found = readCertificate(craft(ca, alice, changes))
    assert.ok(isFault(found))
    assert.match(found.fault, said)
  })

test('a certificate that was cut anywhere or has one bit changed anywhere is refused', () => {
  const whole = craft(ca, alice)
  for (let at = 0; at < whole.length; at += 1) {
    assert.ok(isFault(readCertificate(whole.subarray(0, at))), `cut at ${at}`)
    const changed = Buffer.from(whole)
    changed[at] = (changed[at] ?? 0) ^ 0x10
    assert.ok(isFault(readCertificate(changed)), `changed at ${at}`)
  }
})

interface Question {
  readonly what: string
  readonly changes?: Partial<Crafted>
  readonly now?: number
  readonly person?: string
  readonly authority?: Partial<UserAuthority>
  readonly why: RegExp | undefined
}

const QUESTIONS: readonly Question[] = [
  { what: 'in its time, for its name', why: undefined },
  { what: 'thirty seconds before its start', now: NOW - 90_000, why: undefined },
  { what: 'a millisecond before those', now: NOW - 90_001, why: /not valid yet/ },
  { what: 'in its last millisecond', now: NOW + HOUR - 1, why: undefined },
  { what: 'at its end', now: NOW + HOUR, why: /no longer valid/ },
  { what: 'whose end is before its start', changes: { before: 0n }, why: /at no time/ },
  { what: 'for another name', person: 'bob', why: /another name/ },
  { what: 'for a name that hers begins', person: 'ali', why: /another name/ },
  { what: 'for no name', changes: { principals: packed([]) }, why: /another name/ },
  { what: 'for every name', changes: { principals: packed(['*']) }, why: /another name/ },
  { what: 'of another CA', authority: { key: stranger.key }, why: /not known here/ },
  { what: 'for ever, with no factor asked for', changes: { before: 0xffff_ffff_ffff_ffffn }, why: /longer than/ },
  {
    what: 'for ever, with a factor beside it',
    changes: { before: 0xffff_ffff_ffff_ffffn },
    authority: { checksFactor: false },
    why: undefined,
  },
  { what: 'for a day and a minute', changes: { before: BigInt(NOW / 1000 + 86_400) }, why: /longer than/ },
]

for (const { what, changes, now = NOW, person = 'alice', authority, why } of QUESTIONS)
  test(`a certificate ${what} ${why === undefined ? 'stands' : 'is refused'}`, () => {
    const verdict = checkCertificate(read(changes), { authorities: [{ ...OWN, ...authority }], person, now })
    assert.equal(verdict.outcome, why === undefined ? 'stands' : 'refused')
    if (why !== undefined && verdict.outcome === 'refused') assert.match(verdict.why, why)
  })
