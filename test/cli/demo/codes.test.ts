import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { base32, fromBase32 } from '../../../src/access/base32.ts'
import { counterAt, matchingCounter } from '../../../src/access/totp.ts'
import { createCodes, tellNextCode } from '../../../src/cli/demo/codes.ts'
import { personName } from '../../../src/model/ids.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-codes-'))
after(() => rmSync(folder, { recursive: true }))

const factor = base32(Buffer.from('twenty bytes of seed'))
const bob = { name: personName('bob'), roles: ['approver'], password: '', factor } as const
const never = (ms: number): void => assert.fail(`waits ${ms} ms`)
const counterOf = (code: string): number =>
  matchingCounter(fromBase32(factor) ?? Buffer.alloc(0), code, Date.now()) ?? assert.fail('not a code of now')

test('two codes can be had at once, each later than the one before, as the server takes them', async () => {
  const code = createCodes(bob, never)
  const first = counterOf(await code())
  assert.equal(counterOf(await code()), first + 1)
})

test('a person who asks twice is told the next code, not the same one again', async () => {
  const memory = path.join(folder, 'codes.json')
  const first = counterOf(await tellNextCode(bob, memory, never))
  assert.ok(first >= counterAt(Date.now()) - 1)
  assert.equal(counterOf(await tellNextCode(bob, memory, never)), first + 1)
})
