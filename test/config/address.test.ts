import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, parseAddress, printAddress } from '../../src/config/address.ts'
import { parseSize } from '../../src/config/size.ts'

const addresses: readonly [text: string, host: string | undefined, port?: number][] = [
  ['127.0.0.1:5432', '127.0.0.1', 5432],
  ['db-1.internal:1', 'db-1.internal', 1],
  ['[::1]:5432', '::1', 5432],
  ['[2001:db8::7]:65535', '2001:db8::7', 65_535],
  ['::1:5432', undefined],
  ['[db]:5432', undefined],
  ['[127.0.0.1]:5432', undefined],
  ['db', undefined],
  ['db:', undefined],
  ['db:65536', undefined],
  ['db:-1', undefined],
  [':5432', undefined],
  ['db:5432/x', undefined],
  ['a b:5432', undefined],
]

test('an address is a host and a port', () => {
  for (const [text, host, port] of addresses) {
    const found = parseAddress(text)
    assert.deepEqual(found, host === undefined ? undefined : { host, port }, text)
    if (found !== undefined) assert.equal(printAddress(found), text)
  }
})

test('only what never leaves the machine is loopback', () => {
  const yes = ['localhost', 'LOCALHOST', '127.0.0.1', '127.255.0.9', '::1', '[::1]', '0:0:0:0:0:0:0:1']
  const no = ['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '127.0.0.1.example.com', 'db', '128.0.0.1', '']
  assert.deepEqual(
    yes.filter((host) => !isLoopback(host)),
    [],
  )
  assert.deepEqual(no.filter(isLoopback), [])
})

test('a size is bytes or a number with a unit', () => {
  const rows: readonly [unknown, number | undefined][] = [
    ['1MiB', 1_048_576],
    ['512KiB', 524_288],
    ['7B', 7],
    [65_536, 65_536],
    ['1MB', undefined],
    ['1.5MiB', undefined],
    ['MiB', undefined],
    [-1, undefined],
    [0, undefined],
    [1.5, undefined],
    [true, undefined],
  ]
  for (const [value, bytes] of rows) assert.equal(parseSize(value), bytes, String(value))
})
