import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comesFrom } from '../../../src/proxy/ssh/source-address.ts'

const CASES: readonly [allowed: string, source: string, inside: boolean][] = [
  ['10.0.0.0/8', '10.1.2.3', true],
  ['10.0.0.0/8', '11.1.2.3', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['192.168.1.7', '192.168.1.7', true],
  ['192.168.1.7', '192.168.1.8', false],
  ['172.16.0.0/12, 10.0.0.1', '10.0.0.1', true],
  ['2001:db8::/32', '2001:db8::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['0.0.0.0/0', '10.1.2.3', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['', '10.1.2.3', false],
  ['*', '10.1.2.3', false],
  ['10.0.0.0/8,', '10.1.2.3', false],
  ['10.0.0.0/33', '10.1.2.3', false],
  ['10.0.0.0/', '10.1.2.3', false],
  ['10.0.0.0/8/8', '10.1.2.3', false],
  ['10.0.0.0/-1', '10.1.2.3', false],
  ['10.0.0.0/8,!10.1.0.0/16', '10.2.2.3', false],
  ['web.internal', '10.1.2.3', false],
  ['10.0.0.0/8', 'unknown', false],
]

for (const [allowed, source, inside] of CASES)
  test(`${source} is ${inside ? '' : 'not '}within "${allowed}"`, () => {
    assert.equal(comesFrom(allowed, source), inside)
  })
