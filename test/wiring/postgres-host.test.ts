import assert from 'node:assert/strict'
import { test } from 'node:test'
import { postgresHost } from '../../src/wiring/postgres-host.ts'

const CASES: readonly [listens: string, publicUrl: string, named: string][] = [
  ['127.0.0.1', 'https://countersign.example.com', '127.0.0.1'],
  ['10.1.2.3', 'https://countersign.example.com', '10.1.2.3'],
  ['0.0.0.0', 'https://countersign.example.com:8443', 'countersign.example.com'],
  ['::', 'https://countersign.example.com', 'countersign.example.com'],
  ['0.0.0.0', 'https://[2001:db8::1]:8443', '2001:db8::1'],
]

for (const [host, publicUrl, named] of CASES) {
  test(`a DSN for a listener on ${host} behind ${publicUrl} names ${named}`, () => {
    const listen = { postgres: { host, port: 6432 }, http: { host: '127.0.0.1', port: 8080 } }
    assert.equal(postgresHost({ listen, publicUrl }), named)
  })
}
