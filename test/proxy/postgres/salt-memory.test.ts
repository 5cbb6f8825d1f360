import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSaltMemory } from '../../../src/proxy/postgres/salt-memory.ts'
import { Secret } from '../../../src/std/secret.ts'

test('one password is salted once for each salt and count, and another password for itself', () => {
  let calls = 0
  const salted = createSaltMemory((password, salt, iterations) => {
    calls += 1
    return Buffer.from(`${password.reveal()} ${salt.toString('hex')} ${iterations}`)
  })
  const [one, two] = [new Secret('one'), new Secret('two')]
  const salt = Buffer.from('salt')
  assert.deepEqual(salted(one, salt, 4096), salted(one, Buffer.from('salt'), 4096))
  assert.equal(calls, 1)
  const others = [salted(two, salt, 4096), salted(one, salt, 4097), salted(one, Buffer.from('tlas'), 4096)]
  assert.equal(calls, 4)
  assert.equal(new Set(others.map(String)).size, 3)
})
