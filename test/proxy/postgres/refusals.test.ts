import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorResponse, notice } from '../../../src/proxy/postgres/refusals.ts'

test('what we say ourselves repeats no card number that somebody typed as a name or as a reason', () => {
  const [message, detail, hint] = ['no "4111111111111111"', 'for 4111 1111 1111 1111', 'not 4111-1111-1111-1111']
  const bytes = Buffer.concat([errorResponse({ code: '42501', message, detail, hint }), notice(message)]).toString()
  assert.doesNotMatch(bytes, /4111.?1111.?1111.?1111/)
  assert.equal(bytes.split('411111******1111').length, 3)
})
